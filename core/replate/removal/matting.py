"""How much of a pixel is foreground, where what is behind it is known.

At a soft edge a plate is C = a F + (1 - a) B. With B known and F carried over from where only foreground is seen, a is
how far C lies on the way from B to F. That says little where F varies or is hardly another colour than B; there the
matte follows the plate's own edges, by a guided filter (He, Sun and Tang, "Guided image filtering", ECCV 2010) in which
every pixel counts by how much it can be believed.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..picture.compositing import Array
from .pyramid import pyramid_fill

__all__ = ["soft_matte"]

DARK = 0.02  # light below which grain no longer falls with it
DOUBT = 0.05  # of relative colour difference that is as good as none
RADIUS, FLAT = 3, 1e-3  # of the guided filter's window, and the variance (of log light) below which it counts as flat


def soft_matte(plate: Array, behind: Array, *, solid: Array, near: Array) -> Array:
    """H x W x 1 float32 in 0..1 from `plate` and what is `behind`, both H x W x 3, finite and scene-linear.

    The matte is 1 where `solid` (H x W bool), 0 where not `near` (H x W bool), and found out in between.
    """
    front, variety = _front(plate, solid[..., None].astype(np.float32))
    share, belief = _share(plate, front, behind, variety)
    share[solid], share[~near] = 1, 0
    belief[solid | ~near] = 1
    followed = _guided(share, belief, np.log(np.maximum(plate, 0) + DARK).mean(axis=-1))
    matte: Array = (belief * share + (1 - belief) * followed).clip(0, 1)
    matte[solid], matte[~near] = 1, 0
    return matte[..., None]


def _front(plate: Array, solid: Array) -> tuple[Array, Array]:
    """The foreground's colour (H x W x 3), carried over from where it is solid, and how much it varies there (H x W).

    Variety is relative to light: a quarter of the variance of its logarithm, summed up over the channels.
    """
    log = np.log(np.maximum(plate, 0) + DARK)
    carried = pyramid_fill(np.concatenate([plate, log, log**2], axis=-1), 1 - solid)
    front, mean, square = np.split(carried, 3, axis=-1)
    return front, np.maximum(square - mean**2, 0).sum(axis=-1) / 4


def _share(plate: Array, front: Array, behind: Array, variety: Array) -> tuple[Array, Array]:
    """How far each pixel lies on the way from `behind` to `front`, and how far that can be believed: both H x W."""
    weight = 1 / (np.maximum(plate, 0) + np.maximum(behind, 0) + DARK)  # errors are relative to light
    way, gone = (front - behind) * weight, (plate - behind) * weight
    length: Array = (way**2).sum(axis=-1)
    share = (way * gone).sum(axis=-1) / np.maximum(length, 1e-9)
    return share.clip(0, 1), length / (length + DOUBT**2 + variety)


def _guided(share: Array, belief: Array, guide: Array) -> Array:
    """`share` as the line through `guide` that fits best around each pixel, weighted by `belief`; all H x W."""
    belief = belief + np.float32(1e-4)
    total = _mean(belief)
    middle, level = (_mean(belief * each) / total for each in (guide, share))
    spread = _mean(belief * guide**2) / total - middle**2
    common = _mean(belief * guide * share) / total - middle * level
    slope = common / (np.maximum(spread, 0) + FLAT)
    rest = level - slope * middle
    lines: Array = (_mean(total * slope) * guide + _mean(total * rest)) / _mean(total)
    return lines


def _mean(picture: Array) -> Array:
    mean: Array = cv2.blur(picture, (2 * RADIUS + 1, 2 * RADIUS + 1))
    return mean
