"""Fire and smoke that training sees: simulated, with their coarse versions, and as the renderer makes them coarse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from replate.effects.refining import FINER

from ..filters import blur
from .data import Batch, Dice, place

__all__ = ["Clip", "FlowSource", "Moving", "coarsened", "in_line"]

_BLUR = (3.0, 10.0)  # standard deviations by which simulations are made coarse: the renderer's eddies end at 24 samples
_EMPTY = 0.01  # mean heat and smoke of a crop below which another is drawn, up to eight times
_GAINS = (1.25, 3.0)  # by which heat and smoke are made stronger and weaker


@dataclass(frozen=True, slots=True)
class Clip:
    """Heat, smoke and noise at T moments, T x 3 x H x W float16, and `flow`, T x 2 x h x w: how far what is there moves
    until the next moment, in samples of H x W, right and down. It is `fine`, or the renderer's enlarged field."""

    planes: Tensor
    flow: Tensor
    fine: bool


@dataclass(frozen=True, slots=True)
class Moving(Batch):
    """Triples of moments: 3N coarse planes, the three of a triple behind each other; of the first `known` triples the
    fine ones are the target, for the others it is the coarse ones. `flow`, 3N x 2 x H x W, is how far what is there
    moves until the next moment of its triple."""

    flow: Tensor | None = None
    known: int = 0

    def placed(self, device: torch.device) -> Moving:
        """The same on a device, laid out for convolutions."""
        plain = Batch(self.inputs, self.target).placed(device)
        assert self.flow is not None
        return replace(self, inputs=plain.inputs, target=plain.target, flow=place(self.flow, device))

    def judged(self, result: Tensor, margin: int) -> Tensor:
        """Heat and smoke of each triple in line with the middle, N x 6 x h x w."""
        assert self.flow is not None
        return in_line(result[:, :2], self.flow[1::3], margin)

    def triple(self, index: int) -> Moving:
        """One of the triples."""
        three = slice(3 * index, 3 * index + 3)
        assert self.flow is not None and self.target is not None
        flow, target = self.flow[three], self.target[three]
        return Moving(tuple(each[three] for each in self.inputs), target, flow=flow, known=int(index < self.known))


def in_line(planes: Tensor, flow: Tensor, margin: int) -> Tensor:
    """Triples of planes (3N x C x H x W) as N x 3C x h x w without the margin: the first and the last moved to where
    what they show is in the middle moment, whose `flow` (N x 2 x H x W, samples until the next moment) is followed by
    the midpoint rule."""
    before, now, after = planes[0::3], planes[1::3], planes[2::3]
    moved = (_moved(before, -_midway(flow, -1)), now, _moved(after, _midway(flow, 1)))
    edge = slice(margin, -margin or None)
    return torch.cat(moved, 1)[..., edge, edge]


def coarsened(fine: Tensor, sigma: float) -> Tensor:
    """Planes as the renderer's grid would show them, N x C x H x W: blurred, reduced by `FINER`, enlarged again."""
    small = F.avg_pool2d(blur(fine, sigma), FINER)
    return F.interpolate(small, scale_factor=float(FINER), mode="bicubic").clamp(min=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSource:
    """`count` triples of moments, half of them simulated, half as rendered; crops of `crop` samples, of which `margin`
    are not judged. Moments lie 1 to `stride` apart. Half are mirrored, and all are of any strength and coarseness;
    where they are `plain` they lie `stride` apart and all is as it is."""

    simulated: Sequence[Clip]
    rendered: Sequence[Clip]
    count: int
    crop: int
    margin: int
    stride: int = 2
    plain: bool = False

    def batch(self, random: Dice) -> Moving:
        """Coarse triples."""
        known = self.count - self.count // 2 if self.rendered else self.count
        fine, flow = self._crops(self.simulated, known, random, "simulated")
        sigma = sum(_BLUR) / 2 if self.plain else _between(_BLUR, random("blur"))
        coarse = torch.cat([coarsened(fine[:, :2], sigma), fine[:, 2:]], 1)
        if known < self.count:
            others, their_flow = self._crops(self.rendered, self.count - known, random, "rendered")
            coarse, fine, flow = (torch.cat(pair) for pair in ((coarse, others), (fine, others), (flow, their_flow)))
        return Moving((coarse,), fine, flow=flow, known=known)

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """Other simulated triples."""
        fine, flow = self._crops(self.simulated, self.count, random, "real")
        return in_line(fine[:, :2], flow[1::3], self.margin)

    def _crops(self, clips: Sequence[Clip], count: int, random: Dice, stream: str) -> tuple[Tensor, Tensor]:
        """3 `count` planes, and their flow to the next moment of the triple at full size."""
        chance = random(stream)
        pairs = [self._triple(clips, chance) for _ in range(count)]
        planes, flow = (torch.cat(each) for each in zip(*pairs, strict=True))
        return planes, flow

    def _triple(self, clips: Sequence[Clip], chance: torch.Generator) -> tuple[Tensor, Tensor]:
        clip = clips[_pick(len(clips), chance)]
        for _ in range(8):
            furthest = min(self.stride, (len(clip.planes) - 1) // 2)
            stride = furthest if self.plain else 1 + _pick(furthest, chance)
            first = _pick(len(clip.planes) - 2 * stride, chance)
            moments = slice(first, first + 2 * stride + 1, stride)
            top, left = (FINER * _pick((side - self.crop) // FINER + 1, chance) for side in clip.planes.shape[-2:])
            planes = clip.planes[moments, :, top : top + self.crop, left : left + self.crop].float()
            if planes[1, :2].mean() > _EMPTY:
                break
        flow = stride * F.interpolate(clip.flow[moments].float(), size=clip.planes.shape[-2:], mode="bilinear")
        flow = flow[..., top : top + self.crop, left : left + self.crop]
        if self.plain:
            return planes, flow
        gains = [each ** (2 * float(torch.rand((), generator=chance)) - 1) for each in _GAINS]
        planes = planes * torch.tensor([*gains, 1.0]).view(3, 1, 1)
        if _pick(2, chance):
            planes, flow = planes.flip(-1), flow.flip(-1) * torch.tensor([-1.0, 1.0]).view(2, 1, 1)
        return planes, flow


def _midway(flow: Tensor, sign: int) -> Tensor:
    """The way to (or back from) the next moment, with the flow halfway along it."""
    return _moved(flow, 0.5 * sign * flow)


def _moved(planes: Tensor, way: Tensor) -> Tensor:
    """Planes looked up `way` (N x 2 x H x W samples right and down) off; the border repeats."""
    height, width = planes.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    places = torch.stack([x, y]).to(way) + way
    size = torch.tensor([width, height], dtype=way.dtype, device=way.device)
    grid = (2 * places.movedim(1, -1) + 1) / size - 1
    return F.grid_sample(planes, grid, padding_mode="border", align_corners=False)


def _pick(count: int, chance: torch.Generator) -> int:
    return int(torch.randint(max(1, count), (), generator=chance))


def _between(bounds: tuple[float, float], chance: torch.Generator) -> float:
    return bounds[0] + (bounds[1] - bounds[0]) * float(torch.rand((), generator=chance))
