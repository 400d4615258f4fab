"""The work of the Style node: a plate through a generator, alone or steadied by its neighbours."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np

from .color import Transform, transform
from .compositing import Array, Light, matte_of, mixed, with_layer
from .frame import Frame
from .nodes.base import Engine, Shots
from .temporal import steady

__all__ = ["Stylist"]


class Stylist:
    """Redraws frames with one generator. Remembers neighbours' results, which saves time and changes nothing."""

    def __init__(self, engine: Engine, *, remember: int) -> None:
        self.engine = engine
        self._remember = remember
        self._looks: OrderedDict[tuple[int, str], Array] = OrderedDict()

    def redraw(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """`frames["plate"][0]` redrawn, weighted by mix and by the mask where there is one."""
        plates = frames["plate"]
        plate, light = plates[0], Light.of(plates[0])
        weight = values["mix"] * matte_of(frames["mask"][0], plate) if "mask" in frames else values["mix"]
        confidence = None
        if values["steady"] and len(plates) > 1:
            rgb = mixed(light, self._steadied(plates, values), weight)
        else:
            rgb, confidence = self._look(plate, light, values, weight=weight)
        frame = light.put_back(plate, rgb)
        return with_layer(frame, "replate.confidence", confidence) if values["confidence"] else frame

    def _look(
        self, plate: Frame, light: Light, values: Mapping[str, Any], *, weight: float | Array = 1.0
    ) -> tuple[Array, Array | None]:
        """The generator's result mixed over the plate, and its confidence."""
        generator = self.engine.generator
        return generator.apply(
            light.rgb,
            transform=self._space(plate),
            alpha=light.alpha,
            weight=weight,
            strength=values["strength"],
            tile=self.engine.tile,
            controls={param.name: values[param.name] for param in generator.card.controls},
            confidence=values["confidence"],
        )

    def _space(self, plate: Frame) -> Transform:
        return transform(plate.space, self.engine.generator.card.space)

    def _steadied(self, plates: Mapping[int, Frame], values: Mapping[str, Any]) -> Array:
        """The result of frame 0 blended with its neighbours', in the plate's own space."""
        space = self._space(plates[0])
        looks = {offset: space.forward(self._remembered(plate, values)) for offset, plate in plates.items()}
        seen = {offset: space.forward(np.nan_to_num(Light.of(plate).rgb)) for offset, plate in plates.items()}
        return space.inverse(steady(looks, seen, amount=values["steady"]))

    def _remembered(self, plate: Frame, values: Mapping[str, Any]) -> Array:
        """A frame's full result with these values, made once for all the windows that it falls into."""
        key = (plate.number, repr(sorted(values.items())))
        if key not in self._looks:
            self._looks[key] = np.nan_to_num(self._look(plate, Light.of(plate), values)[0])
        self._looks.move_to_end(key)
        while len(self._looks) > self._remember:
            self._looks.popitem(last=False)
        return self._looks[key]
