"""How much light reaches smoke: the scene's, past the smoke on its way, and the flames' own."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["falling", "glowing"]

Array = npt.NDArray[Any]

_FIRST, _STEPS = 1 / 60, 6  # of the largest eddy: how far the first look towards the light goes; each goes twice as far
_WEIGHT = 1.6  # of a look, over that of the one before: large forms count more than small ones
_THICK = 0.35  # largest eddies that smoke bulges out where it is dense
_HIGH, _SOFT = 0.1, 0.1  # slope of the light, and how gradually a surface turns away from it
_DARK = 3.0  # natural logarithm of light that a slope of 1 loses at shadow 1
_SPREAD = ((0.15, 0.5), (0.6, 0.35), (2.0, 0.15))  # of the flames' light: largest eddies, and share


def falling(depth: Array, *, angle: float, shadow: float, size: float) -> Array:
    """The scene's light on smoke of an optical depth (H x W float32), over that on an even sheet: H x W float32.

    It comes from `angle` (degrees, 0 from the right, 90 from above) and the front. Smoke is taken for a surface that
    bulges the more the denser it is: what rises towards the light lies in shade, in forms of every size up to half the
    largest eddies, whose width is `size` pixels. With `shadow` 0 it is 1 everywhere.
    """
    if shadow == 0:
        return np.ones_like(depth)
    way = math.cos(math.radians(angle)), -math.sin(math.radians(angle))
    bulge, turned, whole = np.log1p(depth) * np.float32(_THICK * size), np.zeros_like(depth), 0.0
    for step in range(_STEPS):
        far, weight = _FIRST * 2**step * size, _WEIGHT**step
        slope = (_looked(bulge, way, far) - _looked(bulge, (0, 0), far)) / np.float32(far)
        turned += np.float32(weight) * _away(slope)
        whole += weight
    lit: Array = np.exp(np.float32(-_DARK * shadow) * (turned / np.float32(whole) - _away(np.float32(0))))
    return lit


def _away(slope: Any) -> Any:
    """How far a surface of a slope (towards the light, upwards) is turned away from it: 0 for one that faces it."""
    high = slope + np.float32(_HIGH)
    return (high + np.sqrt(high * high + np.float32(_SOFT))) / 2


def glowing(emission: Array, *, size: float) -> Array:
    """The flames' light around them (H x W x 3 float32, as `emission` is), spread over some largest eddies."""
    spread = np.zeros_like(emission)
    for far, share in _SPREAD:
        spread += np.float32(share) * _blurred(emission, far * size / 2)
    return spread


def _looked(picture: Array, way: tuple[float, float], pixels: float) -> Array:
    """A picture as it is so many pixels farther on, blurred by about half of that; it goes on beyond its edges."""
    factor = max(1.0, pixels / 4)
    small = _reduced(picture, factor)
    across, down = (each * pixels for each in way)
    height, width = picture.shape[:2]
    a, b = small.shape[1] / width, small.shape[0] / height
    matrix = np.array([[a, 0, a * (0.5 + across) - 0.5], [0, b, b * (0.5 + down) - 0.5]])
    soft, how = cv2.GaussianBlur(small, (0, 0), 1.5), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    found: Array = cv2.warpAffine(soft, matrix, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return found


def _blurred(picture: Array, sigma: float) -> Array:
    factor = max(1.0, sigma / 3)
    soft = cv2.GaussianBlur(_reduced(picture, factor), (0, 0), max(0.3, sigma / factor), borderType=cv2.BORDER_CONSTANT)
    larger: Array = cv2.resize(soft, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    return larger


def _reduced(picture: Array, factor: float) -> Array:
    if factor == 1:
        return picture
    size = max(1, round(picture.shape[1] / factor)), max(1, round(picture.shape[0] / factor))
    reduced: Array = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return reduced
