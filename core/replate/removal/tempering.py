"""Invented detail, no stronger than that of the picture around it."""

from __future__ import annotations

import cv2
import numpy as np

from .grain import Grain
from .pyramid import finite, pyramid_fill
from .views import Array, level

__all__ = ["tempered"]

BANDS = (1.0, 2.0, 4.0, 8.0)  # pixels: standard deviations of the blurs between which detail is compared
CELL = 3  # times as large are the cells over which its strength is averaged
AROUND = 2.0  # cells around each that count with it
CHANCE = 1.5  # times as strong as on average grain may be in a few cells
LEAP = 2.0  # times as much as of a band stays, at most, of the next coarser one
_NOTHING = 1e-12


def tempered(picture: Array, smooth: Array, where: Array, grain: Grain, share: Array) -> Array:
    """`picture` (H x W x 3 in a log space), its detail no stronger than around `where` (H x W x 1) it was invented.

    `smooth` is the picture before that. Detail is compared in bands of its size. `share` (H x W x 1) is how much of the
    variance of the `grain` is in the picture around: grain is none of the detail, and will be laid over what is made.
    Shading has no fine detail and texture has, so a coarser band stays only as far as the finer ones do.
    """
    seen = finite(smooth)[..., None]
    made, known, around = where * seen, (1 - where) * seen, np.where(seen, smooth, np.float32(0))
    noise, drawn = grain.over(around, share * known) - around, np.where(made > 0, picture - smooth, np.float32(0))
    result, stays = picture, np.ones_like(made)
    for size in BANDS:
        coarser = [cv2.GaussianBlur(each, (0, 0), size) for each in (drawn, around, noise)]
        fine, theirs, grainy = (each - rest for each, rest in zip((drawn, around, noise), coarser, strict=True))
        stays = np.minimum(LEAP * stays, _gain(fine, made, theirs, grainy, known, cell=CELL * size))
        result = result - made * (1 - stays) * fine
        drawn, around, noise = coarser
    return np.where(made > 0, result, picture)


def _gain(detail: Array, made: Array, around: Array, noise: Array, known: Array, *, cell: float) -> Array:
    """What is to stay of `detail` that is `made`, H x W x 1 in 0..1, by that `around`, where `known`, and its noise."""
    own, _ = _strength(detail, made, cell)
    (theirs, sure), (grainy, _) = (_strength(each, known, cell) for each in (around, noise))
    due = pyramid_fill(np.maximum(theirs - CHANCE * grainy, 0), 1 - sure)
    gain = np.sqrt(np.minimum(due / np.maximum(own, _NOTHING), 1))
    stays: Array = cv2.resize(gain, detail.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return stays[..., None]


def _strength(detail: Array, where: Array, cell: float) -> tuple[Array, Array]:
    """The mean square of `detail` in cells, of pixels that are `where`, h x w x 1; and how many of those there are."""
    size = [max(1, round(side / cell)) for side in detail.shape[1::-1]]
    square, share = (
        cv2.GaussianBlur(cv2.resize(each, size, interpolation=cv2.INTER_AREA), (0, 0), AROUND)[..., None]
        for each in (level(np.square(detail)) * where[..., 0], where)
    )
    return square / np.maximum(share, _NOTHING), share
