"""How much of a node's result lies over the plate, and where: the mix and the mask that every node has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..params import Param
from .base import Input

__all__ = ["BLACK_MASK", "MASK", "MASK_PARAMS", "MIX", "channel_of", "mask_values"]

MASK = Input(name="mask", help="where to work: white is inside, black stays untouched; a file, or plate:CHANNEL")

BLACK_MASK = "the mask is black all over, so the plate stays as it is"

MIX = Param(
    name="mix",
    kind="float",
    default=1.0,
    minimum=0.0,
    maximum=1.0,
    help="How much of the result lies over the plate; 0 leaves the plate untouched.",
)


def channel_of(matte: str) -> Param:
    """Which channel of the input `matte` is the matte."""
    return Param(
        name=f"{matte}.channel",
        kind="text",
        default="",
        keyable=False,
        section=matte.capitalize(),
        help=f"The channel of the {matte}, as A; empty: the brightest of R, G and B, or A where there are none.",
    )


MASK_PARAMS: tuple[Param, ...] = (
    channel_of(MASK.name),
    Param(
        name="mask.invert",
        kind="bool",
        default=False,
        section="Mask",
        help="Work where the mask is black; grow and feather come after it.",
    ),
    Param(
        name="mask.grow",
        kind="float",
        default=0.0,
        minimum=-1000.0,
        maximum=1000.0,
        soft=(-50.0, 50.0),
        unit="px",
        section="Mask",
        help="Pixels by which its edges move outwards, so that more is worked on; below 0 inwards.",
    ),
    Param(
        name="mask.feather",
        kind="float",
        default=0.0,
        minimum=0.0,
        maximum=1000.0,
        soft=(0.0, 100.0),
        unit="px",
        section="Mask",
        help="Width in pixels of the ramp that a hard edge becomes, half of it on either side of the edge.",
    ),
)


def mask_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a node's values that bring the mask into shape, as `matte.matte_of` takes them."""
    return {param.name.removeprefix("mask."): values[param.name] for param in MASK_PARAMS}
