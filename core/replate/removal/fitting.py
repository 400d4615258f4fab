"""The fill made to belong to the plate: level with its surroundings, mixed in at its edge, as grainy as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..frame import Window
from .assembly import Assembled
from .grain import NOTHING, Grain
from .granularity import measure_grain
from .pyramid import finite
from .seamless import inner_weight, joined, levelled, missing_grain
from .views import Array, finer

__all__ = ["fitted", "grain_of"]

FINE = 2.0  # pixels: grain is compared in what is finer, because light that was matched is coarser
QUIET = 0.25  # the share of pixels, those that differ least, by which two frames are compared
CLEARLY = 0.75  # of the grain seen in one frame: if two show more than this, they do not contradict it
ALONE = 0.012  # strongest grain in ACEScct that one frame is believed to show at most places: a grainy film stock's
ENOUGH = 256  # pixels that tell anything of grain


def fitted(
    plate: Array,
    fill: Array,
    hole: Array,
    kept: Array,
    grain: Grain,
    values: Mapping[str, Any],
    *,
    canvas: Window,
    display: Window,
    frame: int,
) -> tuple[Array, Array]:
    """How much of the fill is seen, H x W x 1, and `plate` with `fill` in its `hole`.

    Plate and fill are H x W x 3 in the log space, the fill NaN where nothing is known around the hole; `kept` (H x W x
    1) is the share of the grain's variance in the fill; `grain` is the plate's. `values` are the node's.
    """
    level = levelled(plate, fill, hole, reach=values["level"]) if values["level"] else fill
    weight = inner_weight(plate, level, hole, blend=values["blend"])
    result = joined(plate, level, weight)
    return weight, grain.over(
        result,
        missing_grain(weight, kept),
        origin=(canvas.x - display.x, canvas.y - display.y),
        frame=frame,
        seed=values["grain.seed"],
        amount=values["grain.amount"],
    )


def grain_of(plate: Array, hole: Array, found: Assembled) -> Grain:
    """The plate's grain, not stronger than what it and what was `found` differ by where both show the same.

    Fine texture looks like grain in one frame; in two, moved into place, it is gone from their difference. What was
    found has grain of its own, by as much as it kept. Where there is no second frame, grain is not believed to be
    strong.
    """
    grain = measure_grain(plate, 1 - hole)
    fill, kept, both = found.picture, found.kept, (hole == 0) & (found.known > 0)
    if not grain.present:
        return grain
    seen: Array = finite(plate)
    there, strength = both & (seen & finite(fill))[..., None], np.maximum(grain.strength(plate), NOTHING)
    if there.sum() < ENOUGH:
        return _scaled(grain, np.minimum(1, np.repeat(ALONE / np.median(strength[seen]), plate.shape[-1])))
    sample = grain.over(plate, there.astype(np.float32)) - plate
    apart, usual = (_quiet(each, there, strength) for each in (plate - fill, sample))
    factors = apart / np.maximum(usual, NOTHING) / np.sqrt(1 + kept[there].mean())
    factors[factors > CLEARLY] = 1
    return _scaled(grain, factors)


def _quiet(difference: Array, there: Array, strength: Array) -> Array:
    """How large what is fine of a difference is in multiples of `strength`, where it is least; one a channel."""
    known = np.where(there, difference, np.float32(0))
    fine = np.abs(finer(known, there.astype(np.float32), FINE) / strength)[there[..., 0]]
    quiet: Array = np.quantile(fine, QUIET, axis=0)
    return quiet


def _scaled(grain: Grain, factors: Array) -> Grain:
    return replace(grain, deviation=tuple(map(np.multiply, grain.deviation, factors)))
