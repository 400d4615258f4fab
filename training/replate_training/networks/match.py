"""The generator that learns a shot's own look from a few frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import Residual, conv, icnr, identity

__all__ = ["Match"]


class Match(nn.Module):
    """Picture and position to picture, in two ways that are added to the input.

    *Grade*: three 1x1 convolutions at full resolution, from colour and position to a correction. Among them stands a
    bias that the deep layers give to each place, bilinearly enlarged, so that one colour may go two ways in two places
    (after Gharbi et al., "Deep bilateral learning for real-time image enhancement", 2017). *Detail*: what the deep
    layers draw themselves, through a shuffle.

    Inputs are N x 3 x H x W in ACEScct and N x 2 x H x W position, output N x 3 x H x W; sides are multiples of
    `multiple`. Unlike the looks that ship it sees exposure and position: an artist's grade may hang on both. `quarter`
    and `eighth` are channels at these resolutions, `dilations` those of the residual layers at the eighth, which reach
    as far as a glow does; `fine` is the number of such layers at the quarter, `tones` the width of the grade.
    """

    multiple = 8
    takes: ClassVar[tuple[str, ...]] = ("plate", "position")

    def __init__(
        self,
        *,
        quarter: int = 32,
        eighth: int = 64,
        dilations: Sequence[int] = (1, 2, 4, 8),
        fine: int = 2,
        tones: int = 24,
    ) -> None:
        super().__init__()
        self.stem = conv(5, quarter, 8, stride=4, padding=2)
        self.down = conv(quarter, eighth, 2, stride=2, padding=0)
        self.wide = conv(5, eighth, 5)
        self.deep = nn.Sequential(*(Residual(eighth, dilation=dilation) for dilation in dilations))
        self.up = conv(eighth, 4 * quarter, 1)
        self.fine = nn.Sequential(*(Residual(quarter) for _ in range(fine)))
        self.bend = conv(quarter, tones, 1)
        self.tones = conv(5, tones, 1)
        self.keys = conv(tones, tones, 1)
        self.grade = _small(conv(tones, 3, 1))
        self.head = icnr(conv(quarter, 48, 3), 16)
        # A 4 x 4 shuffle alone leaves a grid; one small filter at full resolution can take it out.
        self.last = identity(conv(3, 3, 3, groups=3))

    def forward(self, x: Tensor, position: Tensor) -> Tensor:
        seen = torch.cat([x, position], 1)
        quarter = F.relu(self.stem(seen))
        eighth = F.relu(self.down(quarter) + self.wide(F.avg_pool2d(seen, 8)))
        quarter = self.fine(F.relu(quarter + F.pixel_shuffle(self.up(self.deep(eighth)), 2)))
        bend = F.interpolate(self.bend(quarter), scale_factor=4.0, mode="bilinear")
        grade = self.grade(F.relu(self.keys(F.relu(self.tones(seen))) + bend))
        detail = self.last(F.pixel_shuffle(self.head(quarter), 4))
        out: Tensor = x + grade + detail
        return out


def _small(layer: nn.Conv2d) -> nn.Conv2d:
    """Start near nothing, so that training starts at the input picture; not at nothing, or nothing is learnt."""
    with torch.no_grad():
        layer.weight.mul_(0.1)
    return layer
