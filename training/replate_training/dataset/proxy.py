"""Small stand-ins of pictures, by which shots and duplicates are told: ACEScct, 32 x 32, whatever the picture's shape.

In the log space that networks see, a difference means the same at any exposure. Two relations are asked of them:

- `same`: nothing moved, anywhere. This is what makes a frame a duplicate.
- `akin`: the same place from the same side, if in another exposure or with somebody walking through. This is what must
  not lie on both sides of a split.

A perceptual hash (ImageHash, or 64 signs of a cosine transform) answers neither: a pedestrian in a wide shot changes
none of its bits, and a graded copy differs as much as another picture of the same layout. The proxies are as quick to
compare, by one product of matrices, and keep what is needed to decide.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from replate.color import convert

__all__ = ["SIZE", "Array", "akin", "distance", "proxy", "same", "signature"]

Array = npt.NDArray[Any]

SIZE = 32
SPACE = "ACEScct"
_COARSE = 16
_STILL = 0.02  # a third of a stop in one of the cells; what encoding the same picture again changes is a third of this
_AKIN = 0.85  # unrelated shots come to 0.67
_FLAT = 0.01 * _COARSE  # a picture with less contrast than a sixth of a stop is less and less like any


def proxy(rgb: Array, space: str) -> Array:
    """Of H x W x 3 in `space`, finite: 32 x 32 x 3 in ACEScct, 0..1.5, float32."""
    small = cv2.resize(np.ascontiguousarray(rgb, np.float32), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(convert(small, space, SPACE), 0, 1.5))


def distance(first: Array, second: Array) -> Array:
    """Mean difference of proxies, ... x 32 x 32 x 3, in ACEScct; a stop everywhere is 0.057."""
    return np.asarray(np.abs(first - second).mean((-3, -2, -1)))


def signature(proxies: Array) -> Array:
    """N x 256 of N x 32 x 32 x 3: contrast of lightness alone, of unit length, so that a product is a correlation.

    Exposure is a constant in ACEScct and vanishes with the mean.
    """
    grey = proxies.mean(-1).reshape(-1, _COARSE, SIZE // _COARSE, _COARSE, SIZE // _COARSE).mean((2, 4))
    flat = grey.reshape(len(grey), -1) - grey.mean((1, 2))[:, None]
    return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), _FLAT))


def same(first: Array, others: Array) -> Array:
    """Which of `others` (N x 32 x 32 x 3) show what `first` shows: no cell of them differs."""
    return np.asarray(np.abs(others - first).max((1, 2, 3), initial=0) < _STILL)


def akin(signatures: Array, others: Array) -> Array:
    """N x M: which signatures are of the same place."""
    return np.asarray(signatures @ others.T > _AKIN)
