"""Wavelengths as the camera sees them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["GREEN", "responses", "wavelengths"]

Array = npt.NDArray[np.float64]

GREEN = 550.0
"""Wavelength in nanometres whose star has the size that is asked for."""

_XYZ_TO_AP1 = np.array(
    [
        [1.6410233797, -0.3248032942, -0.2364246952],
        [-0.6636628587, 1.6153315917, 0.0167563477],
        [0.0117218943, -0.0082844420, 0.9883948585],
    ]
)
# Three-lobe fits of the CIE 1931 observer: Wyman, Sloan, Shirley, "Simple analytic approximations to the CIE XYZ color
# matching functions", 2013, table 1: height, centre, width to the left and to the right.
_LOBES = {
    "x": ((1.056, 599.8, 37.9, 31.0), (0.362, 442.0, 16.0, 26.7), (-0.065, 501.1, 20.4, 26.2)),
    "y": ((0.821, 568.8, 46.9, 40.5), (0.286, 530.9, 16.3, 31.1)),
    "z": ((1.217, 437.0, 11.8, 36.0), (0.681, 459.0, 26.0, 13.8)),
}


def wavelengths(count: int) -> Array:
    """Evenly spaced wavelengths in nanometres, 410 to 680."""
    return np.linspace(410, 680, count)


def responses(waves: Array) -> Array:
    """What a white light's share at each wavelength adds to R, G and B of ACEScg: count x 3, each column's sum is 1.

    Negative shares, of colours more saturated than the primaries, are cut: a lens throws no negative light.
    """
    observer = np.stack([sum(_lobe(waves, *lobe) for lobe in lobes) for lobes in _LOBES.values()], -1)
    shares = np.maximum(observer @ _XYZ_TO_AP1.T, 0)
    summed: Array = shares / shares.sum(0)
    return summed


def _lobe(waves: Array, height: float, centre: float, left: float, right: float) -> Array:
    width = np.where(waves < centre, left, right)
    lobe: Array = height * np.exp(-0.5 * ((waves - centre) / width) ** 2)
    return lobe
