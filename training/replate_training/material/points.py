"""Data for the generator of light: points of light, and what the exact optics make of them.

The generator is linear by construction, so points are all that there is to learn from: any picture is a sum of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ..checkpoint import Data
from ..judging.spread import apart
from ..networks import Light
from ..optics.spread import Profile, glow, halation, spread
from ..optics.star import ray
from .data import Batch, Dice, Material, dice
from .site import Site

__all__ = ["FALLOFF", "SIZES", "PointSource", "Points", "seen"]

Array = npt.NDArray[np.float64]

SIZES = {"glow": (-4.0, 7.0), "halation": (-4.0, 7.0), "ray": (-4.0, 7.0)}
"""Octaves that sizes in pixels are drawn from."""
FALLOFF = (2.1, 5.0)

_SIDE = 80  # of pictures: far from a light is near to a smaller light, seen in larger pixels
_PLACES, _LOOKED = 48, 128  # points, and pixels around each that are looked at
_SMALLEST, _NEAR = 0.4, 3.0  # of lights smaller than that the middle is not asked for: no other light is like it
_FINER = 8  # points in a pixel of a ray


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSource:
    """`count` glows, rings and rays a step, each seen at `pixels` of those that are looked at around points.

    `seen` and `row` are what `Light.responses` has for these, pixels x levels * parts; `offsets` (x, y) and `steps` (x)
    say where they lie, seen from their points.
    """

    seen: Tensor
    row: Tensor
    offsets: Array
    steps: Array
    count: int
    pixels: int = 512

    def batch(self, random: Dice) -> Batch:
        """Lights of this step, and what is exact."""
        numbers = np.random.default_rng(int(torch.randint(2**62, (), generator=random("points"))))
        low, high = np.array([*SIZES.values(), FALLOFF]).T
        glows, rings, rays, falloffs = numbers.uniform(low, high, (self.count, 4)).T
        here, there = (numbers.integers(len(each), size=self.pixels) for each in (self.offsets, self.steps))
        x, y = self.offsets[here].T
        target = (
            [seen(glow(falloff), x, y, 2**size) for size, falloff in zip(glows, falloffs, strict=True)],
            [seen(halation(), x, y, 2**size) for size in rings],
            [_ray(self.steps[there], 2**size) for size in rays],
        )
        drawn = [_tensor(each) for each in (np.stack([glows, falloffs], 1), rings[:, None], rays[:, None])]
        return Batch((self.seen[here], self.row[there], *drawn), _tensor(np.concatenate(target, 1)))

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """What is exact is the target."""
        assert batch.target is not None
        return batch.target


def seen(profile: Profile, x: Array, y: Array, size: float) -> Array:
    """Light of a profile at pixels (x, y from its point); NaN at those that are not asked for."""
    if size >= _SMALLEST:
        return spread(profile, x, y, size)
    value: Array = profile(np.hypot(x, y) / size) / size**2
    return np.where(np.hypot(x, y) < _NEAR, np.nan, value)


def _ray(x: Array, size: float) -> Array:
    inside = (np.arange(_FINER) + 0.5) / _FINER - 0.5
    seen: Array = ray(x[:, None] + inside, size).mean(-1)
    return seen if size >= _SMALLEST else np.where(abs(x) < _NEAR, np.nan, seen)


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(array).float()


@dataclass(frozen=True, slots=True)
class Points:
    """Points of light, as many as there are steps."""

    def __call__(self, site: Site) -> Material:
        """Data without files; figures are measured at places of their own."""
        source, held = (_source(site, part) for part in ("points", "held"))
        examples = [held.batch(lambda name, step=step: dice(1, step, name)) for step in range(8)]  # type: ignore[misc]
        return Material(
            source=source,
            data=(Data(name="points of light, computed", licence="none needed", files=0),),
            figures=lambda look: _figures(look, examples),
        )


def _source(site: Site, part: str) -> PointSource:
    """Places drawn anew for each part; near pixels are as likely to be looked at as far ones, octave by octave."""
    random = np.random.default_rng(int(torch.randint(2**62, (), generator=dice(1, 0, part))))
    network = site.recipe.generator.build()
    assert isinstance(network, Light)
    places = random.integers(_SIDE, size=(_PLACES, 2))
    around, along = network.responses(_SIDE, [(int(row), int(column)) for row, column in places])
    offsets = np.stack(np.meshgrid(np.arange(_SIDE), np.arange(_SIDE)), -1)[None] - places[:, None, None, ::-1]
    steps = np.arange(_SIDE)[None] - places[:, 1:]
    wide = _picked(random, 1 / (np.square(offsets).sum(-1) + 1.0))
    long = _picked(random, 1 / (abs(steps) + 1.0))
    return PointSource(
        seen=around.flatten(0, 2)[wide],
        row=along.flatten(0, 1)[long],
        offsets=offsets.reshape(-1, 2)[wide].astype(float),
        steps=steps.ravel()[long].astype(float),
        count=site.recipe.batch,
    )


def _picked(random: np.random.Generator, weights: Array) -> npt.NDArray[np.int64]:
    """Which of all pixels are looked at, as likely as their weights say."""
    return random.choice(weights.size, _PLACES * _LOOKED, p=weights.ravel() / weights.sum())


def _figures(look: Callable[..., Tensor], examples: list[Batch]) -> Mapping[str, float]:
    """Mean relative difference from the exact light, every octave of distance counted alike."""
    with torch.no_grad():
        parts = [apart(look(*each.inputs), each.target) for each in examples if each.target is not None]
    return dict(zip(("glow_error", "halation_error", "ray_error"), torch.stack(parts).mean(0).tolist(), strict=True))
