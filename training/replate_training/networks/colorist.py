"""The generator of colour: black and white and hints in, colour out."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..space import STOP
from .layers import Residual, conv, zero_sum
from .spread import Spread, gathered

__all__ = ["LUMINANCE", "Colorist", "balanced"]

LUMINANCE = (0.2722287168, 0.6740817658, 0.0536895174)
"""Of AP1: Academy S-2014-004, "ACEScg", section 4."""


class Colorist(nn.Module):
    """Colour for a black-and-white plate, guided by hints.

    Takes the plate, N x 3 x H x W in ACEScct, of which only the luminance is seen, and hints, N x 4 x H x W as
    `replate.picture.hints` makes them: colour less luminance, times coverage; and coverage. Returns N x 3 x H x W with
    the plate's luminance: only colour is computed, and `balanced`. Sides are multiples of `multiple`.

    Hints are carried over cells of 8 and of 4 pixels by `Spread`; what is learnt is what looks alike, a correction of
    what comes out, how colour follows the plate's detail, and how far hints are to be trusted pixel by pixel (the
    relative is Zhang et al., "Real-time user-guided image colorization with learned deep priors", 2017).
    `quarter` and `eighth` are channel counts, `kinds` is the number of learnt measures of likeness, `distances` are the
    steps of the propagation in cells.
    """

    multiple = 8
    takes: ClassVar[tuple[str, ...]] = ("plate", "hints")

    def __init__(
        self,
        *,
        quarter: int = 24,
        eighth: int = 48,
        deep: tuple[int, ...] = (1, 2, 4, 2, 1),
        fine: int = 2,
        kinds: int = 6,
        distances: tuple[int, ...] = (1, 2, 4, 8, 16, 8, 4, 2, 1),
    ) -> None:
        super().__init__()
        self.weights: Tensor
        self.register_buffer("weights", torch.tensor(LUMINANCE).view(1, 3, 1, 1), persistent=False)
        self.stem = zero_sum(conv(1, quarter, 8, stride=4, padding=2))
        self.down = conv(quarter, eighth, 2, stride=2, padding=0)
        self.wide = zero_sum(conv(1, eighth, 5))
        self.kinds = small(conv(eighth, kinds, 1))
        self.sharp = nn.Parameter(torch.tensor(math.log(25.0)))  # a stop apart: exp(-2); half of it: exp(-0.5)
        self.spread = nn.ModuleList(Spread(distance) for distance in distances)
        self.told = conv(8, eighth, 1)
        self.deep = nn.Sequential(*(Residual(eighth, dilation=each) for each in deep))
        self.up = conv(eighth, 4 * quarter, 1)
        self.near = conv(8, quarter, 1)
        self.fine = nn.Sequential(*(Residual(quarter) for _ in range(fine)))
        self.head = small(conv(quarter, 7, 3))

    def forward(self, plate: Tensor, hints: Tensor) -> Tensor:
        grey, hints = (plate * self.weights).sum(1, keepdim=True), _possible(hints)
        greys, hinted = ([F.avg_pool2d(each, cell) for cell in (4, 8)] for each in (grey, hints))
        stem = F.relu(self.stem(grey))
        cells = F.relu(self.down(stem) + self.wide(greys[1]))
        kinds = self.kinds(cells)
        with torch.autocast(plate.device.type, enabled=False):
            far = self._carried(hinted[1].float(), greys[1].float(), kinds.float())
            close = self._closer(hinted[0].float(), far, [each.float() for each in greys])
        cells = self.deep(F.relu(cells + self.told(torch.cat([far, hinted[1]], 1))))
        known = torch.cat([close, hinted[0]], 1)
        head = self.head(self.fine(F.relu(stem + F.pixel_shuffle(self.up(cells), 2) + self.near(known))))
        with torch.autocast(plate.device.type, enabled=False):
            return grey + self._colour(close, head.float(), grey, greys[0], hints)

    def _carried(self, hints: Tensor, grey: Tensor, kinds: Tensor) -> Tensor:
        """Hints spread over cells of 8 pixels."""
        said, looks = hints / (hints[:, 3:] + 0.01), torch.cat([self.sharp.exp() * grey, kinds], 1)
        for step in self.spread:
            said = step(said, looks, looks)
        return said

    def _closer(self, hints: Tensor, far: Tensor, greys: list[Tensor]) -> Tensor:
        """What was carried far, brought to cells of 4 pixels along the plate's edges; hints of these cells first
        (joint bilateral upsampling, Kopf et al., 2007)."""
        rough = F.interpolate(far, scale_factor=2.0, mode="bilinear")
        here, there = greys[0], F.interpolate(greys[1], scale_factor=2.0, mode="bilinear")
        sharp, said = self.sharp.exp(), hints / (hints[:, 3:] + 0.01)
        return said + (1 - said[:, 3:]) * gathered(rough, sharp * here, sharp * there, 2)

    def _colour(self, close: Tensor, head: Tensor, grey: Tensor, coarse: Tensor, hints: Tensor) -> Tensor:
        """Colour less luminance at full resolution: a straight line in the plate's detail, hints over it."""
        planes = torch.cat([close[:, :3] + head[:, :3], head[:, 3:6], head[:, 6:], coarse], 1)
        large = F.interpolate(planes, scale_factor=4.0, mode="bilinear")
        colour, slope, gate, soft = large[:, :3], large[:, 3:6], large[:, 6:7], large[:, 7:]
        colour = colour + slope * (grey - soft)
        trust = torch.sigmoid(gate + 1)
        return balanced(colour + trust * (hints[:, :3] - hints[:, 3:] * colour), self.weights)


def _possible(hints: Tensor) -> Tensor:
    """Hints as they can be: coverage within 0..1, colour within 17 stops, whatever came in."""
    covered = hints[:, 3:].clamp(0, 1)
    return torch.cat([torch.maximum(torch.minimum(hints[:, :3], covered), -covered), covered], 1)


def balanced(colour: Tensor, weights: Tensor) -> Tensor:
    """`colour` (N x 3 x H x W, differences in ACEScct) moved along grey so that adding it to a grey picture keeps the
    luminance in linear light, which holds exactly above the toe of the curve."""
    light = (weights * torch.exp(math.log(2) / STOP * colour)).sum(1, keepdim=True)
    return colour - STOP / math.log(2) * torch.log(light)


def small(layer: nn.Conv2d) -> nn.Conv2d:
    """Start a last layer small, so that training starts at what is written down."""
    with torch.no_grad():
        layer.weight.mul_(0.02)
    return layer
