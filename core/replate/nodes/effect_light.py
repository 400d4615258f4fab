"""Effect of the family "light": what lenses, film and air make of the lights in a plate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..params import Param, Setting
from .base import Input, Shots
from .effect import HOLDOUT, HOLDOUT_PARAMS, PLATE, Effect
from .effect_optics import OPTICS_PARAMS
from .effect_shine import SHINE_PARAMS
from .layer import layer
from .mask import MASK

if TYPE_CHECKING:
    from ..card import Card
    from ..effects.optics.lamp import Lamp
    from ..frame import Frame

__all__ = ["LightEffect"]

OUTPUT_PARAMS: tuple[Param, ...] = (
    Param(
        name="alpha",
        kind="bool",
        default=False,
        section="Output",
        help="Let the alpha rise with the light; off, light is added and the alpha stays as it is.",
    ),
    layer("layer.light", "Add the layer replate.light: the added light alone, for a comp of your own."),
)


class LightEffect(Effect):
    """Glow, halation, stars, shafts of light and ghosts, added around lights that stay as they are."""

    title: ClassVar[str] = "Effect: light"
    help: ClassVar[str] = "Add what lenses, film and hazy air make of the lights in a plate; nothing is taken away."
    family: ClassVar[str] = "light"
    inputs: ClassVar[tuple[Input, ...]] = (
        PLATE,
        replace(MASK, help="a matte of what shines; without one, all that is brighter than the threshold"),
        replace(HOLDOUT, help="a matte of what stands in front of the lights, and shades the air behind it"),
    )
    params: ClassVar[tuple[Param, ...]] = (
        *Effect.params,
        *SHINE_PARAMS,
        *OPTICS_PARAMS,
        *HOLDOUT_PARAMS,
        *OUTPUT_PARAMS,
    )

    @classmethod
    def notes(cls, card: Card, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """Nothing is drawn where every amount is 0."""
        amounts = [name for name in settings if name.endswith(".amount")]
        if any(settings[name] != 0 for name in amounts):
            return ()
        return ("every amount is 0, so no light is added; set glow.amount or another",)

    @classmethod
    def check(cls, inputs: Collection[str], settings: Mapping[str, Setting]) -> None:
        """Light of the mask's own needs a mask."""
        from ..errors import UsageError

        if settings.get("mask.light") and "mask" not in inputs:
            raise UsageError("mask.light is light of the mask's own; give a --mask, or set it to 0", parameter="mask")

    @cached_property
    def _lamp(self) -> Lamp:
        from ..effects.optics.lamp import Lamp

        return Lamp(self.engine)

    def process(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """Add light around the lights of `frames["plate"][0]`."""
        return self._lamp.shine(frames, values)
