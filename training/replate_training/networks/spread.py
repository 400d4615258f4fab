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
    pairs = zip(here.chunk(here.shape[1], 1), _around(there, distance), strict=True)
    alike = torch.exp(-torch.stack([(own - others).square() for own, others in pairs]).sum(0))
    heard = [(alike * words).sum(1, keepdim=True) for words in _around(said, distance)]
    return torch.cat(heard, 1) / (alike.sum(1, keepdim=True) + 1e-6)


def _around(picture: Tensor, distance: int) -> list[Tensor]:
    """Each channel as it is and moved by `distance` in eight directions, N x 9 x H x W; the border repeats.

    One convolution: as slices they take the exporter minutes.
    """
    channels = picture.shape[1]
    moves = torch.eye(9, dtype=picture.dtype, device=picture.device).view(9, 1, 3, 3).repeat(channels, 1, 1, 1)
    wide = F.pad(picture, (distance,) * 4, mode="replicate")
    return list(F.conv2d(wide, moves, groups=channels, dilation=distance).chunk(channels, 1))
