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
_KEPT = 64  # textures of each kind, 600 KB and 1.2 MB each: the next frame asks for most of them again


@dataclass(frozen=True)
class Waves:
    """The waves of a seed at a moment.

    `carried` is how far all of them have moved on (right, down, in largest eddies), `turned` by how many radians the
    largest have turned over. With `laps` these are for one whole lap, rounded so that every wave closes, and
    `laps` of them have passed.
    """

    seed: int = 0
    carried: tuple[float, float] = (0.0, 0.0)
    turned: float = 0.0
    laps: float | None = None

    def flow(self) -> Array:
        """Velocity (right, down), TEXELS x TEXELS x 2 float32 over one period; its mean square is about 1.

        The curl of a stream function, so that it has no divergence: Bridson, Houriham and Nordenstam, "Curl-noise for
        procedural fluid flow", 2007.
        """
        return _flow(self)

    def noise(self) -> Array:
        """Noise that the flow carries, TEXELS x TEXELS float32 over one period; mean 0, variance about 1."""
        return _noise(self)

    def finer(self, factor: float) -> Waves:
        """Waves of the same air `factor` times as small, in lengths of their own."""
        carried = (self.carried[0] * factor, self.carried[1] * factor)
        return replace(self, carried=carried, turned=self.turned * factor ** (2 / 3))

    def moved(self, which: int) -> Array:
        """The lattice's waves. Wave k turns over as k^(2/3), as eddies do in Kolmogorov's turbulence."""
        kx, ky, _ = _lattice()
        start, turning = _lots(self.seed, which)
        phase = turning * self.turned * _pace()
        phase -= 2 * math.pi / PERIOD * (kx * self.carried[0] + ky * self.carried[1])
        if self.laps is not None:
            phase = np.round(phase / (2 * math.pi)) * (2 * math.pi * math.fmod(self.laps, 1))
        moved: Array = start * np.exp(1j * phase)
        return moved


@lru_cache(maxsize=_KEPT)
def _flow(waves: Waves) -> Array:
    kx, ky, share = _lattice()
    stream = waves.moved(0) * (share / np.maximum(np.hypot(kx, ky), 1))
    flow = np.dstack([_drawn(1j * ky * stream), _drawn(-1j * kx * stream)])
    flow.flags.writeable = False
    return flow


@lru_cache(maxsize=_KEPT)
def _noise(waves: Waves) -> Array:
    return _drawn(waves.moved(1) * _lattice()[2])


def sampled(texture: Array, x: Array, y: Array) -> Array:
    """A texture at places in largest eddies (any, of one shape), bilinear."""
    found: Array = cv2.remap(texture, _texels(x), _texels(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return found


def _texels(eddies: Array) -> Array:
    """Within one period, so that far places keep their digits and OpenCV its range."""
    periods = eddies / np.float32(PERIOD)
    return ((periods - np.floor(periods)) * np.float32(TEXELS)).astype(np.float32, copy=False)


@lru_cache(maxsize=1)
def _lattice() -> tuple[Array, Array, Array]:
    """How many waves go across and down (rows wrap around), and the share of each, so that mean squares sum to 1."""
    kx, ky = np.arange(_FINEST + 1)[None], np.r_[: _FINEST + 1, -_FINEST:0][:, None]
    number = np.hypot(kx, ky)
    share = np.where((number >= PERIOD) & (number <= _FINEST), np.maximum(number, 1) ** _SLOPE, 0)
    squares = np.where(kx > 0, 4.0, 1.0) * share**2  # a wave counts with its mirror image; column 0 holds both
    return kx, ky, share / math.sqrt(float(squares.sum()))


@lru_cache(maxsize=1)
def _pace() -> Array:
    """How fast each wave turns over, against the largest."""
    kx, ky, _ = _lattice()
    pace: Array = (np.hypot(kx, ky) / PERIOD) ** (2 / 3)
    return pace


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
    picture.flags.writeable = False  # it is remembered
    return picture
