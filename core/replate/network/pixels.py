"""Which pixels a generator must leave alone, and what it sees in their place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["REACH", "divisor", "heal", "untouched", "unusable"]

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

REACH = 7
"""How far sound pixels may lie from the bad one that they heal."""

_LEAST_ALPHA = 1e-6
# Light over alpha that a thing may well have; two stops more are a glow. The less it covers, the sooner it is one.
_DIM, _SOLID = 2.0, 16.0
_BRIGHTEST = 1e30  # beyond this a value is no light, and a matrix could make it infinite


def unusable(rgb: Array) -> Mask | None:
    """H x W, True where any of R, G, B is NaN, infinite or absurd; None where every pixel is sound."""
    if rgb.size and max(rgb.max(), -rgb.min()) < _BRIGHTEST:  # NaN compares as False
        return None
    bad: Mask = np.logical_not(np.all(np.abs(rgb) < _BRIGHTEST, axis=-1))
    return bad


def heal(rgb: Array, bad: Mask) -> Array:
    """A copy whose bad pixels hold the mean of the sound ones within `REACH`, black where there are none.

    The network then sees nothing unusual, so that one dead pixel does not draw a ring around itself.
    """
    import cv2  # a fifth of a second that a sound plate need not wait for

    size, healed = (2 * REACH + 1,) * 2, rgb.copy()
    healed[bad] = 0
    count = cv2.blur((~bad).astype(np.float32), size)[bad, None]
    mean = cv2.blur(healed, size)[bad] / np.maximum(count, 1e-6)
    healed[bad] = np.where(count > 1e-6, mean, 0)
    return healed


def divisor(alpha: Array, rgb: Array) -> Array:
    """H x W x 1, what premultiplied light is divided by: alpha, 1 where there is none, and 1 where something glows.

    Flames and reflections add light and cover next to nothing. Divided by their alpha they would be suns, which a
    network lets shine into their surroundings.
    """
    usable = np.nan_to_num(alpha, nan=1.0, posinf=1.0, neginf=1.0)
    cover = np.where(usable > 0, np.maximum(usable, _LEAST_ALPHA), 1)
    bright = np.clip(4 * _SOLID * cover, _DIM, _SOLID)
    beyond = np.maximum(rgb.max(axis=-1, keepdims=True) / (cover * bright), 1)
    glow = np.minimum(np.log2(beyond) / 2, 1)
    found: Array = (cover + glow * (1 - cover)).astype(np.float32)
    return found


def untouched(rgb: Array, alpha: Array | None, matte: Array | None, bad: Mask | None) -> Mask | None:
    """H x W, True where the result must keep the plate's bits; None where that is nowhere."""
    masks = [] if bad is None else [bad]
    if alpha is not None:
        masks.append((alpha[..., 0] == 0) & (rgb == 0).all(axis=-1))
    if matte is not None:
        masks.append(matte[..., 0] == 0)
    found = [mask for mask in masks if mask.any()]
    return np.logical_or.reduce(found) if found else None
