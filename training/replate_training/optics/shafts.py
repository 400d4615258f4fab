"""Shafts of light, marched: slow, and as exact as there are steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["marched"]

Array = npt.NDArray[np.float64]


def marched(lights: Array, *, x: float, y: float, length: float, finer: int = 2) -> Array:
    """Single scattering towards the camera, H x W x C, of lights of that shape, in `finer` steps a pixel of each way.

    For a pixel p and a source at c it is the mean of the lights on the line from p to c, weakened by exp(-way /
    length); see `replate.effects.optics.shafts`, which sums the same along rays.
    """
    height, width = lights.shape[:2]
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    away = np.hypot(across - x, down - y)
    steps = int(np.ceil(away.max() * finer))
    total = np.zeros_like(lights)
    for step in range(steps):
        share = (step + 0.5) / steps
        seen = _at(lights, across + share * (x - across), down + share * (y - down))
        total += seen * np.exp(-share * away / length)[..., None]
    mean: Array = total / steps
    return mean


def _at(picture: Array, across: Array, down: Array) -> Array:
    """Between four pixels; dark beyond the border."""
    wide = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    across, down = np.clip(across + 1, 0, wide.shape[1] - 1.001), np.clip(down + 1, 0, wide.shape[0] - 1.001)
    left, top = across.astype(int), down.astype(int)
    a, b = (across - left)[..., None], (down - top)[..., None]
    upper = (1 - a) * wide[top, left] + a * wide[top, left + 1]
    lower = (1 - a) * wide[top + 1, left] + a * wide[top + 1, left + 1]
    found: Array = (1 - b) * upper + b * lower
    return found
