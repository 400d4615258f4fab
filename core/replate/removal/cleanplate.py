"""A clean plate brought to a plate: moved by the camera's shake, and in the plate's exposure and colour.

Whatever stands before the set is an outlier here: it must not pull at what is found for the rest. So everything is
fitted with Tukey's biweight (Beaton and Tukey, "The fitting of power series", Technometrics 1974), which gives no
weight at all to what is far off.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..picture.compositing import Array
from ..picture.motion import flow, warp

__all__ = ["matched", "spread", "thinned"]

GRID = 8  # pixels between the places where the shake is looked at
SMALLEST = 32  # pixels of a side: in less than that no shake is found
STILL = 0.05  # pixels of motion below which the clean plate is left where it is: resampling costs its grain
AGREED = 0.5  # pixels by which motion may be off and still count as the camera's
ROUNDS = 8  # of fitting and weighting anew
ENOUGH = 100_000  # pixels to do statistics with
DRIFT = 24  # cells of the longer side that local drift of exposure has
TUKEY = 4.685  # the usual tuning: 95 % efficient for normal errors
LEAST, LEAST_FIT = 0.001, 0.002  # of ACEScct: spreads that are never undercut; half a step of 10-bit log, and one


def matched(clean: Array, plate: Array) -> Array:
    """`clean` as it would look in `plate`, were nothing before it; both are finite ACEScct, H x W x 3 float32.

    Moved by one affine motion; then a gain and an offset a channel; then what is left of smooth drift.
    """
    clean = _aligned(clean, plate)
    lines = _exposure(thinned(clean), thinned(plate))
    clean = lines[:, 0] * clean + lines[:, 1]
    return clean + _drift(clean, plate)


def thinned(picture: Array) -> Array:
    """Every n-th pixel each way, so that there are enough and not too many to do statistics with."""
    step = max(1, int((picture.shape[0] * picture.shape[1] / ENOUGH) ** 0.5))
    return picture[::step, ::step]


def spread(apart: Array) -> Array:
    """The standard deviation of differences (... x C) of the set, one a channel.

    Half of them may be of foreground, so it is told by the lower third, as if that were of a normal distribution.
    """
    least = np.quantile(np.abs(apart.reshape(-1, apart.shape[-1])), 0.3, axis=0) / 0.385
    spread: Array = np.maximum(least, LEAST).astype(np.float32)
    return spread


def _ordinary(apart: Array) -> Array:
    """Tukey's weight of differences (H x W x 3), the least of the three channels': H x W x 1, 1 none .. 0 outlier."""
    far = np.abs(apart / (TUKEY * np.maximum(spread(thinned(apart)), LEAST_FIT))).max(axis=-1, keepdims=True)
    weight: Array = np.where(far < 1, (1 - far**2) ** 2, 0).astype(np.float32)
    return weight


def _aligned(clean: Array, plate: Array) -> Array:
    if min(plate.shape[:2]) < SMALLEST:
        return clean
    motion = flow(plate, clean)
    ys, xs = (np.arange(GRID // 2, length, GRID) for length in plate.shape[:2])
    here = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2).astype(np.float32)
    there = here + motion[np.ix_(ys, xs)].reshape(-1, 2)
    matrix, _ = cv2.estimateAffine2D(here, there, method=cv2.RANSAC, ransacReprojThreshold=AGREED)
    if matrix is None:
        return clean
    y, x = np.indices(plate.shape[:2], np.float32)
    moved = np.stack([x, y, np.ones_like(x)], axis=-1) @ matrix.T.astype(np.float32) - np.stack([x, y], axis=-1)
    return clean if np.abs(moved).max() < STILL else warp(clean, moved)


def _exposure(clean: Array, plate: Array) -> Array:
    """The gain and offset of each channel that fit best, 3 x 2 float32."""
    lines = np.stack([np.ones(3), np.median(plate - clean, axis=(0, 1))], axis=1).astype(np.float32)
    for _ in range(ROUNDS):
        weight = _ordinary(plate - lines[:, 0] * clean - lines[:, 1])[..., 0]
        lines = np.array([_line(clean[..., i], plate[..., i], weight) for i in range(3)], np.float32)
    return lines


def _line(x: Array, y: Array, weight: Array) -> tuple[float, float]:
    """Gain and offset that lead from x to y with the least weighted squares."""
    total = max(float(weight.sum(dtype=np.float64)), 1e-9)
    middle, target = (float((weight * each).sum(dtype=np.float64)) / total for each in (x, y))
    variance = float((weight * (x - middle) ** 2).sum(dtype=np.float64)) / total
    common = float((weight * (x - middle) * (y - target)).sum(dtype=np.float64)) / total
    gain = float(np.clip((common + LEAST_FIT**2) / (variance + LEAST_FIT**2), 0.8, 1.25))
    return gain, target - gain * middle


def _drift(clean: Array, plate: Array) -> Array:
    """What the set's differences are like around each place; nothing where only foreground is."""
    apart = plate - clean
    weight = _ordinary(apart)
    height, width = plate.shape[:2]
    scale = DRIFT / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    sums, share = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (apart * weight, weight))
    sums, share = (cv2.GaussianBlur(each, (0, 0), 1.0) for each in (sums, share))
    smooth = sums / (share + 0.05).reshape(*sums.shape[:2], 1)
    drift: Array = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC)
    return drift
