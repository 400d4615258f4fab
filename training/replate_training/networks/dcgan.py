"""Noise to picture, and the critic that judges whole pictures.

After Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional generative adversarial
networks" (DCGAN), 2016: strided convolutions up and down, no pooling, nothing fully connected but the first layer.
Three things differ. A border is repeated instead of filled with zeros, which draw frames. Each pixel's features are
scaled to unit length (Karras et al., "Progressive growing of GANs", 2018) instead of normalised over the batch: a
picture must not depend on those that are made beside it. And the result is not squeezed through a tanh, because light
has no upper end.
"""

from __future__ import annotations

import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import conv

__all__ = ["NoiseGenerator", "WholeCritic"]

_GREY, _SPREAD = 0.35, 0.12  # mean and standard deviation of usual pictures in ACEScct
_LEAST = 4  # pixels at which pictures begin


class NoiseGenerator(nn.Module):
    """`noise` Gaussian numbers (N x noise) to N x 3 x size x size in ACEScct; `size` is a power of two, 8 or more.

    The last layer before the picture has `width` channels; each one before it twice as many, up to 8 `width`.
    """

    takes: ClassVar[tuple[str, ...]] = ("noise",)

    def __init__(self, *, noise: int = 128, size: int = 64, width: int = 32) -> None:
        super().__init__()
        self.noise, self.size = noise, size
        self.channels = _channels(size, width)[::-1]
        self.first = nn.Linear(noise, self.channels[0] * _LEAST**2)
        pairs = zip(self.channels, (*self.channels[1:], 3), strict=True)
        self.ups = nn.ModuleList(_Up(inputs, outputs) for inputs, outputs in pairs)
        nn.init.normal_(self.first.weight, std=math.sqrt(1 / noise))
        nn.init.zeros_(self.first.bias)

    def forward(self, z: Tensor) -> Tensor:
        x = self.first(z).view(-1, self.channels[0], _LEAST, _LEAST)
        for up in self.ups:
            x = up(_normed(F.leaky_relu(x, 0.2)))
        picture: Tensor = _GREY + _SPREAD * x
        return picture


class _Up(nn.Module):
    """A transposed convolution to twice the size. Its filter of 4 is a multiple of its stride, so that every pixel gets
    as much as its neighbours: Odena et al., "Deconvolution and checkerboard artifacts", 2016."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        # One pixel of repeated border on each side is two of the result, which `padding` takes off with its own one.
        self.conv = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=3)
        nn.init.normal_(self.conv.weight, std=math.sqrt(1 / (4 * inputs)))  # four taps fall on a pixel
        nn.init.zeros_(self.conv.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv(F.pad(x, (1, 1, 1, 1), mode="replicate"))
        return out


class WholeCritic(nn.Module):
    """One logit for a whole picture: N x 3 x size x size in ACEScct to N x 1.

    It also sees how much the pictures of the batch differ, one number for all of them, so that a generator that makes
    one picture only is found out (Karras et al., 2018, section 3). No normalisation: R3GAN (Huang et al., 2024) does
    without, and gradient penalties forbid that of a batch.
    """

    def __init__(self, *, size: int = 64, width: int = 32) -> None:
        super().__init__()
        channels = _channels(size, width)
        pairs = zip((3, *channels[:-1]), channels, strict=True)
        self.downs = nn.ModuleList(conv(inputs, outputs, 4, stride=2, padding=1) for inputs, outputs in pairs)
        self.last = nn.Linear((channels[-1] + 1) * _LEAST**2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = (x - _GREY) / _SPREAD
        for down in self.downs:
            x = F.leaky_relu(down(x), 0.2)
        spread = (x.var(0, unbiased=False) + 1e-8).sqrt().mean()
        seen = torch.cat([x, spread.expand(len(x), 1, _LEAST, _LEAST)], 1)
        out: Tensor = self.last(seen.flatten(1))
        return out


def _channels(size: int, width: int) -> tuple[int, ...]:
    """Channels from the largest pictures to those of `_LEAST` pixels."""
    return tuple(width * min(8, 2**step) for step in range(int(math.log2(size // _LEAST))))


def _normed(x: Tensor) -> Tensor:
    """Each pixel's features scaled to a mean square of 1."""
    return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)
