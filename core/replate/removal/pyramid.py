"""The first fill of a hole: the colours around it, carried in smoothly at every scale."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["finite", "pyramid_fill"]

Array = npt.NDArray[Any]
_NOTHING = 1e-6  # a sum of weights below which a pixel of the pyramid is not known


def pyramid_fill(picture: Array, hole: Array) -> Array:
    """`picture` (H x W x C float32, any values) with its `hole` (H x W x 1, 0 known .. 1 unknown) filled smoothly.

    Push-pull over ceil(log2(longest side)) halvings (Gortler et al., "The Lumigraph", 1996, section 3.4.2): on the way
    down what is known is averaged, and a pixel counts as known as soon as the share of one of its four is; on the way
    up what is not known comes from the coarser level. Between 0 and 1 the picture counts by as much, and pixels that
    are not finite count as unknown. Returns H x W x C float32: equal where the hole is 0 and the picture finite,
    everywhere finite; 0 in the hole where nothing at all is known.
    """
    known = np.where(finite(picture), 1 - hole[..., 0], 0).astype(np.float32)
    start = np.where(known[..., None] > 0, picture, 0).astype(np.float32)
    levels = [(start, cv2.merge([known] * picture.shape[2]).reshape(start.shape))]  # NumPy is slow at spreading weights
    for _ in range(math.ceil(math.log2(max(picture.shape[:2])))):
        levels.append(_pushed(*levels[-1]))
    filled, _ = levels.pop()
    for finer, sure in reversed(levels):
        filled = sure * finer + (1 - sure) * _enlarged(filled, finer)
    return filled


def finite(picture: Array) -> Array:
    """Where all channels of `picture` (H x W x C) are, H x W bool; channel by channel, as a short axis is slow."""
    channels = np.moveaxis(picture, -1, 0)
    return reduce(np.logical_and, map(np.isfinite, channels))


def _pushed(picture: Array, known: Array) -> tuple[Array, Array]:
    """The mean of what is known at half the size, and how far that is known."""
    sums, weight = _halved(picture * known), _halved(known)
    return sums / np.maximum(weight, _NOTHING), np.minimum(4 * weight, 1)


def _halved(picture: Array) -> Array:
    smaller: Array = cv2.pyrDown(picture)
    return smaller.reshape(*smaller.shape[:2], picture.shape[2])  # OpenCV drops a single channel


def _enlarged(picture: Array, like: Array) -> Array:
    larger: Array = cv2.pyrUp(picture, dstsize=(like.shape[1], like.shape[0]))
    return larger.reshape(like.shape)
