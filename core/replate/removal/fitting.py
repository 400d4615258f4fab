"""The fill made to belong to the plate: level with its surroundings, mixed in at its edge, as grainy as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from ..frame import Window
from .grain import Grain
from .granularity import measure_grain
from .pyramid import finite
from .seamless import inner_weight, joined, levelled, missing_grain
from .views import Array

__all__ = ["fitted"]

FINE = 15  # pixels a side of the mean against which two frames are compared: grain is finer, what differs is coarser
QUIET = 0.25  # the share of pixels, those that differ least, by which two frames are compared
NORMAL = 0.3186  # standard deviations within which that share of normal numbers lies
CLEARLY = 0.75  # of the grain seen in one frame: if two show more than this, they do not contradict it
ALONE = 0.012  # strongest grain in ACEScct that one frame is believed to show: a grainy film stock's
ENOUGH = 256  # pixels that tell anything of grain


def fitted(
    plate: Array,
    fill: Array,
    hole: Array,
    kept: Array,
    values: Mapping[str, Any],
    *,
    canvas: Window,
    display: Window,
    frame: int,
) -> tuple[Array, Array]:
    """How much of the fill is seen, H x W x 1, and `plate` with `fill` in its `hole`.

    Plate and fill are H x W x 3 in the log space, the fill NaN where nothing is known around the hole; `kept` (H x W x
    1) is the share of the grain's variance in the fill. `values` are the node's.
    """
    level = levelled(plate, fill, hole, reach=values["level"]) if values["level"] else fill
    weight = inner_weight(plate, level, hole, blend=values["blend"])
    result = joined(plate, level, weight)
    if not values["grain.amount"]:
        return weight, result
    grain = _moderated(measure_grain(plate, 1 - hole), plate, fill, (hole == 0) & (kept > 0), kept)
    return weight, grain.over(
        result,
        missing_grain(weight, kept),
        origin=(canvas.x - display.x, canvas.y - display.y),
        frame=frame,
        seed=values["grain.seed"],
        amount=values["grain.amount"],
    )


def _moderated(grain: Grain, plate: Array, fill: Array, both: Array, kept: Array) -> Grain:
    """The grain, not stronger than what plate and fill differ by where `both` (H x W x 1) show the same.

    Fine texture looks like grain in one frame; in two, moved into place, it is gone from their difference. The fill has
    grain of its own, by as much as it kept. Where there is no second frame, grain is not believed to be strong.
    """
    seen: Array = finite(plate)
    there = both[..., 0] & seen & finite(fill)
    if not grain.present:
        return grain
    if there.sum() < ENOUGH:
        return _scaled(grain, np.minimum(1, ALONE / np.maximum(_usual(grain, plate, seen), 1e-9)))
    difference = np.where(there[..., None], plate - fill, np.float32(0))
    coarse: Array = cv2.blur(difference, (FINE, FINE))
    share: Array = cv2.blur(there.astype(np.float32), (FINE, FINE))
    fine = np.abs(difference - coarse / np.maximum(share, 1e-6)[..., None])[there]
    most = np.quantile(fine, QUIET, axis=0) / NORMAL / np.sqrt(1 + kept[there].mean())
    factors = most / np.maximum(_usual(grain, plate, there), 1e-9)
    factors[factors > CLEARLY] = 1
    return _scaled(grain, factors)


def _usual(grain: Grain, plate: Array, there: Array) -> Array:
    """The grain's mean strength in each channel."""
    strength: Array = grain.strength(plate[there][None])[0].mean(axis=0)
    return strength


def _scaled(grain: Grain, factors: Array) -> Grain:
    return replace(grain, deviation=tuple(map(np.multiply, grain.deviation, factors)))
