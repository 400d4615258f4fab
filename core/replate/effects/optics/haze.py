"""Uneven air, as functions of place, time and seed: sums of travelling waves, so any moment is found by itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["drifting", "flickering"]

Array = npt.NDArray[Any]

_RAYS = 48
_WAVES = 24
_PERIOD = 60.0  # frames in which a middling wave comes round


def flickering(angles: Array, time: float, *, seed: int, amount: float) -> Array:
    """How much light each direction lets through, float32, around 1: what dust in a shaft does. It closes over a
    turn."""
    random = np.random.default_rng([seed, 1])
    turns = np.exp(random.uniform(math.log(6), math.log(160), _RAYS)).round()
    pace, phase = random.normal(size=_RAYS) * 2 * math.pi / _PERIOD, random.uniform(0, 2 * math.pi, _RAYS)
    waves = np.cos(turns * angles[:, None] + pace * time + phase).sum(1)
    return _uneven(waves * math.sqrt(2 / _RAYS), amount)


def drifting(x: Array, y: Array, size: float, time: float, *, seed: int, amount: float) -> Array:
    """How hazy each place is, rows y by columns x, H x W x 1 float32, around 1; `size` is the width of a bank of
    haze."""
    random = np.random.default_rng([seed, 2])
    turn = random.uniform(0, 2 * math.pi, _WAVES)
    number = 2 * math.pi / size * np.exp(random.uniform(math.log(0.3), math.log(2), _WAVES))
    pace, phase = random.normal(size=_WAVES) * 2 * math.pi / _PERIOD, random.uniform(0, 2 * math.pi, _WAVES)
    # A wave is a product of one along the rows and one along the columns: as complex numbers, a matrix product.
    along = np.exp(1j * np.outer(number * np.cos(turn), x))
    down = np.exp(1j * (np.outer(y, number * np.sin(turn)) + pace * time + phase))
    waves = (down.astype(np.complex64) @ along.astype(np.complex64)).real
    return _uneven(waves * math.sqrt(2 / _WAVES), amount / 2)[..., None]


def _uneven(waves: Array, amount: float) -> Array:
    """Waves of variance 1 as a factor above 0 whose mean is 1."""
    factor: Array = np.exp(amount * waves - amount**2 / 2).astype(np.float32)
    return factor
