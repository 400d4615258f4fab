"""Generators and critics.

Every network here is a stack of local operations: no normalisation, no attention, no zero padding inside a generator.
So a pixel depends on a known neighbourhood only, and a tile with enough overlap gives the same values as the frame.

Exposure is taken out by construction: in ACEScct a stop is a constant added to every channel, and a filter whose
weights sum to zero does not see constants. The first filters of every network are such filters (`ZeroSum`), and a
generator adds what it computes to its input, so light that goes up by a stop comes out up by a stop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import spectral_norm

from replate.errors import UsageError

from .brush import Brush

__all__ = ["FAMILIES", "Architecture", "Critic", "Generator", "ZeroSum", "build", "fold"]


class ZeroSum(nn.Module):
    """Parametrisation: filter weights (out, in, h, w) moved so that each output filter sums to zero."""

    def forward(self, weight: Tensor) -> Tensor:
        return weight - weight.mean(dim=(1, 2, 3), keepdim=True)


class Residual(nn.Module):
    """relu(x + conv3x3(x)), the form that ONNX Runtime runs as one operation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = _conv(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = F.relu(x + self.conv(x))
        return out


class Generator(nn.Module):
    """Picture to picture at a quarter and an eighth of the resolution, added to the input.

    Input and output are N x 3 x H x W, ACEScct (about 0..1), height and width multiples of `multiple`. With `mono`
    (three weights that sum to one) the result is black and white: three equal channels around that mix of the input.
    With `brush` it is built on the touches of a `Brush` at half the resolution, which the network sees too, so that no
    detail of the plate is left but what the network draws.
    `quarter` and `eighth` are channel counts, `deep` and `fine` the numbers of residual layers at these resolutions.
    """

    multiple = 8

    def __init__(
        self,
        *,
        quarter: int = 32,
        eighth: int = 64,
        deep: int = 4,
        fine: int = 2,
        mono: tuple[float, float, float] | None = None,
        brush: bool = False,
    ) -> None:
        super().__init__()
        channels = 3 if mono is None else 1
        self.mix: Tensor | None
        self.register_buffer("mix", None if mono is None else torch.tensor(mono).view(1, 3, 1, 1))
        self.stem = _zero_sum(_conv(3, quarter, 8, stride=4, padding=2))
        self.brush = Brush() if brush else None
        self.touch = _zero_sum(_conv(3, quarter, 4, stride=2, padding=1)) if brush else None
        self.wide = _zero_sum(_conv(3, eighth, 5))
        self.down = _conv(quarter, eighth, 2, stride=2, padding=0)
        self.deep = nn.Sequential(*(Residual(eighth) for _ in range(deep)))
        self.up = _conv(eighth, 4 * quarter, 1)
        self.fine = nn.Sequential(*(Residual(quarter) for _ in range(fine)))
        self.head = _icnr(_conv(quarter, 16 * channels, 3), 16)
        # A 4 x 4 shuffle alone leaves a grid; one small filter at full resolution can take it out.
        self.last = _identity(_conv(channels, channels, 3, groups=channels))

    def forward(self, x: Tensor) -> Tensor:
        quarter, base = self.stem(x), x
        if self.brush is not None and self.touch is not None:
            touches = self.brush(F.avg_pool2d(x, 2))
            quarter = quarter + self.touch(touches)
            base = F.interpolate(touches, scale_factor=2.0, mode="bilinear")
        quarter = F.relu(quarter)
        eighth = F.relu(self.down(quarter) + self.wide(F.avg_pool2d(x, 8)))
        deep = F.pixel_shuffle(self.up(self.deep(eighth)), 2)
        delta = self.last(F.pixel_shuffle(self.head(self.fine(F.relu(quarter + deep))), 4))
        if self.mix is None:
            out: Tensor = base + delta
            return out
        grey = (base * self.mix).sum(1, keepdim=True) + delta
        return torch.cat([grey, grey, grey], 1)


class Critic(nn.Module):
    """PatchGAN: tells real patches from made ones (Isola et al., "Image-to-Image Translation with Conditional
    Adversarial Networks", 2017), with spectral normalisation (Miyato et al., 2018).

    Input N x 3 x H x W in ACEScct, sides multiples of `multiple`; output N x 1 x H/8 x W/8, a logit for each
    patch. Blind to exposure like the generators, so that it cannot judge by brightness.
    """

    multiple = 8

    def __init__(self, *, width: int = 32) -> None:
        super().__init__()
        first = _zero_sum(_conv(3, width, 4, stride=2, padding=1))
        layers = [
            first,
            _conv(width, 2 * width, 4, stride=2, padding=1),
            _conv(2 * width, 4 * width, 4, stride=2, padding=1),
            _conv(4 * width, 1, 3),
        ]
        self.layers = nn.ModuleList(spectral_norm(layer) for layer in layers)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = F.leaky_relu(layer(x), 0.2)
        out: Tensor = self.layers[-1](x)
        return out

    def confidence(self, x: Tensor) -> Tensor:
        """How real each pixel's surroundings look: N x 1 x H x W, 0 (made) .. 1 (real)."""
        return F.interpolate(torch.sigmoid(self(x)), scale_factor=8.0, mode="bilinear")


FAMILIES: Mapping[str, Callable[..., nn.Module]] = {"residual": Generator, "patch": Critic}


def build(family: str, options: Mapping[str, Any]) -> nn.Module:
    """A fresh network of a named family; raises UsageError for an unknown name."""
    if family not in FAMILIES:
        raise UsageError(f"network family '{family}' is not known; known are {', '.join(FAMILIES)}")
    return FAMILIES[family](**options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """A network as a recipe and a checkpoint name it: its family, and the options of that family's class."""

    family: str = "residual"
    options: Mapping[str, Any] = field(default_factory=dict)

    def build(self) -> nn.Module:
        """A fresh network, with parametrisations, laid out as convolutions like it."""
        return build(self.family, self.options).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def folded(self, weights: Mapping[str, Tensor]) -> nn.Module:
        """A network of plain layers from the weights of one in training; that one stays as it is, and so does the
        machine's random state."""
        with torch.random.fork_rng(devices=[]):
            network = build(self.family, self.options).eval()  # in training mode a look at a spectral norm changes it
        network.load_state_dict(weights)
        return fold(network)


def fold(network: nn.Module) -> nn.Module:
    """Bake every parametrisation (zero sum, spectral norm) into plain weights, in place."""
    for module in list(network.modules()):
        if parametrize.is_parametrized(module):
            for name in list(module.parametrizations):  # type: ignore[arg-type]
                parametrize.remove_parametrizations(module, name, leave_parametrized=True)
    return network


def _conv(inputs: int, outputs: int, size: int, *, padding: int | None = None, **options: Any) -> nn.Conv2d:
    """A convolution that repeats the border: zeros would tell the network where the frame ends, reflection has a
    smallest size."""
    padding = size // 2 if padding is None else padding
    conv = nn.Conv2d(inputs, outputs, size, padding=padding, padding_mode="replicate", **options)
    nn.init.kaiming_normal_(conv.weight, a=1.0)
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
    return conv


def _zero_sum(conv: nn.Conv2d) -> nn.Conv2d:
    parametrize.register_parametrization(conv, "weight", ZeroSum())
    return conv


def _icnr(conv: nn.Conv2d, repeats: int) -> nn.Conv2d:
    """Start a shuffle head as nearest-neighbour enlargement (Aitken et al., "Checkerboard artifact free sub-pixel
    convolution", 2017), and small, so that training starts at the input picture."""
    with torch.no_grad():
        weight = 0.1 * conv.weight[::repeats]
        conv.weight.copy_(weight.repeat_interleave(repeats, 0))
    return conv


def _identity(conv: nn.Conv2d) -> nn.Conv2d:
    nn.init.dirac_(conv.weight, groups=conv.groups)
    return conv
