"""A flow and a noise without memory: sums of travelling waves, known at any place and time from a seed alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..picture.noise import gaussian

__all__ = ["PERIOD", "TEXELS", "Waves", "sampled"]

Array = npt.NDArray[Any]

TEXELS = 384
"""Samples of a texture."""
PERIOD = 12
"""Largest eddies across a texture, after which it comes again."""
_FINEST = 8 * PERIOD  # waves across a texture, the shortest: three octaves, and four texels long
_SLOPE = -2.4  # of a wave's size over its number; Kolmogorov's air is rougher (-4/3), but tears flames to dust


@dataclass(frozen=True)
class Waves:
    """Which waves. Lengths are in largest eddies, times in frames.

    `carry` is how far all of them move on in a frame (right, down), `churn` by how many radians the largest turn over
    in one, `loop` after how many all comes again, 0 for never.
    """

    seed: int = 0
    carry: tuple[float, float] = (0.0, 0.0)
    churn: float = 0.0
    loop: float = 0.0

    def flow(self, time: float) -> Array:
        """Velocity (right, down) at a time, TEXELS x TEXELS x 2 float32 over one period; its mean square is about 1.

        The curl of a stream function, so that it has no divergence: Bridson, Houriham and Nordenstam, "Curl-noise for
        procedural fluid flow", 2007.
        """
        kx, ky, share = _lattice()
        stream = self._moved(time, 0) * (share / np.maximum(np.hypot(kx, ky), 1))
        return np.dstack([_drawn(1j * ky * stream), _drawn(-1j * kx * stream)])

    def noise(self, time: float) -> Array:
        """Noise that the flow carries, TEXELS x TEXELS float32 over one period; mean 0, variance about 1."""
        return _drawn(self._moved(time, 1) * _lattice()[2])

    def finer(self, factor: float) -> Waves:
        """Waves of the same air `factor` times as small, in lengths of their own."""
        carry = (self.carry[0] * factor, self.carry[1] * factor)
        return replace(self, carry=carry, churn=self.churn * factor ** (2 / 3))

    def _moved(self, time: float, which: int) -> Array:
        """The lattice's waves at a time. Wave k turns over as k^(2/3), as eddies do in Kolmogorov's turbulence."""
        kx, ky, _ = _lattice()
        start, turning = _lots(self.seed, which)
        omega = turning * self.churn * (np.hypot(kx, ky) / PERIOD) ** (2 / 3)
        omega -= 2 * math.pi / PERIOD * (kx * self.carry[0] + ky * self.carry[1])
        if self.loop:
            omega = np.round(omega * self.loop / (2 * math.pi)) * (2 * math.pi / self.loop)
            time = math.fmod(time, self.loop)
        moved: Array = start * np.exp(1j * omega * time)
        return moved


def sampled(texture: Array, x: Array, y: Array) -> Array:
    """A texture at places in largest eddies (any, of one shape), bilinear."""
    found: Array = cv2.remap(texture, _texels(x), _texels(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return found


def _texels(eddies: Array) -> Array:
    """Within one period, so that far places keep their digits and OpenCV its range."""
    periods = eddies / np.float32(PERIOD)
    return ((periods - np.floor(periods)) * np.float32(TEXELS)).astype(np.float32)


@lru_cache(maxsize=1)
def _lattice() -> tuple[Array, Array, Array]:
    """How many waves go across and down (rows wrap around), and the share of each, so that mean squares sum to 1."""
    kx, ky = np.arange(_FINEST + 1)[None], np.r_[: _FINEST + 1, -_FINEST:0][:, None]
    number = np.hypot(kx, ky)
    share = np.where((number >= PERIOD) & (number <= _FINEST), np.maximum(number, 1) ** _SLOPE, 0)
    squares = np.where(kx > 0, 4.0, 1.0) * share**2  # a wave counts with its mirror image; column 0 holds both
    return kx, ky, share / math.sqrt(float(squares.sum()))


@lru_cache(maxsize=8)
def _lots(seed: int, which: int) -> tuple[Array, Array]:
    """For each wave a complex normal number to start from, and which way and how fast it turns over."""
    shape = np.broadcast_shapes(*(each.shape for each in _lattice()))
    lots = gaussian(2 * seed + which, 3 * shape[0] * shape[1]).reshape(3, *shape)
    return lots[0] + 1j * lots[1], lots[2]


def _drawn(waves: Array) -> Array:
    """The sum of the lattice's waves on a texture."""
    spectrum = np.zeros((TEXELS, TEXELS // 2 + 1), np.complex64)
    spectrum[: _FINEST + 1, : _FINEST + 1] = waves[: _FINEST + 1] * TEXELS**2
    spectrum[-_FINEST:, : _FINEST + 1] = waves[_FINEST + 1 :] * TEXELS**2
    picture: Array = np.fft.irfft2(spectrum, s=(TEXELS, TEXELS)).astype(np.float32)
    return picture
