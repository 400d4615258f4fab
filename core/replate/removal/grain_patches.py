"""Patches of a plate as sums of cosine waves, in which grain is told from the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..picture.compositing import Array

__all__ = [
    "COSINES",
    "CYCLES",
    "ENDS",
    "FAINTEST",
    "HIGH",
    "LOW",
    "NOTHING",
    "SHADING",
    "SIDE",
    "Patches",
    "even",
    "log_power",
    "patches",
]

SIDE = 32  # pixels of a patch: more than grain is long, less than most plain areas
COUNT = 1024  # patches, about, that are spread over the plate
ENDS = 0.01  # brightness this near to the darkest and the brightest is perhaps crushed or clipped
TAILS = 3.4  # kurtosis of high frequencies: 3 in grain, more in lines and spots
FAINTEST = 1.5e-4  # standard deviation in high frequencies below which it is rounding: ten times that of half
NOTHING = 1e-12  # power of a patch without any grain


def _cosines() -> Array:
    """The waves of the discrete cosine transform (DCT-II), one a row, of length 1."""
    wave, place = np.ogrid[:SIDE, :SIDE]
    waves = np.sqrt((2 - (wave == 0)) / SIDE) * np.cos(np.pi * wave * (2 * place + 1) / (2 * SIDE))
    rows: Array = waves.astype(np.float32)
    return rows


COSINES = _cosines()
"""SIDE x SIDE: the waves of the discrete cosine transform, one a row."""
CYCLES = np.hypot(*np.indices((SIDE, SIDE))) / (2 * SIDE)
"""SIDE x SIDE: cycles a pixel of each product of two waves. What follows are bands of these."""
HIGH = CYCLES >= 1 / 8
"""Where pictures have little power, and grain much of its own."""
SHADING = CYCLES < 7 / 128
"""Where pictures have too much."""
LOW = ~HIGH & (np.add.outer(np.arange(SIDE), np.arange(SIDE)) > 2)
_SLOPES = COSINES @ np.linalg.qr(np.vander(np.linspace(-1, 1, SIDE), 4, increasing=True))[0].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Patches:
    """N patches of C channels.

    `brightness` (N x C) is their mean, `waves` (N x C x SIDE x SIDE) what each product of two waves has of them, `cut`
    (N x C) True where some of a patch is as dark or as bright as nothing else and perhaps crushed or clipped.
    """

    brightness: Array
    waves: Array
    cut: Array


def patches(picture: Array, known: Array, aligned: Array | None) -> Patches:
    """All patches that are known; arguments as those of `measure_grain`.

    What of a patch is a slope or a gentle curve along its sides is taken off its waves.
    """
    height, width, channels = picture.shape
    step = max(SIDE // 2, math.isqrt(height * width // COUNT))
    if min(height, width) < SIDE:
        return Patches(*(np.empty((0, channels, *more), np.float32) for more in ((), (SIDE, SIDE), ())))
    seen = _cut(known[..., 0] >= 1, step).all(axis=(-2, -1))
    pixels = np.ascontiguousarray(_cut(picture, step)[seen])  # ten times as fast to go through
    with np.errstate(invalid="ignore", over="ignore"):
        waves = COSINES @ pixels @ COSINES.T
        brightness = waves[..., 0, 0] / SIDE
        if aligned is not None:
            waves = (waves - COSINES @ _cut(aligned, step)[seen] @ COSINES.T) * np.float32(0.5**0.5)
    sound = np.isfinite(waves[..., 0, 0]).all(axis=1)
    waves = waves[sound]
    for edge in (waves[..., 0], waves[..., 0, :]):
        edge -= edge @ _SLOPES @ _SLOPES.T
    return Patches(brightness[sound], waves, _at_an_end(pixels[sound]))


def _at_an_end(pixels: Array) -> Array:
    dark, bright = pixels.min(axis=(-2, -1)), pixels.max(axis=(-2, -1))
    crushed = dark <= dark.min(axis=0, initial=np.inf) + ENDS
    clipped = bright >= bright.max(axis=0, initial=-np.inf) - ENDS
    either: Array = crushed | clipped
    return either


def _cut(picture: Array, step: int) -> Array:
    return sliding_window_view(picture, (SIDE, SIDE), (0, 1))[::step, ::step]


def even(waves: Array) -> Array:
    """Which patches have high frequencies that are normal numbers all over, and not lines and spots on a ground."""
    fine = np.square(COSINES.T @ (waves * HIGH) @ COSINES)
    tails = np.square(fine).mean(axis=(-2, -1)) / (np.square(fine.mean(axis=(-2, -1))) + NOTHING**2)
    normal: Array = (tails.mean(axis=1) < TAILS) | (_power(waves, HIGH) < FAINTEST**2).all(axis=1)
    return normal


def log_power(waves: Array, band: Array) -> Array:
    """Logarithm of the mean square of the waves in a band (SIDE x SIDE of booleans), N x C."""
    logarithm: Array = np.log(_power(waves, band) + NOTHING)
    return logarithm


def _power(waves: Array, band: Array) -> Array:
    power: Array = np.einsum("ncyx,ncyx,yx->nc", waves, waves, np.float32(band / band.sum()))
    return power
