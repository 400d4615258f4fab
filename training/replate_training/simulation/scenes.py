"""What a take is about: where it burns, how hot, in which wind. Lengths are in cells of the fine grid, times in
frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

__all__ = ["SCENES", "Emitter", "Grid", "Scene", "drawn"]


@dataclass(frozen=True, slots=True)
class Grid:
    """A slab of air: cells of what is carried, of which the velocity has one for each `coarser` in each direction."""

    depth: int = 16
    height: int = 352
    width: int = 208
    coarser: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitter:
    """An ellipse that burns, or a bar; its middle and half its sides are shares of the slab's width and height.

    It sways by `sway` of the width and swells by `swell` of its size, once in `period` frames.
    """

    x: float
    y: float
    wide: float
    high: float
    bar: bool = False
    sway: float = 0.0
    swell: float = 0.0
    period: float = 40.0
    phase: float = 0.0

    def matte(self, time: float, grid: Grid, *, soft: float) -> Tensor:
        """H x W, 0..1; the edge is `soft` cells wide."""
        turn = math.sin(2 * math.pi * time / self.period + self.phase)
        y = (torch.arange(grid.height) + 0.5 - self.y * grid.height)[:, None]
        x = (torch.arange(grid.width) + 0.5 - (self.x + self.sway * turn) * grid.width)[None]
        grown = 1 + self.swell * math.cos(2 * math.pi * time / self.period + 1.7 * self.phase)
        across, down = (x.abs() / (self.wide * grid.width * grown), y.abs() / (self.high * grid.height * grown))
        out = torch.maximum(across, down) if self.bar else torch.hypot(across, down)
        inside = (1 - out) * min(self.wide * grid.width, self.high * grid.height) * grown
        return (0.5 + inside / soft).clamp(0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A fire or a column of smoke. Speeds are in cells a frame.

    `lift` is the acceleration of what is hottest, `wind` the speed of the air around, `unrest` that of its eddies,
    `confinement` how far small eddies are kept turning. Heat falls as (1 - age / 3 life)^3, as in `replate.effects`;
    smoke to a third in `linger`, as all the smoke that an emitter gives in that time is 1. Emitters are `patchy`.
    """

    seed: int = 0
    lift: float = 1.2
    wind: tuple[float, float] = (0.0, -14.0)
    unrest: float = 6.0
    confinement: float = 0.25
    life: float = 15.0
    linger: float = 14.0
    patchy: float = 0.8
    soft: float = 36.0
    emitters: tuple[Emitter, ...] = (Emitter(x=0.5, y=0.86, wide=0.3, high=0.07),)


SCENES: Mapping[str, Scene] = {
    "fire": Scene(),
    "smoke": Scene(lift=0.8, wind=(0.0, -9.0), life=6.0, linger=32.0, unrest=3.0, confinement=0.3, soft=44.0),
}
"""The middle of what is drawn, by name."""


def drawn(kind: str, seed: int) -> Scene:
    """Another scene of a kind for each seed."""
    chance, base = torch.Generator().manual_seed(seed), SCENES[kind]

    def between(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=chance))

    emitters = tuple(_emitter(between) for _ in range(1 + int(between(0, 2.2))))
    return replace(
        base,
        seed=seed,
        lift=base.lift * between(0.7, 1.4),
        wind=(between(-4, 4) if between(0, 1) < 0.5 else 0.0, base.wind[1] * between(0.7, 1.3)),
        unrest=base.unrest * between(0.5, 1.6),
        confinement=base.confinement * between(0.5, 1.5),
        life=base.life * between(0.8, 1.3),
        linger=base.linger * between(0.8, 1.2),
        soft=base.soft * between(0.6, 1.4),
        emitters=emitters,
    )


def _emitter(draw: Callable[[float, float], float]) -> Emitter:
    return Emitter(
        x=draw(0.3, 0.7),
        y=draw(0.76, 0.86),
        wide=draw(0.12, 0.36),
        high=draw(0.03, 0.1),
        bar=draw(0, 1) < 0.4,
        sway=draw(0, 0.12) if draw(0, 1) < 0.5 else 0.0,
        swell=draw(0, 0.3),
        period=draw(24, 60),
        phase=draw(0, 6.3),
    )
