"""Noise for generators that make a picture from it: a function of a seed, the same on every machine."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..frame import Window

__all__ = ["field", "gaussian", "noise", "slerp"]

Vector = npt.NDArray[np.float64]
Bits = npt.NDArray[np.uint32]
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


def field(window: Window, *, frame: int = 0, seed: int = 0) -> npt.NDArray[np.float32]:
    """Four independent normal numbers for every pixel of `window`: height x width x 4, mean 0, variance 1.

    Each is a function of seed, frame and the pixel's place alone, so that windows which overlap agree where they do.
    The bits are `pcg4d` of Jarzynski and Olano, "Hash functions for GPU rendering" (JCGT 9(3), 2020), made normal as in
    `gaussian`.
    """
    x, y = np.arange(window.x, window.right), np.arange(window.y, window.bottom)[:, None]
    bits = _pcg4d(*(np.asarray(each).astype(np.uint32) for each in (x, y, frame % 2**32, seed % 2**32)))
    numbers = np.empty((window.height, window.width, 4), np.float32)
    for first in (0, 2):
        uniform, turn = (((each >> np.uint32(8)) + np.float32(0.5)) * np.float32(2**-24) for each in bits[first:][:2])
        radius, angle = np.sqrt(-2 * np.log(uniform)), np.float32(2 * math.pi) * turn
        numbers[..., first], numbers[..., first + 1] = radius * np.cos(angle), radius * np.sin(angle)
    return numbers


def _pcg4d(*numbers: Bits) -> list[Bits]:
    """Four whole numbers of 32 bits, hashed together into four others; they wrap around."""
    with np.errstate(over="ignore"):
        x, y, z, w = (each * np.uint32(1664525) + np.uint32(1013904223) for each in numbers)
        x, y, z, w = np.broadcast_arrays(x + y * w, y, z, w)
        y = y + z * x
        z = z + x * y
        w = w + y * z
        x, y, z, w = (each ^ (each >> np.uint32(16)) for each in (x, y, z, w))
        x = x + y * w
        y = y + z * x
        z = z + x * y
        w = w + y * z
    return [x, y, z, w]
