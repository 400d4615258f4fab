"""Shafts of light ("god rays"): light that hazy air throws towards the camera, where nothing keeps it from the air."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .haze import drifting, flickering

__all__ = ["Shafts", "shafts"]

Array = npt.NDArray[Any]

_ARC = 1.5  # pixels between neighbouring rays at the farthest corner
_DEEPEST = 400.0  # lengths of fading in a picture: exp(400) is still a number in float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Shafts:
    """Shafts from a source at (x, y), in pixels of the picture, which may lie beyond its borders.

    `amount` is how much light the air throws towards the camera along all the way, by colour. Light fades to 37 % over
    `length` pixels. `dust` (0..1) is how uneven the air is: fine streaks and drifting haze, of `size` pixels, at `time`
    in frames; every `seed` has its own. Haze is counted from (left, top).
    """

    x: float
    y: float
    amount: tuple[float, float, float]
    length: float
    dust: float = 0.0
    size: float = 100.0
    left: float = 0.0
    top: float = 0.0
    time: float = 0.0
    seed: int = 0


def shafts(lights: Array, how: Shafts) -> Array:
    """What the air adds to lights (H x W x 3 float32, dark where something stands in front of them), likewise.

    For a source far behind a plane on which all lies that shades the air, a point of air on the way to a pixel p sees
    the source through the point p + t (c - p) of that plane, t evenly spread along the way. So single scattering adds
    the mean of the plane's light on the line from p to the source c, weakened by the air (Mitchell, "Volumetric light
    scattering as a post-process", GPU Gems 3, 2007). In polar coordinates about c that is a running sum along the
    radius: exact, without samples that leave steps.
    """
    if not lights.any() or not any(how.amount):
        return np.zeros_like(lights)
    grid = _Polar.over(lights.shape[1], lights.shape[0], how.x, how.y)
    through = grid.of(lights)
    if how.dust:
        through *= flickering(grid.angles, how.time, seed=how.seed, amount=how.dust)[:, None, None]
    thrown = grid.back(_summed(through, grid.radii, how.length), lights.shape[1], lights.shape[0])
    if how.dust:
        x, y = np.arange(lights.shape[1]) - how.left, np.arange(lights.shape[0]) - how.top
        thrown *= drifting(x, y, how.size, how.time, seed=how.seed, amount=how.dust)
    result: Array = thrown * np.array(how.amount, np.float32)
    return result


def _summed(through: Array, radii: Array, length: float) -> Array:
    """The mean over the way from the source, fading: angles x radii x 3."""
    length = max(length, float(radii[-1] - radii[0]) / _DEEPEST)
    fading = np.exp((radii - radii[0]) / length)[:, None]
    summed = np.empty_like(through)
    for line, light in zip(
        summed, through, strict=True
    ):  # a ray at a time: all of them in float64 are a gigabyte at 8K
        weak = light * fading
        line[:] = (np.cumsum(weak, axis=0) - (weak + weak[0]) / 2) / fading
    summed /= np.maximum(radii, 1).astype(np.float32)[:, None]
    return summed


@dataclass(frozen=True, slots=True)
class _Polar:
    """Rays from (x, y): `angles` in radians, evenly spread, and `radii` a pixel apart."""

    x: float
    y: float
    angles: Array
    radii: Array

    @classmethod
    def over(cls, width: int, height: int, x: float, y: float) -> _Polar:
        """As many as a picture needs: all around a source in it, else as far as it is seen from the source."""
        corners = [(a - x, b - y) for a in (-1, width) for b in (-1, height)]
        inside = -1 <= x <= width and -1 <= y <= height
        nearest = 0.0 if inside else math.hypot(max(-1 - x, 0, x - width), max(-1 - y, 0, y - height))
        farthest = max(math.hypot(*corner) for corner in corners)
        first, last = (0.0, 2 * math.pi) if inside else _seen(corners, (width / 2 - x, height / 2 - y))
        count = max(8, math.ceil((last - first) * farthest / _ARC))
        step = (last - first) / count
        angles = first + step * np.arange(count if inside else count + 1)
        return cls(x, y, angles, np.arange(math.floor(nearest), math.ceil(farthest) + 1, dtype=np.float64))

    def of(self, picture: Array) -> Array:
        """The picture along the rays, angles x radii x C; dark beyond its borders."""
        across = self.x + np.cos(self.angles)[:, None] * self.radii
        down = self.y + np.sin(self.angles)[:, None] * self.radii
        return _looked_up(picture, across, down)

    def back(self, rays: Array, width: int, height: int) -> Array:
        """What the rays hold, as a picture."""
        across, down = np.meshgrid(np.arange(width) - self.x, np.arange(height) - self.y)
        step = self.angles[1] - self.angles[0]
        turned = (np.arctan2(down, across) - self.angles[0]) % (2 * math.pi) / step
        wrapped = np.concatenate([rays, rays[:1]])  # the ray after the last of a whole turn is the first
        return _looked_up(wrapped, np.hypot(across, down) - self.radii[0], turned)


def _seen(corners: list[tuple[float, float]], middle: tuple[float, float]) -> tuple[float, float]:
    """The angles between which a picture lies that is seen from outside."""
    towards = math.atan2(middle[1], middle[0])
    aside = [(math.atan2(y, x) - towards + math.pi) % (2 * math.pi) - math.pi for x, y in corners]
    return towards + min(aside), towards + max(aside)


def _looked_up(picture: Array, across: Array, down: Array) -> Array:
    maps = across.astype(np.float32), down.astype(np.float32)
    found: Array = cv2.remap(picture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return found
