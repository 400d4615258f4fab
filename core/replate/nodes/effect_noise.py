"""Effect from noise: a picture for every seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..errors import UsageError
from ..params import Param
from .base import Engine, Input, Shots
from .effect import PLATE, Effect
from .mask import MASK, mask_values

if TYPE_CHECKING:
    from ..frame import Frame
    from ..picture.compositing import Array

__all__ = ["NoiseEffect"]


class NoiseEffect(Effect):
    """A picture made from noise: every seed has its own, and between two whole seeds lies a way from one to the
    other."""

    title: ClassVar[str] = "Effect: pictures from noise"
    help: ClassVar[str] = "Lay a picture that a generator makes from a seed over the plate, or over nothing."
    inputs: ClassVar[tuple[Input, ...]] = (PLATE, MASK)
    params: ClassVar[tuple[Param, ...]] = (
        *Effect.params,
        Param(
            name="seed",
            kind="float",
            default=0.0,
            soft=(0.0, 100.0),
            help="Which picture. Every whole number has its own; between two, a blend of both: key it to move.",
        ),
        Param(
            name="variety",
            kind="float",
            default=1.0,
            minimum=0.0,
            maximum=2.0,
            help="How far seeds differ: 0 gives all of them the usual picture, above 1 they grow strange.",
        ),
    )

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._noise = engine.generator.card.input("noise")
        if self._noise is None:
            raise UsageError(
                f"generator '{engine.generator.card.name}' takes no noise and names no family, so the node effect has "
                "nothing to give it; train one with 'replate train dcgan'",
                parameter="generator",
            )

    def process(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """Lay the picture of this seed over `frames["plate"][0]`, where it covers the display window."""
        import numpy as np

        from ..picture.compositing import laid_over, over, seen_through
        from ..picture.matte import matte_of

        plate = frames["plate"][0]
        window, display = plate.data_window.unite(plate.display_window), plate.display_window
        whole = seen_through(plate, window)
        weight = values["mix"] * over(np.ones((display.height, display.width, 1), np.float32), display, window)
        if "mask" in frames:
            weight = weight * matte_of(frames["mask"][0], whole, **mask_values(values))
        return laid_over(whole, over(self._picture(plate, values), display, window), weight) if weight.any() else plate

    def _picture(self, plate: Frame, values: Mapping[str, Any]) -> Array:
        """The picture over the display window, H x W x 3 in the plate's space."""
        import numpy as np

        from ..color import transform
        from ..picture.noise import noise

        generator, size = self.engine.generator, plate.display_window
        assert self._noise is not None
        return generator.apply(
            np.zeros((size.height, size.width, 3), np.float32),
            transform=transform(plate.space, generator.card.space),
            noise=noise(values["seed"], self._noise.length, variety=values["variety"]),
            controls={param.name: values[param.name] for param in generator.card.controls},
        )[0]
