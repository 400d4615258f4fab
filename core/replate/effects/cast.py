"""The light that an element casts on what is around it in the plate: soft, within reach, in the plate's own colours."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["cast"]

Array = npt.NDArray[Any]

_SHARES = ((0.1, 0.5), (0.3, 0.3), (1.0, 0.2))  # blurs: part of the reach that each has, and its share of the light
_GREY = 0.18  # what surfaces throw back on the average
_COARSE = 12  # pixels of the small picture within the reach


def cast(light: Array, plate: Array, *, reach: float) -> Array:
    """What a plate (H x W x 3, linear) throws back of the light of an element over it (likewise), H x W x 3 float32.

    The light is spread by three blurs that end at `reach` pixels; beyond that it is exactly 0. How much of it a pixel
    throws back is told by the plate: as much more than grey as the pixel is brighter than what is around it.
    """
    height, width = light.shape[:2]
    factor = max(1, math.floor(reach / _COARSE))
    size = math.ceil(width / factor), math.ceil(height / factor)
    small = cv2.resize(light, size, interpolation=cv2.INTER_AREA)
    around = cv2.resize(np.nan_to_num(plate, nan=0.0, posinf=0.0, neginf=0.0), size, interpolation=cv2.INTER_AREA)
    spread = np.zeros_like(small)
    for part, share in _SHARES:
        spread += np.float32(share) * _blurred(small, part * reach / factor)
    level = _blurred(np.maximum(around, 0).mean(axis=-1), reach / factor / 3)
    scale = cv2.resize(np.float32(_GREY) / np.maximum(level, 1e-3), (width, height), interpolation=cv2.INTER_LINEAR)
    falling = cv2.resize(spread, (width, height), interpolation=cv2.INTER_LINEAR)
    thrown: Array = falling * np.clip(plate * scale[..., None], 0, 1)
    return thrown


def _blurred(picture: Array, reach: float) -> Array:
    """By a bell that ends at `reach` pixels."""
    side = 2 * math.floor(reach) + 1
    blurred: Array = cv2.GaussianBlur(picture, (side, side), max(reach / 3, 1e-3), borderType=cv2.BORDER_CONSTANT)
    return blurred
