"""Effect: what a generator makes of its own, laid over the plate. Families of generators are subclasses of it."""

from __future__ import annotations

from typing import ClassVar

from ..params import Param
from .base import Input, Node
from .mask import MASK, MASK_PARAMS, MIX

__all__ = ["PLATE", "Effect"]

PLATE = Input(
    name="plate", help="the shot to lay it over; blank:1920x1080 or blank:1920x1080@24 is an empty one", required=True
)


class Effect(Node):
    """What every effect has: a plate, a mask, and how much of it is seen."""

    name: ClassVar[str] = "effect"
    title: ClassVar[str] = "Effect"
    help: ClassVar[str] = "Lay what a generator makes over the plate, or over nothing."
    default_generator: ClassVar[str] = ""
    inputs: ClassVar[tuple[Input, ...]] = (PLATE, MASK)
    params: ClassVar[tuple[Param, ...]] = (MIX, *MASK_PARAMS)
