"""The work of the Style node: a plate through a generator, alone or steadied by its neighbours."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from .color import Transform, transform
from .frame import Frame
from .news.once import Once
from .nodes.base import Engine, Shots
from .nodes.mask import BLACK_MASK, mask_values
from .picture import panorama
from .picture.compositing import Array, Light, mixed, over, seen_through
from .picture.grade import Grade
from .picture.guides import guides_for
from .picture.matte import matte_of
from .picture.temporal import steady

__all__ = ["Stylist"]

log = logging.getLogger(__name__)


class Stylist:
    """Redraws frames with one generator. Remembers neighbours' results, which saves time and changes nothing."""

    def __init__(self, engine: Engine, *, reach: int) -> None:
        self.engine = engine
        self._reach = reach
        self._tell = Once(log)
        self._looks: dict[str, OrderedDict[tuple[int, str], tuple[Array, Array | None]]] = {}

    def redraw(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """`frames["plate"][0]` redrawn, weighted by mix and by the mask where there is one."""
        window = frames["plate"][0].data_window
        if self.engine.around:
            frames = {**frames, "plate": {offset: panorama.whole(plate) for offset, plate in frames["plate"].items()}}
            self._check_sphere(frames["plate"][0])
        return seen_through(self._redrawn(frames, values), window)

    def _redrawn(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        plate, light = frames["plate"][0], Light.of(frames["plate"][0])
        weight = values["mix"] * self._matte(frames, values)
        neighbours = [offset for offset in sorted(frames["plate"]) if 0 < abs(offset) <= self._reach]
        if values["steady"] and neighbours:
            rgb = mixed(light, self._steadied(frames, neighbours, values), weight)
            confidence = _where_touched(self._remembered(plate, frames, values)[1], weight)
        else:
            rgb, confidence = self._look(plate, light, frames, values, weight=weight)
        return light.put_back(plate, rgb, {} if confidence is None else {"replate.confidence": confidence})

    def _check_sphere(self, plate: Frame) -> None:
        width, height = plate.display_window.width, plate.display_window.height
        if not panorama.is_sphere(width, height):
            self._tell(plate, f"{width}x{height} is no whole sphere; its sides are joined, its poles stay stretched")

    def _matte(self, frames: Shots, values: Mapping[str, Any]) -> float | Array:
        """The mask's matte over the plate, 1 where there is no mask."""
        if "mask" not in frames:
            return 1.0
        matte = matte_of(frames["mask"][0], frames["plate"][0], **mask_values(values), around=self.engine.around)
        if not matte.any():
            self._tell(frames["plate"][0], BLACK_MASK)
        return matte

    def _look(
        self, plate: Frame, light: Light, frames: Shots, values: Mapping[str, Any], *, weight: float | Array = 1.0
    ) -> tuple[Array, Array | None]:
        """The generator's result mixed over the plate, and its confidence."""
        generator = self.engine.generator
        apply = partial(panorama.apply, generator) if self.engine.around else generator.apply
        return apply(
            light.rgb,
            transform=self._space(plate),
            alpha=light.alpha,
            weight=weight,
            strength=values["strength"],
            tile=self.engine.tile,
            controls={param.name: values[param.name] for param in generator.card.controls},
            guides=guides_for(generator.card, plate, frames, around=self.engine.around),
            grade=Grade.of(values),
            confidence=values["confidence"],
            origin=(plate.data_window.x - plate.display_window.x, plate.data_window.y - plate.display_window.y),
        )

    def _space(self, plate: Frame) -> Transform:
        return transform(plate.space, self.engine.generator.card.space)

    def _steadied(self, frames: Shots, offsets: Sequence[int], values: Mapping[str, Any]) -> Array:
        """The result of frame 0 blended with its neighbours' at `offsets`, in the plate's own space."""
        plates = frames["plate"]
        space, window = self._space(plates[0]), plates[0].data_window

        def placed(plate: Frame) -> tuple[Array, Array]:
            pictures = self._remembered(plate, frames, values)[0], np.nan_to_num(Light.of(plate).rgb)
            look, light = (space.forward(over(each, plate.data_window, window)) for each in pictures)
            return look, light

        neighbours = (placed(plates[offset]) for offset in offsets)
        result = steady(*placed(plates[0]), neighbours, amount=values["steady"], around=self.engine.around)
        return space.inverse(result)

    def _remembered(self, plate: Frame, frames: Shots, values: Mapping[str, Any]) -> tuple[Array, Array | None]:
        """A frame's full result and confidence with these values, made once for all windows that it falls into."""
        key = (plate.number, repr(sorted(item for item in values.items() if _shows(item[0]))))
        looks = self._looks.setdefault(plate.view, OrderedDict())
        if key not in looks:
            rgb, confidence = self._look(plate, Light.of(plate), frames, values)
            looks[key] = np.nan_to_num(rgb), confidence
        looks.move_to_end(key)
        while len(looks) > 2 * self._reach + 1:
            looks.popitem(last=False)
        return looks[key]


def _shows(name: str) -> bool:
    """Whether a parameter changes what the generator makes, and not only where and how much of it is laid over."""
    return name not in ("mix", "steady") and not name.startswith("mask.")


def _where_touched(confidence: Array | None, weight: float | Array) -> Array | None:
    """1 where the plate stays as it is: nothing was made up there."""
    return None if confidence is None else np.where(np.asarray(weight) > 0, confidence, np.float32(1))
