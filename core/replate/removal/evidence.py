"""What other frames show of a hole: fetched, brought to the frame's own light, and made into one picture.

Frames are believed by how well they agree with this one around the hole, each part of it by what is next to it, and
by how near they are in time. What few of them say, as a passer-by would, is outvoted: iteratively reweighted means
(Holland and Welsch, 1977, with Cauchy's weights) end near what most agree on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..picture.motion import fetched, grid
from .pyramid import pyramid_fill
from .views import Array, View, level

__all__ = ["PATCH", "RING", "Region", "Verdict", "Way", "Witness", "testimony", "verdict", "witness"]

Region = tuple[slice, slice]

RING = 16  # pixels around a hole in which light is compared
DRIFT = 0.06  # the most, in ACEScct, by which light may drift between two frames: a stop
SLOW = 3.0  # pixels over which it is averaged: what is finer is grain, or something that has moved
CELL = 4  # pixels a side of the means by which frames are compared around a hole
DOUBT = 0.02  # difference in ACEScct at which a pixel of the ring counts half for the drift
GRAIN = 0.003  # error in ACEScct that no alignment betters: about a code of an 8-bit picture
FEATHER = 3.0  # pixels over which one frame gives way to another
FAR = 6.0  # frames after which a frame counts half
OUTLIER = 0.02  # the distance from the mean for witnesses: see `verdict`
SPECK = 1 / 9  # of the squared distance of a pixel counts, whatever is around it
PATCH = 17  # pixels a side over which witnesses are compared
ROUNDS = 2
_NOTHING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Way:
    """A motion to another frame, H x W x 2, and where it leads there, H x W bool; None for everywhere."""

    motion: Array
    shown: Array | None = None


@dataclass(frozen=True, kw_only=True)
class Witness:
    """What one frame shows of a region of this one.

    `places` h x w x 2 (x, y) are where the region's pixels lie in that frame; `drift` h x w x 3 is to be added to what
    is found there; `weight` h x w x 1 is 0 where it shows nothing.
    """

    offset: int
    places: Array
    drift: Array
    weight: Array
    clean: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What witnesses agree on: `picture` h x w x 3; `trusted`, h x w x 1 a witness, how far each was believed in the
    end, all 0 where nothing is known; `spread` h x w x 1, their mean distance from the picture."""

    picture: Array
    trusted: tuple[Array, ...]
    spread: Array


def witness(here: View, there: View, way: Way, *, offset: int, hole: Array, region: Region) -> Witness:
    """What `there` shows of `hole` (H x W bool) and its surroundings in `region`, when `way` leads to it."""
    places = (grid(hole.shape) + way.motion)[region]
    seen, shows = _look(there, places)
    shows = shows if way.shown is None else shows & way.shown[region]
    plate, around = here.picture[region], _around(hole)[region] & ~here.hidden[region] & shows
    drift = _drift(plate - seen, around)
    error = _error(level(np.abs(plate - seen - drift)), around)
    weight = (GRAIN / (error + GRAIN)) ** 2 / np.float32(1 + abs(offset) / FAR)
    return Witness(offset=offset, places=places, drift=drift, weight=weight * _feathered(shows))


def testimony(there: View, told: Witness) -> Array:
    """The picture that a witness gives of its region."""
    return _look(there, told.places)[0] + told.drift


def verdict(pictures: Sequence[Array], weights: Sequence[Array], *, outlier: float = OUTLIER, over: int = 1) -> Verdict:
    """The picture that most of `pictures` (h x w x 3 each) agree on, by `weights` (h x w x 1 each).

    `outlier` is the distance from the mean, in ACEScct, at which a picture counts half: its root mean square over so
    many pixels a side, as far as the picture has a weight. Judged pixel by pixel pictures take turns like torn paper.
    """
    told, weight = np.stack(pictures), np.stack(weights)
    trusted, mean = weight, _mean(told, weight)
    for _ in range(ROUNDS):
        trusted = weight / (1 + _over(_apart(told, mean) ** 2, weight > 0, over) / outlier**2)
        mean = _mean(told, trusted)
    spread = _mean(_apart(told, mean), trusted)
    return Verdict(picture=mean, trusted=tuple(trusted), spread=spread)


def _mean(values: Array, weights: Array) -> Array:
    mean: Array = (values * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), _NOTHING)
    return mean


def _apart(told: Array, mean: Array) -> Array:
    distance = np.abs(told - mean)
    return level(distance.reshape(-1, *distance.shape[2:])).reshape(*distance.shape[:-1], 1)


def _over(values: Array, known: Array, side: int) -> Array:
    """`values` (N x h x w x 1) averaged over squares, as far as they are `known`, but loosely at each pixel, too: a
    speck would be lost among its neighbours."""
    if side == 1:
        return values
    means = np.zeros_like(values)
    for mean, value, there in zip(means, values, known.astype(np.float32), strict=True):
        total, share = (cv2.blur(each, (side, side))[..., None] for each in (value * there, there))
        np.divide(total, share, out=mean, where=share > _NOTHING)
    return np.maximum(means, SPECK * values)


def _look(there: View, places: Array) -> tuple[Array, Array]:
    """The frame at `places`, and where it shows something: h x w bool."""
    seen = fetched(there.filled, places, how=cv2.INTER_CUBIC)
    covered = fetched(there.hidden.astype(np.float32), places, outside=cv2.BORDER_CONSTANT)[..., 0]
    inside = (places >= 0) & (places <= np.array(there.hidden.shape[::-1], np.float32) - 1)
    return seen, (covered < 0.01) & inside[..., 0] & inside[..., 1]


def _feathered(shows: Array) -> Array:
    """1 where a frame shows something, h x w x 1, and less towards the edge of that, where another one takes over."""
    depth: Array = cv2.distanceTransform(shows.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.minimum(depth / np.float32(FEATHER), np.float32(1))[..., None]


def _around(hole: Array) -> Array:
    ring: Array = cv2.dilate(hole.astype(np.uint8), np.ones((2 * RING + 1,) * 2, np.uint8)) > 0
    return ring & ~hole


def _drift(difference: Array, ring: Array) -> Array:
    """The smooth change of light that the ring tells of, carried into the hole."""
    difference = np.clip(difference, -DRIFT, DRIFT)
    believed = ring / (1 + (level(np.abs(difference)) / DOUBT) ** 2)
    carried = pyramid_fill(difference, 1 - believed[..., None].astype(np.float32))
    slow: Array = cv2.GaussianBlur(carried, (0, 0), SLOW)
    return slow


def _error(apart: Array, ring: Array) -> Array:
    """How far two frames are `apart` (h x w) near each place, h x w x 1: as the `ring` tells, carried into the hole."""
    height, width = apart.shape
    if not ring.any():
        return np.full((height, width, 1), DRIFT, np.float32)
    size = -(-width // CELL), -(-height // CELL)
    sums, share = (cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (apart * ring, np.float32(ring)))
    carried = pyramid_fill((sums / np.maximum(share, _NOTHING))[..., None], 1 - share[..., None])
    error: Array = cv2.resize(carried, (width, height), interpolation=cv2.INTER_LINEAR)
    return error[..., None]
