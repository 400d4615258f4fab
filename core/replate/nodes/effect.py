"""Effect: what a generator makes of its own, laid over the plate. Families of generators are subclasses of it."""

from __future__ import annotations

from typing import ClassVar

from ..params import Param
from .base import Input, Node
from .mask import MASK, MASK_PARAMS, MIX, channel_of

__all__ = ["HOLDOUT", "HOLDOUT_PARAMS", "OFFSET", "PLATE", "SCALE", "SEED", "Effect"]

PLATE = Input(
    name="plate", help="the shot to lay it over; blank:1920x1080 or blank:1920x1080@24 is an empty one", required=True
)

HOLDOUT = Input(
    name="holdout", help="a matte of what stands in front of the effect and hides it; a file, or plate:CHANNEL"
)

HOLDOUT_PARAMS: tuple[Param, ...] = (
    channel_of(HOLDOUT.name),
    Param(
        name="holdout.invert",
        kind="bool",
        default=False,
        section="Holdout",
        help="Hide the effect where the holdout is black.",
    ),
)

SEED = Param(
    name="seed",
    kind="int",
    default=0,
    minimum=0,
    maximum=2**31 - 1,
    soft=(0, 100),
    section="Time",
    keyable=False,
    help="Which it is: every number has its own, and always the same.",
)

OFFSET = Param(
    name="offset",
    kind="float",
    default=0.0,
    soft=(-100.0, 100.0),
    unit="frames",
    section="Time",
    keyable=False,
    help="Another moment of the same: this is added to its time.",
)

SCALE = Param(
    name="scale",
    kind="float",
    default=1.0,
    minimum=0.01,
    maximum=100.0,
    soft=(0.25, 4.0),
    section="Time",
    keyable=False,
    help="By which every length in pixels is multiplied: 0.5 shows the same on a half-size proxy.",
)


class Effect(Node):
    """What every effect has: a plate, a mask, and how much of it is seen."""

    name: ClassVar[str] = "effect"
    title: ClassVar[str] = "Effect"
    help: ClassVar[str] = "Lay what a generator makes over the plate, or over nothing."
    default_generator: ClassVar[str] = "fire"
    inputs: ClassVar[tuple[Input, ...]] = (PLATE, MASK, HOLDOUT)
    params: ClassVar[tuple[Param, ...]] = (MIX, *MASK_PARAMS)
