"""The critic."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from .layers import conv, zero_sum

__all__ = ["Critic"]


class Critic(nn.Module):
    """PatchGAN: tells real patches from made ones (Isola et al., "Image-to-Image Translation with Conditional
    Adversarial Networks", 2017), with spectral normalisation (Miyato et al., 2018).

    Input N x 3 x H x W in ACEScct, sides multiples of `multiple`; output N x 1 x H/8 x W/8, a logit for each
    patch. Blind to exposure like the generators, so that it cannot judge by brightness.
    `gain` multiplies what it sees: texture of a hundredth in ACEScct is little to a network that may not be steep.
    With `reach` one more layer, dilated so far, looks at larger patches.
    """

    multiple = 8

    def __init__(self, *, width: int = 32, gain: float = 1.0, reach: int = 0) -> None:
        super().__init__()
        self.gain = gain
        first = zero_sum(conv(3, width, 4, stride=2, padding=1))
        layers = [
            first,
            conv(width, 2 * width, 4, stride=2, padding=1),
            conv(2 * width, 4 * width, 4, stride=2, padding=1),
            *([conv(4 * width, 4 * width, 3, padding=reach, dilation=reach)] if reach else []),
            conv(4 * width, 1, 3),
        ]
        self.layers = nn.ModuleList(spectral_norm(layer) for layer in layers)

    def forward(self, x: Tensor) -> Tensor:
        x = self.gain * x
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
        out: Tensor = self.layers[-1](x)
        return out

    def confidence(self, x: Tensor) -> Tensor:
        """How real each pixel's surroundings look: N x 1 x H x W, 0 (made) .. 1 (real)."""
        return F.interpolate(torch.sigmoid(self(x)), scale_factor=8.0, mode="bilinear")
