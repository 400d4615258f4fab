"""The layers that networks are made of: local, without normalisation, blind to exposure where they begin."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize

__all__ = ["Residual", "ZeroSum", "calm", "conv", "icnr", "identity", "zero_sum"]


class ZeroSum(nn.Module):
    """Parametrisation: filter weights (out, in, h, w) moved so that each output filter sums to zero."""

    def forward(self, weight: Tensor) -> Tensor:
        return weight - weight.mean(dim=(1, 2, 3), keepdim=True)


class Residual(nn.Module):
    """relu(x + conv3x3(x)), the form that ONNX Runtime runs as one operation."""

    def __init__(self, channels: int, *, dilation: int = 1) -> None:
        super().__init__()
        self.conv = conv(channels, channels, 3, padding=dilation, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = F.relu(x + self.conv(x))
        return out


def calm(layer: Residual) -> Residual:
    """Start nearer to passing on what comes in: ten layers that each double the variance would make it a thousandfold
    (after Zhang et al., "Fixup initialization", 2019)."""
    with torch.no_grad():
        layer.conv.weight.mul_(0.3)
    return layer


def conv(inputs: int, outputs: int, size: int, *, padding: int | None = None, **options: Any) -> nn.Conv2d:
    """A convolution that repeats the border: zeros would tell the network where the frame ends, reflection has a
    smallest size."""
    padding = size // 2 if padding is None else padding
    layer = nn.Conv2d(inputs, outputs, size, padding=padding, padding_mode="replicate", **options)
    nn.init.kaiming_normal_(layer.weight, a=1.0)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return layer


def zero_sum(layer: nn.Conv2d) -> nn.Conv2d:
    """The layer, blind to constants from now on."""
    parametrize.register_parametrization(layer, "weight", ZeroSum())
    return layer


def icnr(layer: nn.Conv2d, repeats: int) -> nn.Conv2d:
    """Start a shuffle head as nearest-neighbour enlargement (Aitken et al., "Checkerboard artifact free sub-pixel
    convolution", 2017), and small, so that training starts at the input picture."""
    with torch.no_grad():
        weight = 0.1 * layer.weight[::repeats]
        layer.weight.copy_(weight.repeat_interleave(repeats, 0))
    return layer


def identity(layer: nn.Conv2d) -> nn.Conv2d:
    """Start a layer as one that changes nothing."""
    nn.init.dirac_(layer.weight, groups=layer.groups)
    return layer
