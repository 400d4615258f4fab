"""The coarse field: every sample asks along its way back in time which emitters it has passed, and how long ago."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .emitter import Emitter
from .lattice import Lattice, Pair
from .motion import CARRY, STRETCH, Motion
from .waves import sampled

__all__ = ["SHEETS", "Field", "burning", "field", "flows"]

Array = npt.NDArray[Any]

SHEETS = 2
"""Sheets of air, one behind the other, whose eddies know nothing of each other."""
_APART = 4.7  # largest eddies between two sheets in the same waves
_THIN = 0.8  # samples by which smoke is blurred: its long paths make sheets thinner than the grid can show
_SHARP = 4  # the power by which a fresh contact with an emitter outweighs older ones
_STEPS, _STEP = 48, 1.0  # on the way back at most; unless they are as short as this, in own time
_FAINT = 1e-2  # heat; smoke can be made many times as dense
_SCOUTS, _MARGIN = 4, 4  # a look ahead has a sample for so many each way, and what it finds is this many wider


@dataclass(frozen=True)
class Field:
    """What the air holds at a frame, on a lattice: rows x columns x C float32, sheets as channels."""

    lattice: Lattice
    heat: Array
    """SHEETS: from 0, where nothing burns, to about 1, where an emitter has just been passed."""
    smoke: Array
    """SHEETS: from 0; 1 where a full emitter has fed it for a whole `linger`."""
    forward: Array
    """2: pixels right and down to where it is in the next frame, the sheets' mean."""
    backward: Array
    """2: the same to where it was in the last one."""
    origin: Array
    """SHEETS x 2: where that air was at the own time `since`, in largest eddies (right, down)."""
    since: float


def field(emitter: Emitter, motion: Motion, lattice: Lattice) -> Field:
    """The field of a frame. A function of its arguments alone.

    Semi-Lagrangian as Stam, "Stable fluids", 1999, but back along the whole way, so that nothing is kept from one frame
    to the next. Each step has the velocity of its middle, found with that of the step before.
    """
    air = _Air(motion, lattice)
    step = max(_STEP, motion.memory / _STEPS)
    steps, fresh = math.ceil(motion.memory / step), max(1, round(motion.drawn / step))
    x, y = air.places()
    heat, smoke, origin = np.zeros_like(x), np.zeros_like(x), (x, y)
    u, v = air.velocity(motion.now - step / 2, x, y)
    for index in range(steps):
        age = index * step
        then = motion.now - age
        fed, fumes = air.fed(emitter, then, x, y, spread=motion.spread * age)
        heat += (fed * np.float32(_left(age, motion.life))) ** _SHARP * np.float32(_SHARP * step / motion.life)
        smoke += fumes * np.float32(_left(age, motion.linger) * step / motion.linger)
        half = np.float32(step / 2)
        u, v = air.velocity(then - step / 2, x - half * u, y - half * v)
        x, y = x - 2 * half * u, y - 2 * half * v
        origin = (x, y) if index < fresh else origin
    heat = heat ** np.float32(1 / _SHARP)
    return Field(
        lattice=lattice,
        heat=air.beside(heat),
        smoke=cv2.GaussianBlur(air.beside(smoke), (0, 0), _THIN),
        forward=air.way(motion.ahead, heat + smoke),
        backward=air.way(-motion.behind, heat + smoke),
        origin=np.dstack([air.beside(each) for each in air.eddies(*origin)]),
        since=motion.now - fresh * step,
    )


def flows(motion: Motion, lattice: Lattice) -> Array:
    """Each sheet's velocity at the frame, in pixels a unit of own time: rows x columns x 2 SHEETS (right, down)."""
    air = _Air(motion, lattice)
    return np.dstack([air.beside(each) for each in air.velocity(motion.now, *air.places())])


def burning(emitter: Emitter, motion: Motion, lattice: Lattice) -> Lattice | None:
    """The part of a lattice in which there is heat or smoke, found by looking ahead; None where there is neither."""
    scouts = lattice.finer(1 / _SCOUTS)
    found = field(emitter, motion, scouts)
    there: Array = ((found.heat > _FAINT) | (found.smoke > _FAINT**2)).max(axis=-1)
    if not there.any():
        return None
    rows, columns = _span(there.max(axis=1), 0), _span(there.max(axis=0), scouts.around)
    wide = scouts.part(rows, columns).finer(_SCOUTS)
    return _within(wide, lattice)


def _span(there: Array, around: int) -> slice:
    """From the first to the last True, and a margin; around a panorama beyond its edge, past the widest gap."""
    found = np.flatnonzero(there)
    start, stop = int(found[0]), int(found[-1]) + 1
    if around:
        gaps = np.diff(np.append(found, found[0] + around))
        widest = int(gaps.argmax())
        start = int(found[(widest + 1) % len(found)])
        stop = start + around - int(gaps[widest]) + 1
    return slice(start - _MARGIN, stop + _MARGIN)


def _within(part: Lattice, whole: Lattice) -> Lattice:
    """As much of a part as the whole has; a panorama has everything to its right and left."""
    top, bottom = max(part.row, whole.row), min(part.row + part.rows, whole.row + whole.rows)
    left, right = part.column, part.column + part.columns
    if not whole.around:
        left, right = max(left, whole.column), min(right, whole.column + whole.columns)
    return part.part(slice(top - part.row, bottom - part.row), slice(left - part.column, right - part.column))


def _left(age: float, life: float) -> float:
    """What is left of 1: as exp(-age / life), but nothing at three times the life."""
    return float(max(0.0, 1 - age / (3 * life)) ** 3)


class _Air:
    """The air over a lattice; the sheets lie one below the other."""

    def __init__(self, motion: Motion, lattice: Lattice) -> None:
        self.motion, self.lattice = motion, lattice
        self.apart = np.repeat(np.arange(SHEETS, dtype=np.float32) * _APART, lattice.rows)[:, None]

    def places(self) -> Pair:
        """Where the samples are, in pixels."""
        x, y = self.lattice.places()
        return np.tile(x, (SHEETS, 1)), np.tile(y, (SHEETS, 1))

    def eddies(self, x: Array, y: Array) -> Pair:
        """Pixels as largest eddies."""
        across, down = np.float32(self.motion.across), np.float32(self.motion.size * STRETCH)
        return (x + np.float32(self.motion.shift)) / across + self.apart, y / down

    def velocity(self, time: float, x: Array, y: Array) -> Pair:
        """Pixels a unit of own time to the right and down; across is slower, as eddies are taller: no divergence."""
        speed = np.float32(self.motion.turbulence(time))
        flow = sampled(self.motion.waves(time).flow(), *self.eddies(x, y))
        right, down = (np.float32(each) for each in self.motion.mean(time))
        wide = np.float32(self.motion.across / self.motion.size / STRETCH)
        return flow[..., 0] * (speed * wide) + right, flow[..., 1] * speed + down

    def fed(self, emitter: Emitter, time: float, x: Array, y: Array, *, spread: float) -> Pair:
        """How much heat an emitter gives there and then, and how much smoke, which has spread since; from 0."""
        patches = sampled(self.motion.waves(time).noise(), *self.eddies(x, y)) * np.float32(self.motion.unevenness)
        patches, back = np.clip(1 + patches, 0, 2), self.motion.back(time)
        heat = emitter.sampled(back, x, y) * patches
        return heat, emitter.sampled(back, x, y, spread=spread) * patches if spread else heat

    def way(self, time: float, amount: Array) -> Array:
        """How far shapes go in a time from now on: as fast as eddies are carried. Of the sheets that hold more, more.

        What burns passes through the eddies that shape it, so its shapes are slower than the air.
        """
        then = self.motion.now + time / 2
        x, y = self.places()
        right, down = (np.float32((1 - CARRY) * each) for each in self.motion.mean(then))
        ways = [self.beside(each) for each in self.velocity(then, x, y)]
        share = self.beside(amount + np.float32(1e-6))
        share /= share.sum(axis=-1, keepdims=True)
        means = [(share * (way - less)).sum(axis=-1) for way, less in zip(ways, (right, down), strict=True)]
        return np.dstack(means) * np.float32(time)

    def beside(self, stacked: Array) -> Array:
        """The sheets as channels."""
        sheets = stacked.reshape(SHEETS, self.lattice.rows, self.lattice.columns)
        return np.ascontiguousarray(np.moveaxis(sheets, 0, -1))
