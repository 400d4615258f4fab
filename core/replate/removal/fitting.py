"""The fill made to belong to the plate: level with its surroundings, mixed in at its edge, as grainy as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from ..frame import Window
from .assembly import Assembled
from .grain import NOTHING, Grain
from .granularity import measure_grain
from .pyramid import finite
from .seamless import inner_weight, joined, levelled, missing_grain
from .views import Array

__all__ = ["fitted", "grain_of"]

FINE = 7  # pixels a side of the mean against which two frames are compared: light that was matched is coarser
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
    apart, usual = (
        np.quantile(np.abs(_fine(each, there) / strength)[there[..., 0]], QUIET, axis=0)
        for each in (plate - fill, sample)
    )
    factors = apart / usual / np.sqrt(1 + kept[there].mean())
    factors[factors > CLEARLY] = 1
    return _scaled(grain, factors)


def _fine(picture: Array, where: Array) -> Array:
    """What of `picture` is finer than `FINE`, where that is known."""
    known = np.where(where, picture, np.float32(0))
    total, share = (cv2.blur(each, (FINE, FINE)) for each in (known, where.astype(np.float32)))
    fine: Array = known - total / np.maximum(share, np.float32(1e-6))[..., None]
    return fine


def _scaled(grain: Grain, factors: Array) -> Grain:
    return replace(grain, deviation=tuple(map(np.multiply, grain.deviation, factors)))
