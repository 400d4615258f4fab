"""The generator that gives a coarse fire or smoke its detail, and the critic that it plays against."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ..filters import blur
from .layers import Residual, calm, conv

__all__ = ["FlowCritic", "Refine"]

_LEAST, _HOTTER, _DENSER = 5.0, 1.5, 2.5  # natural logarithms by which heat and smoke are made less or more at most
_BITE = 0.35  # of noise, before anything is learnt
_WIDE = 10.0  # pixels within which the critic sees what is a mean
_FAINT = (0.08, 0.02)  # heat and smoke beside which nothing is seen


class Refine(nn.Module):
    """Fine heat and smoke from coarse ones and noise.

    Takes and returns N x 3 x H x W without a colour space: heat (0..1, hot patches above), smoke (from 0), and noise
    that the air carries (mean 0, variance 1), which comes out as 0. Heat and smoke are multiplied by what is learnt:
    where there is none there is none afterwards. It is drawn, or the noise told how strong to be at a place, which is
    all there is before anything is learnt. A shuffle to a larger size would leave a grid, so features are
    enlarged; what is finer comes from the noise, which is seen at full size, and what enlarging has taken of the finest
    waves is given back. Sides are multiples of `multiple`.

    `half` and `quarter` are channels at these resolutions, `dilations` those of the layers at the quarter, `fine`
    counts the layers at the half, `full` are channels at full resolution.
    """

    multiple = 8
    takes: ClassVar[tuple[str, ...]] = ("plate",)

    def __init__(
        self,
        *,
        half: int = 24,
        quarter: int = 56,
        dilations: Sequence[int] = (1, 2, 1, 1),
        fine: int = 2,
        full: int = 8,
    ) -> None:
        super().__init__()
        self.stem = conv(3, half, 4, stride=2, padding=1)
        self.down = conv(half, quarter, 2, stride=2, padding=0)
        self.deep = nn.Sequential(*(calm(Residual(quarter, dilation=each)) for each in dilations))
        self.up = conv(quarter, half, 1)
        self.fine = nn.Sequential(*(calm(Residual(half)) for _ in range(fine)))
        self.head = conv(half, full, 3)
        self.near = conv(3, full, 3)
        self.last = conv(full, 4, 3)
        with torch.no_grad():
            self.last.weight.mul_(0.1)
            self.last.bias[2:].fill_(_BITE)  # type: ignore[index]

    def forward(self, x: Tensor) -> Tensor:
        heat, smoke, noise = x.chunk(3, 1)
        heat, smoke = heat.clamp(min=0), smoke.clamp(min=0)
        seen = torch.cat([2 * heat, torch.log1p(8 * smoke), noise], 1)
        half = F.relu(self.stem(seen))
        quarter = self.deep(F.relu(self.down(half)))
        half = self.fine(F.relu(half + _twice(self.up(quarter))))
        drawn, bite = self.last(F.relu(_twice(self.head(half)) + self.near(seen))).chunk(2, 1)
        hotter, denser = _sharp(drawn + bite * noise).chunk(2, 1)
        heat = heat * torch.exp(hotter.clamp(-_LEAST, _HOTTER))
        smoke = smoke * torch.exp(denser.clamp(-_LEAST, _DENSER))
        return torch.cat([heat, smoke, torch.zeros_like(noise)], 1)


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")


def _sharp(x: Tensor) -> Tensor:
    """Pictures without the blur of enlarging by two, more or less: one step of van Cittert's inversion (Zeitschrift für
    Physik 69, 1931) of the bell 1 2 1 each way, which lets the middle of the finest octave pass by half."""
    channels, tap = x.shape[1], x.new_tensor([1.0, 2.0, 1.0]) / 4
    bell = (tap[:, None] * tap).expand(channels, 1, 3, 3)
    return 2 * x - F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), bell, groups=channels)


class FlowCritic(nn.Module):
    """Tells simulated from made detail, in a picture and in three that follow each other: tempoGAN's two critics, Xie
    et al., "tempoGAN: a temporally coherent, volumetric GAN for super-resolution fluid flow", 2018.

    Takes N x 6 x H x W: heat and smoke of three moments, brought into line by the flow. Returns N x 2 x H/8 x W/8:
    logits for the picture in the middle, and for all three. Both see what differs from the mean around, as a share of
    it, and how hot it is: so it is about detail, not about where and how large fires are, which the coarse field
    decides. Unlike tempoGAN's it is not shown the coarse field, because the renderer's is not the simulation's.
    """

    multiple = 8

    def __init__(self, *, width: int = 24) -> None:
        super().__init__()
        self.still, self.moving = _patches(3, width), _patches(7, width)

    def forward(self, x: Tensor) -> Tensor:
        faint = x.new_tensor(_FAINT * 3).view(1, -1, 1, 1)
        mean = blur(x, _WIDE)
        detail, level = (x - mean) / (mean + faint), mean[:, 2:3]
        logits = self.still(torch.cat([detail[:, 2:4], level], 1)), self.moving(torch.cat([detail, level], 1))
        return torch.cat(logits, 1)


def _patches(inputs: int, width: int) -> nn.Sequential:
    layers = (
        conv(inputs, width, 4, stride=2, padding=1),
        conv(width, 2 * width, 4, stride=2, padding=1),
        conv(2 * width, 4 * width, 4, stride=2, padding=1),
        conv(4 * width, 1, 3),
    )
    normed = [spectral_norm(layer) for layer in layers]
    return nn.Sequential(*(part for layer in normed[:-1] for part in (layer, nn.LeakyReLU(0.2))), normed[-1])
