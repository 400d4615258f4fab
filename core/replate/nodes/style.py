"""Style: the plate, redrawn by a generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ..params import Param
from .base import Input, Node, Shots

if TYPE_CHECKING:
    from ..frame import Frame

__all__ = ["Style"]


class Style(Node):
    """Colour to black and white, live action to painting, or any look that a generator holds."""

    name: ClassVar[str] = "style"
    title: ClassVar[str] = "Style"
    help: ClassVar[str] = "Redraw the plate in the look of a generator: black-and-white film, painting, your own."
    default_generator: ClassVar[str] = "painted"
    inputs: ClassVar[tuple[Input, ...]] = (
        Input(name="plate", help="the shot to redraw", required=True),
        Input(name="mask", help="where to redraw it: white is inside, black stays untouched"),
    )
    params: ClassVar[tuple[Param, ...]] = (
        Param(
            name="mix",
            kind="float",
            default=1.0,
            minimum=0.0,
            maximum=1.0,
            help="How much of the result lies over the plate; 0 leaves the plate untouched.",
        ),
        Param(
            name="strength",
            kind="float",
            default=1.0,
            minimum=0.0,
            maximum=2.0,
            help="How far the look goes, in the generator's own space; above 1 exaggerates it.",
        ),
        Param(
            name="confidence",
            kind="bool",
            default=False,
            keyable=False,
            section="Output",
            help="Add the layer replate.confidence: the discriminator's opinion, 0 where the result looks made up.",
        ),
    )

    def process(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """Redraw `frames["plate"][0]`, weighted by mix and by the mask where there is one."""
        from .. import compositing

        plate = frames["plate"][0]
        matte = compositing.matte_of(frames["mask"][0], plate) if "mask" in frames else None
        weight = values["mix"] if matte is None else matte * values["mix"]
        return compositing.redraw(plate, self.engine, weight=weight, values=values)
