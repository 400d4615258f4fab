"""Noise for generators that make a picture from it: a function of a seed, the same on every machine."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

__all__ = ["gaussian", "noise", "slerp"]

Vector = npt.NDArray[np.float64]
_PARALLEL = 1e-6  # radians between two vectors below which the arc between them is a line


def noise(seed: float, length: int, *, variety: float = 1.0) -> npt.NDArray[np.float32]:
    """`length` numbers for a seed, 1 x length; `variety` scales them.

    A whole seed has numbers of its own (`gaussian`). Between two of them lies the arc from one to the other, which
    keeps the length of a Gaussian vector as a straight line would not: White, "Sampling generative networks", 2016.
    """
    low = math.floor(seed)
    here, there = gaussian(low, length), gaussian(low + 1, length)
    blended = slerp(here, there, seed - low)
    return (variety * blended).astype(np.float32)[None]


def gaussian(seed: int, length: int) -> Vector:
    """`length` independent numbers of mean 0 and variance 1 for a whole seed, negative ones included.

    Philox (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011) keyed by the seed gives the bits, the
    transform of Box and Muller (1958) makes them normal. NumPy promises the bits of Philox for good, but not those of
    its own normal numbers.
    """
    raw = np.random.Philox(key=seed % 2**64).random_raw(2 * length)
    uniform = ((raw >> np.uint64(11)) + 0.5) * 2.0**-53  # the middle of each step: never 0
    radius, angle = np.sqrt(-2 * np.log(uniform[:length])), 2 * math.pi * uniform[length:]
    normal: Vector = radius * np.cos(angle)
    return normal


def slerp(a: Vector, b: Vector, amount: float) -> Vector:
    """From `a` (amount 0) to `b` (amount 1) at constant angular speed: Shoemake, "Animating rotation with quaternion
    curves", 1985. Exactly `a` and `b` at the ends."""
    if amount in (0, 1):
        return b if amount else a
    cosine = float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-30))
    angle = math.acos(min(1.0, max(-1.0, cosine)))
    if min(angle, math.pi - angle) < _PARALLEL:
        return (1 - amount) * a + amount * b
    return (math.sin((1 - amount) * angle) * a + math.sin(amount * angle) * b) / math.sin(angle)
