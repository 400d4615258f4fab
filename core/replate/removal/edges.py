"""The colour that a foreground has at its soft edge, freed of the background that it was shot against.

At a soft edge a plate is C = a F + (1 - a) B: matte a, foreground F, background B. Put over another background as it
is, C brings the old one along as a fringe. F and, where nobody knows it, B are estimated over a pyramid with the cost
of Germer, Uelwer, Conrad and Harmeling, "Fast Multi-Level Foreground Estimation" (ICPR 2020): what explains the plate
and is as smooth as the matte is not. There errors are absolute. Here they are relative, because light has no upper end
and a lamp behind the edge must not be explained by the foreground.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..picture.compositing import Array

__all__ = ["foreground"]

COARSEST = 64  # pixels of the finest level in one of the coarsest: as far as colour is looked for
SWEEPS, SWEEPS_FINE = 10, 6  # over a level, and over the levels of many pixels
MANY = 64 * 64  # pixels
SMOOTH, ALONG_EDGE = 1e-5, 0.1  # regularisation, and its weight where the matte changes (epsilon_r, omega)
DARK = 0.01  # light below which errors count as absolute


def foreground(plate: Array, matte: Array, *, background: Array | None = None) -> Array:
    """The foreground's colour, H x W x 3 float32 in the space of `plate`.

    `plate` is scene-linear H x W x 3 float32, `matte` H x W x 1 float32 in 0..1, 1 where only the foreground is seen.
    `background`, like the plate, is what stood behind; where it is not finite, and without it, it is estimated too.
    The plate's own bits where the matte is 1. Elsewhere the result is finite, and below 0 only as far as the plate is;
    where the matte is 0 it continues the edge's colour outwards.
    """
    result = plate.copy()
    box = _around_the_edge(matte[..., 0])
    if box is None:
        return result
    old = None if background is None else background[box]
    found = np.maximum(_solved(plate[box], matte[box], old), np.minimum(np.nan_to_num(plate[box]), 0))
    np.copyto(result[box], found, where=matte[box] < 1)
    return result


def _around_the_edge(matte: Array) -> tuple[slice, slice] | None:
    """Where the matte is not 1, and around that, on the grid of the coarsest level; None where it is 1 all over."""
    sides = []
    for axis, length in enumerate(matte.shape):
        found = np.flatnonzero((matte < 1).any(axis=1 - axis))
        if not found.size:
            return None
        low, high = int(found[0]) - COARSEST, int(found[-1]) + COARSEST
        sides.append(slice(max(0, low // COARSEST * COARSEST), min(length, -(-high // COARSEST) * COARSEST)))
    return sides[0], sides[1]


@dataclass(frozen=True, slots=True)
class _Level:
    """Plate and old background at one size, and how sure each of their values is: 1, or 0 where nothing is known."""

    plate: Array
    seen: Array
    matte: Array
    old: Array
    known: Array

    @classmethod
    def of(cls, plate: Array, matte: Array, background: Array | None) -> _Level:
        seen = np.isfinite(plate)
        old = np.full_like(plate, np.nan) if background is None else background
        known = np.isfinite(old)
        return cls(
            np.where(seen, plate, 0), seen.astype(np.float32), matte, np.where(known, old, 0), known * np.float32(1)
        )

    def smaller(self) -> _Level:
        """Half the size; means are of what is known."""
        seen, matte, known = _halved(self.seen), _halved(self.matte), _halved(self.known)
        plate = _halved(self.plate * self.seen) / np.maximum(seen, 1e-6)
        return _Level(plate, seen, matte, _halved(self.old * self.known) / np.maximum(known, 1e-6), known)


def _solved(plate: Array, matte: Array, background: Array | None) -> Array:
    levels = [_Level.of(plate, matte, background)]
    while len(levels) <= np.log2(COARSEST) and min(levels[-1].plate.shape[:2]) > 1:
        levels.append(levels[-1].smaller())
    front = behind = levels[-1].plate
    for level in reversed(levels):
        size = level.plate.shape[1::-1]
        front, behind = (cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in (front, behind))
        front, behind = _swept(level, front, behind)
    return front


def _swept(level: _Level, front: Array, behind: Array) -> tuple[Array, Array]:
    """Both layers brought nearer to what explains the level, by Jacobi's method.

    Of each pixel the neighbours' means are what is expected, with a variance that their weights give. What the plate
    has beyond that is shared out by variance, which is what the paper's system of two equations comes to.
    """
    matte, weights = level.matte, _Weights.of(level.matte)
    for _ in range(SWEEPS if matte.size <= MANY else SWEEPS_FINE):
        front, behind = weights.mean(front), weights.mean(behind)
        behind += level.known * (level.old - behind)
        unsure, unsure_behind = (_square(each) / weights.total for each in (front, behind))
        unsure_behind *= 1 - level.known
        expected = matte * front + (1 - matte) * behind
        noise = _square(expected) / np.maximum(level.seen, 1e-12)
        surprise = (level.plate - expected) / (matte**2 * unsure + (1 - matte) ** 2 * unsure_behind + noise)
        front += matte * unsure * surprise
        behind += (1 - matte) * unsure_behind * surprise
    return front, behind


def _square(light: Array) -> Array:
    return light**2 + np.float32(DARK**2)


@dataclass(frozen=True, slots=True)
class _Weights:
    """How much the four neighbours of a pixel count: more where the matte changes from one to the other."""

    down: Array
    across: Array
    total: Array

    @classmethod
    def of(cls, matte: Array) -> _Weights:
        down, across = (SMOOTH + ALONG_EDGE * np.abs(np.diff(matte, axis=axis)) for axis in (0, 1))
        total = np.zeros_like(matte)
        for axis, each in enumerate((down, across)):
            _spread(total, each, each, axis)
        return cls(down, across, np.maximum(total, SMOOTH))

    def mean(self, layer: Array) -> Array:
        """Of the neighbours; a lone pixel's own value."""
        if layer.shape[0] == layer.shape[1] == 1:
            return layer.copy()
        total = np.zeros_like(layer)
        _spread(total, self.down * layer[1:], self.down * layer[:-1], 0)
        _spread(total, self.across * layer[:, 1:], self.across * layer[:, :-1], 1)
        total /= self.total
        return total


def _spread(total: Array, after: Array, before: Array, axis: int) -> None:
    """Add to each pixel what its neighbours after and before it along `axis` give."""
    total = np.moveaxis(total, axis, 0)
    total[:-1] += np.moveaxis(after, axis, 0)
    total[1:] += np.moveaxis(before, axis, 0)


def _halved(picture: Array) -> Array:
    height, width = (-(-side // 2) for side in picture.shape[:2])
    small: Array = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return small.reshape(height, width, picture.shape[2])
