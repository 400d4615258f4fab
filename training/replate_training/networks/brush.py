"""The painter's brush as fixed filters that a generator can carry: convolutions and arithmetic, nothing learnt.

A small network does not learn in minutes to choose the calmest of eight neighbourhoods; written down, it costs a few
convolutions. What it computes commutes with exposure and depends on few pixels, like everything in a generator.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..teachers.painter import sectors

__all__ = ["Brush"]

DIRECTIONS = 8
_LUMA = (0.272, 0.674, 0.054)  # of AP1
_MIDDLE = 0.5  # squares are taken around it, so that their differences keep more digits
_CALM = 3e-6  # variance of luma below which one sector is as good as another
_EDGE = 1e-5  # squared slope below which a direction is taken for noise


class Brush(nn.Module):
    """Touches of `radius` pixels, drawn out along the form and sharpened across it.

    The calmest soft sector wins (Papari et al., "Artistic edge and corner enhancing smoothing", 2007); then each pixel
    takes the mean along its own direction, of `DIRECTIONS`, that the structure tensor finds (Freeman and Adelson,
    "The design and use of steerable filters", 1991). Input and output N x 3 x H x W in ACEScct; autocast does not
    reach it, since the variance of a bright picture needs the digits of float32.
    """

    def __init__(self, *, radius: int = 3, sharp: float = 1.0) -> None:
        super().__init__()
        self.sectors = _bank(sectors(radius), 4)
        self.strokes = _bank(_strokes(radius, sharp), 3)
        self.slopes = _bank(_slopes(), 1)
        bell = _bell(2.0)
        self.soft = nn.Sequential(_bank(bell.view(1, 1, -1), 3), _bank(bell.view(1, -1, 1), 3))
        angles = torch.arange(DIRECTIONS) * 2 * math.pi / DIRECTIONS
        towards = 6.0 * torch.stack([-angles.cos(), -angles.sin()], 1)
        self.towards: Tensor
        self.register_buffer("towards", towards[:, :, None, None], persistent=False)

    @torch.no_grad()
    def forward(self, picture: Tensor) -> Tensor:
        with torch.autocast(picture.device.type, enabled=False):
            picture = picture.to(self.towards.dtype)  # what another layer made under autocast comes in half
            luma = _luma(picture)
            calm = self._calmest(picture, luma)
            return _choose(self.strokes(calm), self._directions(luma))

    def _calmest(self, picture: Tensor, luma: Tensor) -> Tensor:
        around = luma - _MIDDLE
        banks = self.sectors(torch.cat([picture, around * around], 1))
        means, square = banks.split([3 * DIRECTIONS, DIRECTIONS], 1)
        mean = _luma(means) - _MIDDLE
        variance = (square - mean * mean).clamp(min=0) + _CALM
        calm = variance.amin(1, keepdim=True) / variance  # 1 for the calmest: no power of it overflows
        calm = calm * calm
        return _choose(means, calm * calm)

    def _directions(self, luma: Tensor) -> Tensor:
        """How well each direction, N x DIRECTIONS x H x W, fits the structure tensor's."""
        x, y = self.slopes(luma).chunk(2, 1)
        e, g, f = self.soft(torch.cat([x * x, y * y, x * y], 1)).chunk(3, 1)
        double = torch.cat([e - g, 2 * f], 1)
        length = (double * double).sum(1, keepdim=True).sqrt() + _EDGE
        return torch.exp(F.conv2d(double / length, self.towards))


def _luma(picture: Tensor) -> Tensor:
    red, green, blue = picture.chunk(3, 1)
    return _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue


def _choose(banks: Tensor, weights: Tensor) -> Tensor:
    """The weighted mean over each channel's bank: N x 3 DIRECTIONS x H x W by N x DIRECTIONS x H x W."""
    chosen = torch.cat([(bank * weights).sum(1, keepdim=True) for bank in banks.chunk(3, 1)], 1)
    return chosen / weights.sum(1, keepdim=True)


def _bank(kernels: Tensor, channels: int) -> nn.Conv2d:
    """Every kernel (count x height x width) over every channel, channel by channel; fixed."""
    count, height, width = kernels.shape
    options: dict[str, Any] = {"groups": channels, "bias": False, "padding_mode": "replicate"}
    conv = nn.Conv2d(channels, channels * count, (height, width), padding=(height // 2, width // 2), **options)
    del conv.weight
    conv.register_buffer("weight", kernels.repeat(channels, 1, 1)[:, None], persistent=False)
    return conv


def _slopes() -> Tensor:
    """Scharr's derivatives along x and y."""
    along_x = torch.outer(torch.tensor([3.0, 10.0, 3.0]) / 16, torch.tensor([-0.5, 0.0, 0.5]))
    return torch.stack([along_x, along_x.T])


def _bell(sigma: float) -> Tensor:
    offsets = torch.arange(-math.ceil(2.5 * sigma), math.ceil(2.5 * sigma) + 1)
    bell = torch.exp(-offsets.square() / (2 * sigma**2))
    return bell / bell.sum()


def _strokes(radius: int, sharp: float) -> Tensor:
    """Short lines in DIRECTIONS, less `sharp` times their second derivative across; each sums to one."""
    span = torch.arange(-radius, radius + 1, dtype=torch.float32)
    y, x = torch.meshgrid(span, span, indexing="ij")
    angle = torch.arange(DIRECTIONS).view(-1, 1, 1) * math.pi / DIRECTIONS
    along, across = x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin()
    way = torch.exp(-along.square() / (2 * (0.55 * radius) ** 2))
    line = _unit(way * torch.exp(-across.square() / (2 * 0.7**2)))
    bend = way * (across.square() - 1) * torch.exp(-across.square() / 2)
    bend = bend - bend.mean(dim=(1, 2), keepdim=True)
    return line - sharp * bend / bend.abs().sum(dim=(1, 2), keepdim=True)


def _unit(kernels: Tensor) -> Tensor:
    return kernels / kernels.sum(dim=(1, 2), keepdim=True)
