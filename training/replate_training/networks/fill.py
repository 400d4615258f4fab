"""The generator that invents what no frame shows: a smoothly filled plate and its hole in, a picture out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import Residual, calm, conv, icnr, zero_sum

__all__ = ["Fill"]

_REACH = 6  # of the fixed filters
_GAIN = 8.0  # detail is some hundredths in ACEScct; beside a hole of 1 the first filters would hardly see it


class Fill(nn.Module):
    """What a hole might hide, added to its smooth fill.

    Takes the plate, N x 3 x H x W in ACEScct, its hole filled by `replate.removal.pyramid`; and the hole, N x 1 x H x
    W, 1 where nothing is known; and chance, N x 1 x H x W, normal numbers. Returns N x 3 x H x W: the plate, and where
    there is a hole a correction as large as the hole is open. So what is known comes out as it went in. Sides are
    multiples of `multiple`.

    Structure is drawn, texture is told: where a hole is wide and its smooth fill even, layers that are the same
    everywhere can only repeat themselves with the steps of their grid. So chance is filtered to grain of three sizes
    and any direction by fixed filters, and what is learnt is how strong each shall be at a place.

    Dilated layers at an eighth of the resolution see as far as the middle of a large hole (Yu and Koltun, "Multi-scale
    context aggregation by dilated convolutions", 2016); Fourier layers and attention would see everything, but tiles
    would show then. `quarter` and `eighth` are channels at these resolutions, `dilations` those of the layers at the
    eighth, `fine` counts the layers at the quarter, `full` are channels at full resolution.
    """

    multiple = 8
    takes: ClassVar[tuple[str, ...]] = ("plate", "hole", "chance")

    def __init__(
        self,
        *,
        quarter: int = 64,
        eighth: int = 112,
        dilations: Sequence[int] = (1, 2, 4, 8, 16, 8, 4, 2, 1, 1),
        fine: int = 3,
        full: int = 8,
    ) -> None:
        super().__init__()
        self.stem = zero_sum(conv(3, quarter, 8, stride=4, padding=2))
        self.open = conv(1, quarter, 8, stride=4, padding=2)
        self.down = conv(quarter, eighth, 2, stride=2, padding=0)
        self.wide = zero_sum(conv(3, eighth, 5))
        self.deep = nn.Sequential(*(calm(Residual(eighth, dilation=each)) for each in dilations))
        self.up = conv(eighth, 4 * quarter, 1)
        self.fine = nn.Sequential(*(calm(Residual(quarter)) for _ in range(fine)))
        self.head = icnr(conv(quarter, 16 * full, 3), 16)
        # A 4 x 4 shuffle alone leaves a grid; two layers at full resolution, which see the plate too, take it out.
        self.near = zero_sum(conv(3, full, 3))
        self.blend = conv(full, full, 3)
        self.last = _small(conv(full, 3, 3))
        self.grains: Tensor
        self.register_buffer("grains", _grains(), persistent=False)
        self.amount = conv(quarter, len(self.grains), 3)
        nn.init.zeros_(self.amount.weight)  # no grain that nobody asked for

    def forward(self, plate: Tensor, hole: Tensor, chance: Tensor) -> Tensor:
        hole, seen = hole.clamp(0, 1), _GAIN * plate
        quarter = F.relu(self.stem(seen) + self.open(hole))
        eighth = F.relu(self.down(quarter) + self.wide(F.avg_pool2d(seen, 8)))
        quarter = self.fine(F.relu(quarter + F.pixel_shuffle(self.up(self.deep(eighth)), 2)))
        drawn = F.relu(F.pixel_shuffle(self.head(quarter), 4) + self.near(seen))
        correction = self.last(F.relu(drawn + self.blend(drawn)))
        out: Tensor = plate + hole / _GAIN * (correction + self._texture(quarter, chance))
        return out

    def _texture(self, quarter: Tensor, chance: Tensor) -> Tensor:
        """Grain of every kind, as much as is told: N x 1 x H x W, the same for all colours, as light and shade are."""
        wide = F.pad(chance, (_REACH,) * 4, mode="replicate")
        amount = F.interpolate(self.amount(quarter), scale_factor=4.0, mode="bilinear")
        return (F.conv2d(wide, self.grains) * amount).sum(1, keepdim=True)


def _grains() -> Tensor:
    """Second derivatives of Gaussians of three widths along x, y and both, 9 x 1 x 13 x 13: mixed, they make grain of
    any direction (Freeman and Adelson, "The design and use of steerable filters", 1991). Each leaves the variance of
    white noise as it is."""
    span = torch.arange(-_REACH, _REACH + 1, dtype=torch.float32)
    y, x = torch.meshgrid(span, span, indexing="ij")
    kernels = []
    for width in (0.6, 1.1, 2.0):
        bell = torch.exp(-(x * x + y * y) / (2 * width**2))
        kernels += [(x * x / width**2 - 1) * bell, (y * y / width**2 - 1) * bell, x * y * bell]
    bank = torch.stack(kernels)[:, None]
    bank = bank - bank.mean((2, 3), keepdim=True)
    return bank / bank.square().sum((2, 3), keepdim=True).sqrt()


def _small(layer: nn.Conv2d) -> nn.Conv2d:
    """Start near the smooth fill; not at it, or nothing is learnt."""
    with torch.no_grad():
        layer.weight.mul_(0.1)
    return layer
