"""Effect: what a generator makes of its own, laid over the plate. Families of generators are subclasses of it."""

from __future__ import annotations

from typing import ClassVar

from ..params import Param
from .base import Input, Node
from .mask import MASK, MASK_PARAMS, MIX

__all__ = ["HOLDOUT", "HOLDOUT_PARAMS", "PLATE", "Effect"]

PLATE = Input(
    name="plate", help="the shot to lay it over; blank:1920x1080 or blank:1920x1080@24 is an empty one", required=True
)

HOLDOUT = Input(
    name="holdout", help="a matte of what stands in front of the effect and hides it; a file, or plate:CHANNEL"
)

HOLDOUT_PARAMS: tuple[Param, ...] = (
    Param(
        name="holdout.channel",
        kind="text",
        default="",
        keyable=False,
        section="Holdout",
        help="The channel of the holdout, as A; empty: the brightest of R, G and B, or A where there are none.",
    ),
    Param(
        name="holdout.invert",
        kind="bool",
        default=False,
        section="Holdout",
        help="Hide the effect where the holdout is black.",
    ),
)


class Effect(Node):
    """What every effect has: a plate, a mask, and how much of it is seen."""

    name: ClassVar[str] = "effect"
    title: ClassVar[str] = "Effect"
    help: ClassVar[str] = "Lay what a generator makes over the plate, or over nothing."
    default_generator: ClassVar[str] = "fire"
    inputs: ClassVar[tuple[Input, ...]] = (PLATE, MASK, HOLDOUT)
    params: ClassVar[tuple[Param, ...]] = (MIX, *MASK_PARAMS)
