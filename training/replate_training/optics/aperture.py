"""Irises: the openings whose diffraction makes stars."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Iris", "opening"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Iris:
    """An iris of `blades` blades, the first corner `angle` degrees from the right, clockwise as pictures are seen.

    `roundness` 0 is a polygon, 1 a circle. `dust` specks and `scratches` lie on the glass, drawn by `seed`.
    """

    blades: int = 6
    angle: float = 0.0
    roundness: float = 0.0
    dust: int = 0
    scratches: int = 0
    seed: int = 0


def opening(iris: Iris, *, side: int, radius: float, finer: int = 4) -> Array:
    """What an iris lets through, side x side, 0..1, its corners `radius` pixels from the middle.

    Each pixel is the mean of finer x finer points, so that edges have no steps that would diffract by themselves.
    """
    span = (np.arange(side * finer) + 0.5) / finer - side / 2
    x, y = np.meshgrid(span, span)
    inside = _distance(iris, x, y) <= radius * np.cos(np.pi / iris.blades) ** (1 - iris.roundness)
    clear = inside * _clean(iris, x / radius, y / radius)
    seen: Array = clear.reshape(side, finer, side, finer).mean((1, 3))
    return seen


def _distance(iris: Iris, x: Array, y: Array) -> Array:
    """How far out a point lies, by a measure whose circles are the iris' shape."""
    around, sector = np.arctan2(y, x) - np.radians(iris.angle), 2 * np.pi / iris.blades
    within = np.mod(around, sector) - sector / 2
    straight: Array = np.hypot(x, y) * np.cos(within) ** (1 - iris.roundness)
    return straight


def _clean(iris: Iris, x: Array, y: Array) -> Array:
    """1 where the glass is clean; specks and scratches stop light."""
    random, clear = np.random.default_rng(iris.seed), np.ones_like(x)
    for _ in range(iris.dust):
        place, size = random.uniform(-1, 1, 2), random.uniform(0.004, 0.02)
        clear[np.hypot(x - place[0], y - place[1]) < size] = 0
    for _ in range(iris.scratches):
        turn, off, at = random.uniform(0, np.pi), random.uniform(-0.8, 0.8), random.uniform(-0.8, 0.8)
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        clear[(abs(across - off) < 0.006) & (abs(along - at) < random.uniform(0.1, 0.5))] = 0
    return clear
