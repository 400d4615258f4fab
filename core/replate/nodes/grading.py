"""Knobs that every node has: the plate is graded for the generator, and the grade is taken off its result."""

from __future__ import annotations

from ..params import Param

__all__ = ["GRADE_PARAMS"]

GRADE_PARAMS: tuple[Param, ...] = (
    Param(
        name="input.exposure",
        kind="float",
        default=0.0,
        minimum=-16.0,
        maximum=16.0,
        soft=(-4.0, 4.0),
        unit="stops",
        section="Input",
        help="Show the generator a brighter or darker plate; the result goes back to the plate's own exposure.",
    ),
    Param(
        name="input.gamma",
        kind="float",
        default=1.0,
        minimum=0.2,
        maximum=5.0,
        soft=(0.5, 2.0),
        section="Input",
        help="Show it lifted (above 1) or deepened mid-tones; taken off again.",
    ),
    Param(
        name="input.saturation",
        kind="float",
        default=1.0,
        minimum=0.25,
        maximum=4.0,
        soft=(0.5, 2.0),
        section="Input",
        help="Show it stronger or weaker colours; taken off again. For hardly any colour take input.grey.",
    ),
    Param(
        name="input.grey",
        kind="float",
        default=0.0,
        minimum=0.0,
        maximum=1.0,
        section="Input",
        help="Show it a black-and-white plate; the plate's own colour is laid back over the result.",
    ),
)
