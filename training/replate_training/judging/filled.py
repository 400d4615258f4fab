"""How good a fill is: what it is told in training, and the figures that it is chosen by. Only the hole counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..filters import gradient
from ..material.data import Batch
from ..space import to_display
from .lesson import Attempt, steadiness
from .likeness import grid
from .metrics import laplacian

__all__ = ["Filled", "figures", "unlike", "worth"]

_ODD = 0.02  # share of a hole in a picture below which it counts as that large


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How far the fill is from the truth in the hole: how much each part counts."""

    pixels: float = 1.0
    edges: float = 1.0
    texture: float = 0.0
    grid: float = 0.0
    features: float = 0.0
    steady: float = 0.0

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        """Pixels, edges, texture, grid, features and steadiness in the mean over the holes."""
        assert attempt.batch.target is not None and attempt.batch.counts is not None
        made, real = attempt.made, attempt.inside(attempt.batch.target)
        share = attempt.inside(attempt.batch.counts).mean().clamp(min=_ODD)
        # Outside the hole both are the same, so a mean over the crop is one over the hole, too thin by its share.
        terms = {
            "pixels": self.pixels * (made - real).abs().mean() / share,
            "edges": self.edges * (gradient(made) - gradient(real)).abs().mean() / share,
        }
        if self.texture:
            terms["texture"] = self.texture * unlike(made, real) / share
        if self.grid:
            terms["grid"] = self.grid * grid(made - real) / share
        half, quarter = (len(made) + 1) // 2, -((len(made) + 3) // 4)
        if self.features:
            terms["features"] = self.features * attempt.features(made[:half], real[:half]) / share
        if self.steady:
            terms["steady"] = self.steady * steadiness(attempt, slice(quarter, None)) / share
        return terms


def unlike(made: Tensor, real: Tensor, *, levels: int = 3, size: int = 8) -> Tensor:
    """mean |difference| of how strong detail is in every direction around a place, over halved sizes: the deviation of
    slopes in windows of 2 `size` pixels. It does not ask where a blade of grass is, only that it is as much grass: the
    diagonal of the Gram matrix of Gatys et al., "Texture synthesis using convolutional neural networks", 2015, of
    slopes and in windows."""
    total = made.new_zeros(())
    for level in range(levels):
        strengths = [_strength(gradient(each), size >> level) for each in (made, real)]
        total = total + (strengths[0] - strengths[1]).abs().mean()
        made, real = (F.avg_pool2d(each, 2) for each in (made, real))
    return total


def _strength(slopes: Tensor, size: int) -> Tensor:
    return (F.avg_pool2d(slopes.square(), 2 * size, size) + 1e-7).sqrt()


def figures(look: Callable[..., Tensor], examples: Sequence[Batch]) -> dict[str, float]:
    """Of the holes of all examples together, as shown (sRGB 0..1): hole_psnr of what the look makes, smooth_psnr of the
    smooth fill that it is given, both in dB; hole_sharpness, mean |Laplacian| over that of the truth."""
    with torch.no_grad():
        rows = [_sums(look, example) for example in examples]
    made, smooth, detail, truth, count = torch.tensor(rows, dtype=torch.float64).sum(0).tolist()
    return {
        "hole_psnr": -10 * math.log10(max(made / count, 1e-10)),
        "smooth_psnr": -10 * math.log10(max(smooth / count, 1e-10)),
        "hole_sharpness": detail / max(truth, 1e-9),
    }


def worth(measured: Mapping[str, float]) -> float:
    """One number for a fill: three times the decibels that it is closer to the truth than the smooth fill, less the
    decibels by which it is too soft or too busy. So texture may cost a little of what structure has won, no more."""
    softness = abs(20 * math.log10(max(measured["hole_sharpness"], 1e-3)))
    return 3 * (measured["hole_psnr"] - measured["smooth_psnr"]) - softness


def _sums(look: Callable[..., Tensor], example: Batch) -> list[float]:
    assert example.target is not None
    (plate, hole, *_), target = example.inputs, example.target
    made, smooth, truth = (to_display(each) for each in (look(*example.inputs), plate, target))
    inside = hole[..., 1:-1, 1:-1]
    errors = [float((hole * (each - truth).square()).sum()) for each in (made, smooth)]
    details = [float((inside * laplacian(each).abs()).sum()) for each in (made, truth)]
    return [*errors, *details, float(3 * hole.sum())]
