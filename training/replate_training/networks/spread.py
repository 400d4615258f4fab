"""Hints carried to where the plate looks alike: a classical propagation as layers."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Spread", "gathered"]


class Spread(nn.Module):
    """One step of carrying hints over a picture, `distance` cells far in eight directions.

    A cell takes over what its neighbours say, each as far as it looks alike: the affinities of Levin, Lischinski and
    Weiss, "Colorization using optimization", 2004, equation 2, in the widening steps of Dammertz et al., "Edge-avoiding
    a-trous wavelet transform", 2010. What a cell knows already counts first, so near hints win over far ones.

    Takes `said` (N x C+1 x H x W: values multiplied by how surely they are known, and that, 0..1), `here` and `there`
    (N x K x H x W, how cells look; `there` is asked at the neighbours). Returns what is said then.
    """

    def __init__(self, distance: int, *, doubt: float = 0.02) -> None:
        super().__init__()
        self.distance = distance
        self.doubt = nn.Parameter(torch.tensor(math.log(doubt)))

    def forward(self, said: Tensor, here: Tensor, there: Tensor) -> Tensor:
        heard = gathered(said, here, there, self.distance)
        return said + (1 - said[:, -1:]) * heard / (heard[:, -1:] + self.doubt.exp())


def gathered(said: Tensor, here: Tensor, there: Tensor, distance: int) -> Tensor:
    """The mean of `said` over a cell and eight others at `distance`, each as far as what is `there` looks like what is
    `here`."""
    heard, weights = torch.zeros_like(said), torch.zeros_like(said[:, :1])
    for word, look in zip(_around(said, distance), _around(there, distance), strict=True):
        alike = torch.exp(-(here - look).square().sum(1, keepdim=True))
        heard, weights = heard + alike * word, weights + alike
    return heard / (weights + 1e-6)


def _around(picture: Tensor, distance: int) -> list[Tensor]:
    """The picture moved by `distance` in eight directions and as it is; its border repeats."""
    wide = F.pad(picture, (distance,) * 4, mode="replicate")
    steps = [(step, step - 2 * distance or None) for step in (0, distance, 2 * distance)]
    return [wide[..., top:bottom, left:right] for top, bottom in steps for left, right in steps]
