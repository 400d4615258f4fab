"""What shines in a picture: the light that lenses and air spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["LUMINANCE", "lights"]

Array = npt.NDArray[Any]

LUMINANCE = np.array([0.2722287, 0.6740818, 0.0536895], np.float32)
"""Of ACEScg's primaries: Academy S-2014-004, the matrix from AP1 to XYZ, second row."""


def lights(plate: Array, *, threshold: float, knee: float, limit: float, shown: Array | None = None) -> Array:
    """The light of a plate (H x W x 3 float32, linear ACEScg) that is above `threshold`, H x W x 3 float32, from 0.

    Luminance counts, and colour stays. It sets in softly, half of `knee` below the threshold, and is whole half of it
    above. No pixel gives more than `limit`; 0 is no limit. `shown` (H x W x 1, 0..1) is how much of each pixel may
    shine. Light below 0 gives none, and neither do pixels that are not finite.
    """
    sound = np.isfinite(plate).all(axis=-1, keepdims=True)
    light = np.where(sound, np.maximum(plate, 0), 0).astype(np.float32)
    level = light @ LUMINANCE[:, None]
    above = _above(level, threshold, knee)
    if limit:
        above = np.minimum(above, np.float32(limit))
    share = above / np.maximum(level, np.float32(1e-20))
    if shown is not None:
        share = share * shown
    found: Array = light * share
    return found


def _above(level: Array, threshold: float, knee: float) -> Array:
    """max(0, level - threshold) with a parabola for its corner, as wide as the knee."""
    if threshold == 0:
        return level
    width = np.float32(min(knee, 2 * threshold))
    over = level - np.float32(threshold)
    if not width:
        return np.maximum(over, 0)
    soft = np.clip(over + width / 2, 0, width) ** 2 / (2 * width)
    above: Array = np.where(over >= width / 2, over, soft)
    return above
