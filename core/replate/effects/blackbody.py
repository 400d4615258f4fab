"""The light of glowing soot: Planck's law, seen by the CIE's observer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["REFERENCE", "blackbody", "glow"]

Array = npt.NDArray[Any]

REFERENCE = 2000.0
"""The temperature in kelvin whose luminance is 1: soot in a candle or a wood fire is about as hot."""
_KELVIN = (500.0, 6000.0)
_C2 = 1.438777e7  # second radiation constant, nanometres x kelvin
# The observer of 1931 as sums of lobes (height, centre, width below, width above in nm): Wyman, Sloan and Shirley,
# "Simple analytic approximations to the CIE XYZ color matching functions", JCGT 2(2), 2013, where a lobe's widths are
# given as their inverses.
_OBSERVER = (
    ((1.056, 599.8, 37.9, 31.0), (0.362, 442.0, 16.0, 26.7), (-0.065, 501.1, 20.4, 26.2)),
    ((0.821, 568.8, 46.9, 40.5), (0.286, 530.9, 16.3, 31.1)),
    ((1.217, 437.0, 11.8, 36.0), (0.681, 459.0, 26.0, 13.8)),
)
# CIE XYZ to ACEScg (primaries AP1): Academy S-2014-004.
_AP1 = (
    (1.6410233797, -0.3248032942, -0.2364246952),
    (-0.6636628587, 1.6153315917, 0.0167563477),
    (0.0117218943, -0.0082844420, 0.9883948585),
)


def blackbody(kelvin: Array) -> Array:
    """Linear ACEScg light of black bodies, ... x 3 float64, for temperatures above 0; luminance 1 at `REFERENCE`."""
    xyz = _planck(kelvin) @ _observer().T
    rgb: Array = xyz @ np.array(_AP1).T / (_planck(np.array(REFERENCE)) @ _observer()[1])
    return rgb


def glow(kelvin: Array, *, balance: float) -> Array:
    """`blackbody` of a picture (H x W float32, held within 500..6000 K) as H x W x 3 float32, by a table.

    `balance` is the temperature whose light is white, as a camera is set: red, green and blue are divided by its own.
    """
    steps, table = _table()
    white = blackbody(np.array(balance))
    light = [np.exp(np.interp(kelvin, steps, channel)) for channel in (table - np.log(white / white[1])).T]
    return np.stack(light, axis=-1).astype(np.float32)


def _planck(kelvin: Array) -> Array:
    """Radiance at every wavelength of the observer, ... x wavelengths, in a unit of its own."""
    nm = _wavelengths()
    radiance: Array = 1e15 / nm**5 / np.expm1(_C2 / (nm * np.asarray(kelvin, np.float64)[..., None]))
    return radiance


def _wavelengths() -> Array:
    return np.arange(380.0, 781.0, 5.0)


@lru_cache(maxsize=1)
def _observer() -> Array:
    """3 x wavelengths."""
    return np.stack([sum((_lobe(*each) for each in lobes), np.zeros(1)) for lobes in _OBSERVER])


def _lobe(height: float, centre: float, below: float, above: float) -> Array:
    off = _wavelengths() - centre
    lobe: Array = height * np.exp(-0.5 * (off / np.where(off < 0, below, above)) ** 2)
    return lobe


@lru_cache(maxsize=1)
def _table() -> tuple[Array, Array]:
    """Temperatures, and the natural logarithm of their light."""
    steps = np.linspace(*_KELVIN, 512)
    return steps, np.log(blackbody(steps))
