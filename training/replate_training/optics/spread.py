"""How a lens and film spread a point of light: profiles over the distance from it, and whole spread functions.

A profile is a function of u = r / size alone, k(r) = f(u) / size^2, its integral over the plane 1. So one table serves
every size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["Profile", "glow", "halation", "spread"]

Array = npt.NDArray[np.float64]
Profile = Callable[[Array], Array]

_INDEX = 1.5  # refractive index of film base
_SOFT = 0.1  # of the ring, by scattering in the emulsion, as a share of its radius
_NEAR = 3.0  # pixels around a light in which its profile changes within a pixel
_FINE, _WIDE = 48, 16.0  # samples to a ring's radius, and radii that the table reaches


def glow(falloff: float) -> Profile:
    """Veiling glare: (1 + u)^-falloff, above 2. Sums of such power laws fit what eyes and lenses scatter: Spencer et
    al., "Physically-based glare effects for digital images", 1995, equations 7 to 10 (3 for eyes at day, 2 far out)."""
    total = 2 * np.pi / ((falloff - 1) * (falloff - 2))
    return lambda u: (1 + u) ** -falloff / total


def halation() -> Profile:
    """The ring that film draws around a light, `u` 1 at its bright inner edge.

    Light that the emulsion scatters goes through the base, and comes back from its other side: little of it up to the
    critical angle, all of it beyond. A base of depth d throws back cos^4 (angle) F (angle) at r = 2 d tan(angle), with
    Fresnel's reflectance F; scattering in the emulsion blurs that. Cornu, "Sur le halo photographique", 1890.
    """
    radii, table = _ring()
    return lambda u: np.interp(u, radii, table) * np.where(u > radii[-1], (radii[-1] / np.maximum(u, 1e-9)) ** 4, 1)


@cache
def _ring() -> tuple[Array, Array]:
    side = 2 * int(_FINE * _WIDE) + 1
    span = (np.arange(side) - side // 2) / _FINE
    x, y = np.meshgrid(span, span)
    depth = np.tan(np.arcsin(1 / _INDEX))  # r / 2d where the ring begins
    angle = np.arctan(np.hypot(x, y) * depth)
    soft = cv2.GaussianBlur(np.cos(angle) ** 4 * _reflectance(angle), (0, 0), _SOFT * _FINE)
    middle = side // 2
    radii, table = span[middle:], soft[middle, middle:]
    rings = np.trapezoid(table * radii, radii) + table[-1] * radii[-1] ** 2 / 2  # the rest falls as r^-4
    return radii, table / (2 * np.pi * rings)


def _reflectance(angle: Array) -> Array:
    """Fresnel's for unpolarised light from inside the base; 1 beyond the critical angle."""
    out = np.arcsin(np.minimum(_INDEX * np.sin(angle), 1))
    a, b = np.cos(angle), np.cos(out)
    across, along = (_INDEX * a - b) / (_INDEX * a + b), (_INDEX * b - a) / (_INDEX * b + a)
    whole: Array = np.where(_INDEX * np.sin(angle) >= 1, 1.0, (across**2 + along**2) / 2)
    return whole


def spread(profile: Profile, x: Array, y: Array, size: float) -> Array:
    """The profile around (0, 0) as pixels see it, whose centres are at x and y (any shape, in pixels)."""
    value: Array = profile(np.hypot(x, y) / size) / size**2
    near = np.hypot(x, y) < _NEAR
    places, which = np.unique(np.stack([x[near], y[near]], -1), axis=0, return_inverse=True)
    finer = max(8, int(np.ceil(8 / size)))
    inside = (np.arange(finer) + 0.5) / finer - 0.5
    dx, dy = np.meshgrid(inside, inside)
    away = np.hypot(places[:, 0, None, None] + dx, places[:, 1, None, None] + dy)
    value[near] = (profile(away / size).mean((1, 2)) / size**2)[which.ravel()]
    return value
