"""Dirt on a lens: specks and smears that catch the light which falls on it."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["dirt"]

Array = npt.NDArray[Any]
_SPECKS, _SMEARS = 260, 14
_SHIFT = 4  # binary digits of a pixel that OpenCV draws at


def dirt(width: int, height: int, *, left: float, top: float, tall: float, seed: int) -> Array:
    """How much dirt there is, height x width x 1 float32 from 0, about 1 in a speck, over a part of a picture.

    The picture is `tall` pixels high; (left, top) is its corner, seen from the part's. It lies on the lens: the same in
    every frame.
    """
    random = np.random.default_rng([seed, 3])
    picture = np.zeros((height, width), np.float32)
    for _ in range(_SMEARS):
        at, turn = random.uniform(0, 1, 2) * (16 / 9, 1), random.uniform(0, 180)
        axes = random.uniform(0.02, 0.12, 2) * (3, 1)
        _drawn(picture, at, axes, turn, random.uniform(0.05, 0.2), (left, top, tall))
    for _ in range(_SPECKS):
        at, radius = random.uniform(0, 1, 2) * (16 / 9, 1), 0.002 * math.exp(random.uniform(0, 2.5))
        _drawn(picture, at, (radius, radius), 0.0, random.uniform(0.2, 1.0), (left, top, tall))
    soft: Array = cv2.GaussianBlur(picture, (0, 0), max(0.5, 0.0015 * tall))
    return soft[..., None]


def _drawn(picture: Array, at: Any, axes: Any, turn: float, level: float, where: tuple[float, float, float]) -> None:
    """An ellipse added to the picture; lengths are shares of the picture's height."""
    left, top, tall = where
    unit = 2**_SHIFT
    centre = round((left + at[0] * tall) * unit), round((top + at[1] * tall) * unit)
    half = tuple(max(1, round(axis * tall * unit)) for axis in axes)
    reach = max(half) // unit + 2
    rows = slice(max(0, centre[1] // unit - reach), max(0, centre[1] // unit + reach))
    columns = slice(max(0, centre[0] // unit - reach), max(0, centre[0] // unit + reach))
    spot = np.zeros_like(picture[rows, columns])
    if spot.size:
        inside = centre[0] - columns.start * unit, centre[1] - rows.start * unit
        cv2.ellipse(spot, inside, half, turn, 0, 360, level, -1, cv2.LINE_AA, _SHIFT)
        picture[rows, columns] += spot
