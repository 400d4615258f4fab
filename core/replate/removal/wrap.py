"""Light wrap: light of the background that bleeds over the edge of what stands before it, as in a lens."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..picture.compositing import Array

__all__ = ["wrapped"]


def wrapped(foreground: Array, matte: Array, background: Array, *, amount: float, width: float) -> Array:
    """`foreground` (H x W x 3) with the light of `background` on the inner side of its edge.

    All are scene-linear and of one space; `matte` is H x W x 1 in 0..1, 1 where only the foreground is seen. At
    `amount` 1 a pixel comes as near to the background's blurred light as background is near: the blurred inverse matte
    is the weight, which is exactly 0 farther than `width` pixels inside. Light is only added, and never more than the
    background scatters; values above 1 stay as they are, and what is negative or not finite there gives no light.
    """
    if amount <= 0 or width <= 0:
        return foreground
    open_sky = (1 - matte) * np.isfinite(background).all(axis=-1, keepdims=True)
    light = open_sky * np.maximum(np.nan_to_num(background, posinf=0.0), 0)
    glow, share = _scattered(light, width), _scattered(open_sky, width)[..., None]
    result = foreground.copy()
    with np.errstate(invalid="ignore"):
        np.add(result, np.float32(amount) * np.maximum(glow - share * foreground, 0), out=result, where=share > 0)
    return result


def _scattered(light: Array, width: float) -> Array:
    """Blurred by a kernel that sums to 1 and ends at `width` pixels; beyond the picture lies what lies at its edge."""
    reach = math.ceil(width)
    kernel = np.maximum(1 - (np.arange(-reach, reach + 1) / width) ** 2, 0) ** 2
    weights = (kernel / kernel.sum()).astype(np.float32)
    blurred: Array = cv2.sepFilter2D(light, -1, weights, weights, borderType=cv2.BORDER_REPLICATE)
    return blurred
