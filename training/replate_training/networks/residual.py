"""The generator of looks: a picture, redrawn at a quarter and an eighth of its resolution."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .brush import Brush
from .layers import Residual, conv, icnr, identity, zero_sum

__all__ = ["Generator"]


class Generator(nn.Module):
    """Picture to picture at a quarter and an eighth of the resolution, added to the input.

    Input and output are N x 3 x H x W, ACEScct (about 0..1), height and width multiples of `multiple`. With `mono`
    (three weights that sum to one) the result is black and white: three equal channels around that mix of the input.
    With `brush` it is built on the touches of a `Brush` at half the resolution, which the network sees too, so that no
    detail of the plate is left but what the network draws.
    `quarter` and `eighth` are channel counts, `deep` and `fine` the numbers of residual layers at these resolutions.
    """

    multiple = 8
    takes: ClassVar[tuple[str, ...]] = ("plate",)

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
        self.stem = zero_sum(conv(3, quarter, 8, stride=4, padding=2))
        self.brush = Brush() if brush else None
        self.touch = zero_sum(conv(3, quarter, 4, stride=2, padding=1)) if brush else None
        self.wide = zero_sum(conv(3, eighth, 5))
        self.down = conv(quarter, eighth, 2, stride=2, padding=0)
        self.deep = nn.Sequential(*(Residual(eighth) for _ in range(deep)))
        self.up = conv(eighth, 4 * quarter, 1)
        self.fine = nn.Sequential(*(Residual(quarter) for _ in range(fine)))
        self.head = icnr(conv(quarter, 16 * channels, 3), 16)
        # A 4 x 4 shuffle alone leaves a grid; one small filter at full resolution can take it out.
        self.last = identity(conv(channels, channels, 3, groups=channels))

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
