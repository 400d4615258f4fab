"""Losses that compare a result with its target, N x 3 x H x W in ACEScct."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from ..filters import gradient

__all__ = ["charbonnier", "edges", "pyramid"]


def charbonnier(result: Tensor, target: Tensor, *, epsilon: float = 1e-3) -> Tensor:
    """mean sqrt((a - b)^2 + epsilon^2): L1, smooth at zero. Charbonnier et al., "Two deterministic half-quadratic
    regularization algorithms for computed imaging", 1994."""
    return ((result - target).square() + epsilon**2).sqrt().mean()


def edges(result: Tensor, target: Tensor) -> Tensor:
    """mean |grad a - grad b|: edges where the target has them. Mathieu et al., "Deep multi-scale video prediction
    beyond mean square error", 2016, equation 6 with alpha = 1."""
    return (gradient(result) - gradient(target)).abs().mean()


def pyramid(result: Tensor, target: Tensor, *, levels: int = 3) -> Tensor:
    """`edges` summed over halved sizes: what a feature loss is for, where there are no features."""
    total = edges(result, target)
    for _ in range(levels - 1):
        result, target = F.avg_pool2d(result, 2), F.avg_pool2d(target, 2)
        total = total + edges(result, target)
    return total
