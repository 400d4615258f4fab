"""The coarse field: every sample asks along its way back in time which emitters it has passed, and how long ago."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .motion import STRETCH, Motion
from .waves import sampled

__all__ = ["SHEETS", "Field", "field"]

Array = npt.NDArray[Any]
Pair = tuple[Array, Array]

SHEETS = 2
"""Sheets of air, one behind the other, whose eddies know nothing of each other."""
_APART = 4.7  # largest eddies between two sheets in the same waves
_SAMPLES = 48  # of the field across the largest eddy
_THIN = 0.8  # samples by which smoke is blurred: its long paths make sheets thinner than the grid can show
_SHARP = 4  # the power by which a fresh contact with an emitter outweighs older ones


@dataclass(frozen=True)
class Field:
    """What the air holds at a frame, on a grid over the picture: h x w x C float32, sheets as channels."""

    heat: Array
    """SHEETS: from 0, where nothing burns, to about 1, where an emitter has just been passed."""
    smoke: Array
    """SHEETS: from 0; 1 where a full emitter has fed it for a whole `linger`."""
    flow: Array
    """2: pixels a frame to the right and down, the sheets' mean; 0 where there is neither heat nor smoke."""
    origin: Array
    """SHEETS x 2: where that air was `since` earlier, in largest eddies (right, down)."""
    since: float
    """Frames, in the motion's own time."""


def field(mattes: Sequence[Array], frame: float, motion: Motion) -> Field:
    """The field at a frame, of the emitters' mattes (H x W x 1 float32, 0..1) in this frame, the one before, and so on.

    More than `motion.window` mattes add nothing; what an earlier frame than the last one's fed is not there. Semi-
    Lagrangian as Stam, "Stable fluids", 1999, but back along the whole way, so that nothing is kept from one frame to
    the next. Each step has the velocity of its middle, found with that of the step before.
    """
    air, step = _Air(motion, mattes[0].shape), motion.speed
    fresh = min(max(1, round(motion.life / 3 / step)), len(mattes))
    x, y = air.grid()
    heat, smoke, flow, origin = np.zeros_like(x), np.zeros_like(x), (x, y), (x, y)
    u, v = (np.full_like(x, each) for each in motion.mean)
    for index, matte in enumerate(mattes[: motion.window]):
        age = index * step
        then = motion.time(frame) - age
        fed = air.fed(matte, then, x, y)
        heat += (fed * np.float32(_left(age, motion.life))) ** _SHARP * np.float32(_SHARP * step / motion.life)
        smoke += fed * np.float32(_left(age, motion.linger) * step / motion.linger)
        half = np.float32(step / 2)
        u, v = air.velocity(then - step / 2, x - half * u, y - half * v)
        x, y = x - 2 * half * u, y - 2 * half * v
        flow = flow if index else (u, v)
        origin = (x, y) if index < fresh else origin
    return air.field(heat ** np.float32(1 / _SHARP), smoke, flow, origin, since=fresh * step)


def _left(age: float, life: float) -> float:
    """What is left of 1: as exp(-age / life), but nothing at three times the life."""
    return float(max(0.0, 1 - age / (3 * life)) ** 3)


class _Air:
    """The air over a picture of height x width pixels, sampled on a grid; the sheets lie one below the other."""

    def __init__(self, motion: Motion, shape: Sequence[int]) -> None:
        self.motion, self.waves = motion, motion.waves
        self.rows, self.columns = (max(1, round(each * _SAMPLES / motion.size)) for each in shape[:2])
        self.pixels = (shape[1] / self.columns, shape[0] / self.rows)  # from one sample to the next
        self.apart = np.repeat(np.arange(SHEETS, dtype=np.float32) * _APART, self.rows)[:, None]

    def grid(self) -> Pair:
        """Where the samples are, in pixels."""
        x = (np.arange(self.columns) + 0.5) * self.pixels[0]
        y = (np.arange(self.rows) + 0.5) * self.pixels[1]
        x, y = np.meshgrid(x, np.tile(y, SHEETS))
        return x.astype(np.float32), y.astype(np.float32)

    def eddies(self, x: Array, y: Array) -> Pair:
        """Pixels as largest eddies."""
        return x / np.float32(self.motion.size) + self.apart, y / np.float32(self.motion.size * STRETCH)

    def velocity(self, time: float, x: Array, y: Array) -> Pair:
        """Pixels a frame to the right and down; across is slower, as eddies are taller than wide: no divergence."""
        flow = sampled(self.waves.flow(time), *self.eddies(x, y)) * np.float32(self.motion.turbulence)
        right, down = (np.float32(each) for each in self.motion.mean)
        return flow[..., 0] / np.float32(STRETCH) + right, flow[..., 1] + down

    def fed(self, matte: Array, time: float, x: Array, y: Array) -> Array:
        """How much an emitter gives there and then, from 0."""
        small = cv2.resize(matte, (self.columns, self.rows), interpolation=cv2.INTER_AREA)
        if self.motion.softness > 0:
            small = cv2.GaussianBlur(small, (0, 0), self.motion.softness / self.pixels[0])
        columns, rows = (each / np.float32(p) - np.float32(0.5) for each, p in zip((x, y), self.pixels, strict=True))
        patches = sampled(self.waves.noise(time), *self.eddies(x, y)) * np.float32(self.motion.unevenness)
        fed: Array = cv2.remap(small, columns, rows, cv2.INTER_LINEAR) * np.clip(1 + patches, 0, 2)
        return fed

    def field(self, heat: Array, smoke: Array, flow: Pair, origin: Pair, *, since: float) -> Field:
        """What was found on the stacked sheets, as a field."""
        heat, smoke = self._beside(heat), cv2.GaussianBlur(self._beside(smoke), (0, 0), _THIN)
        there = (heat + smoke).any(axis=-1, keepdims=True)
        return Field(
            heat=heat,
            smoke=smoke,
            flow=there * np.dstack([self._beside(each).mean(axis=-1) for each in flow]),
            origin=np.dstack([self._beside(each) for each in self.eddies(*origin)]),
            since=since,
        )

    def _beside(self, stacked: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(stacked.reshape(SHEETS, self.rows, self.columns), 0, -1))
