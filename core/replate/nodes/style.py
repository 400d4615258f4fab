"""Style: the plate, redrawn by a generator."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ..params import Param, Setting
from .base import Input, Node, Shots
from .grading import GRADE_PARAMS
from .layer import layer
from .mask import MASK, MASK_PARAMS, MIX

if TYPE_CHECKING:
    from ..card import Card
    from ..frame import Frame
    from ..styling import Stylist

__all__ = ["Style"]

REACH = 2  # frames on either side that `steady` blends


class Style(Node):
    """Colour to black and white, live action to painting, or any look that a generator holds."""

    name: ClassVar[str] = "style"
    title: ClassVar[str] = "Style"
    help: ClassVar[str] = "Redraw the plate in the look of a generator: black-and-white film, painting, your own."
    default_generator: ClassVar[str] = "painted"
    inputs: ClassVar[tuple[Input, ...]] = (
        Input(name="plate", help="the shot to redraw", required=True, window=True),
        MASK,
        Input(name="hints", help="dots of colour, painted on transparent, for some frames", sparse=True, guide="hints"),
        Input(name="reference", help="one or a few frames of the shot in colour", sparse=True, guide="hints"),
    )
    params: ClassVar[tuple[Param, ...]] = (
        MIX,
        Param(
            name="strength",
            kind="float",
            default=1.0,
            minimum=0.0,
            maximum=2.0,
            help="How far the look goes, in the generator's own space; above 1 exaggerates it.",
        ),
        *GRADE_PARAMS,
        *MASK_PARAMS,
        Param(
            name="steady",
            kind="float",
            default=0.0,
            minimum=0.0,
            maximum=1.0,
            section="Temporal",
            help="Blend in the neighbouring frames' results, moved into place; slower, calmer where it boils.",
        ),
        layer(
            "confidence",
            "Add the layer replate.confidence: the discriminator's opinion, 0 where the result looks made up.",
        ),
    )

    @classmethod
    def offsets(cls, settings: Mapping[str, Setting]) -> tuple[int, ...]:
        """Neighbours are needed only where they are blended in."""
        return tuple(range(-REACH, REACH + 1)) if settings.get("steady", 0.0) != 0.0 else (0,)

    @classmethod
    def notes(cls, card: Card, settings: Mapping[str, Setting]) -> tuple[str, ...]:
        """A layer that was asked for and cannot be made is no error, but nobody should have to look for it."""
        if settings.get("confidence") and card.output("confidence") is None:
            return (f"generator '{card.name}' has no confidence map: the layer replate.confidence is left out",)
        return ()

    @cached_property
    def _stylist(self) -> Stylist:
        from ..styling import Stylist

        return Stylist(self.engine, reach=REACH)

    def process(self, frames: Shots, values: Mapping[str, Any]) -> Frame:
        """Redraw `frames["plate"][0]`."""
        return self._stylist.redraw(frames, values)
