"""Holes as rotoscopers, trackers and clumsy brushes leave them, drawn by formulas on any device.

What is drawn by chance are a few numbers a hole, by the generators of a step; where the hole is follows from them, as
a signed distance to lines with round ends and to star-shaped outlines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from .data import Dice

__all__ = ["KINDS", "LARGEST", "Cutouts", "Holes", "draw"]

LARGEST = 1 / 3
"""The greatest share of a crop that a drawn hole is meant to take."""

_LINES, _WAVES = 12, 5  # of every hole, at most
_NOWHERE = -1e4  # radius of a line that is not there


@dataclass(frozen=True, slots=True, kw_only=True)
class Holes:
    """N holes in numbers, in shares of the crop's side. `lines` is N x 12 x 5: both ends (x, y) and the radius. `stars`
    is N x 2 x 13: middle, radius, and five cosines and sines of the angle by which the radius swells. `soft`, N, is the
    width of the edge in pixels."""

    lines: Tensor
    stars: Tensor
    soft: Tensor

    def on(self, size: int, device: torch.device) -> Tensor:
        """The holes in crops of size x size, N x 1 x size x size: 1 inside, 0 outside."""
        at = (torch.arange(size, device=device) + 0.5) / size
        y, x = at.view(1, -1, 1), at.view(1, 1, -1)
        lines, stars = self.lines.to(device), self.stars.to(device)
        near = [_to_line(x, y, each) for each in lines.unbind(1)] + [_to_star(x, y, each) for each in stars.unbind(1)]
        distance = torch.stack(near).amin(0) * size
        return (0.5 - distance / self.soft.to(device).view(-1, 1, 1)).clamp(0, 1)[:, None]


@dataclass(frozen=True, slots=True)
class Cutouts:
    """Alphas of pictures that users cut out, 1 x H x W, 0..1: silhouettes of real things."""

    alphas: Sequence[Tensor]

    def on(self, size: int, device: torch.device, count: int, random: torch.Generator) -> Tensor:
        """`count` of them, mirrored and turned, a tenth to two thirds of a crop wide: count x 1 x size x size."""
        return torch.cat([self._one(size, device, random) for _ in range(count)])

    def _one(self, size: int, device: torch.device, random: torch.Generator) -> Tensor:
        pick = int(torch.randint(len(self.alphas), (), generator=random))
        x, y, angle, mirror = (_uniform((), -1, 1, random) for _ in range(4))
        scale, angle, alpha = _spread((), 0.1, 0.66, random), 0.5 * angle, self.alphas[pick].to(device)[None]
        turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()]).view(2, 2) / scale
        longest = (max(alpha.shape[-2:]) / torch.tensor(alpha.shape[:1:-1])).view(2, 1)
        turn = longest * turn * torch.stack([mirror.sign(), torch.ones(())])
        theta = torch.cat([turn, -turn @ (0.6 * torch.stack([x, y])).view(2, 1)], 1)[None].to(device)
        grid = F.affine_grid(theta, [1, 1, size, size], align_corners=False)
        return F.grid_sample(alpha, grid, align_corners=False)


def draw(count: int, random: Dice) -> Holes:
    """As many holes, each of a kind that chance picks."""
    dice = random("holes")
    kinds = torch.multinomial(torch.tensor(_ODDS), count, replacement=True, generator=dice).tolist()
    ways = list(KINDS.values())
    made = [ways[kind](dice) for kind in kinds]
    lines, stars = (torch.stack(each) for each in zip(*map(_filled, made), strict=True))
    return Holes(lines=lines, stars=stars, soft=_spread((count,), 0.7, 6.0, dice))


def _brush(random: torch.Generator) -> tuple[Tensor, Tensor]:
    """A few strokes of a brush that changes its mind (after Yu et al., "Free-form image inpainting with gated
    convolution", 2019, section 3.3)."""
    count = int(torch.randint(3, _LINES + 1, (), generator=random))
    turns = _uniform((count,), -1.2, 1.2, random).cumsum(0) + _uniform((), 0, 2 * math.pi, random)
    steps = torch.stack([turns.cos(), turns.sin()], 1) * _spread((count, 1), 0.04, 0.2, random)
    path = steps.cumsum(0)
    path = path - path.mean(0) + _uniform((2,), 0.3, 0.7, random)
    radius = (_spread((), 0.015, 0.08, random) * _spread((count - 1, 1), 0.7, 1.4, random)).clamp(max=0.09)
    return torch.cat([path[:-1], path[1:], radius], 1), _no_star()


def _wire(random: torch.Generator) -> tuple[Tensor, Tensor]:
    """One to three wires through the crop, each sagging a little."""
    count = int(torch.randint(1, 4, (), generator=random))
    angle = _uniform((count,), 0, math.pi, random)
    along = torch.stack([angle.cos(), angle.sin()], 1)
    across = torch.stack([-angle.sin(), angle.cos()], 1)
    middle = _uniform((count, 2), 0.3, 0.7, random)
    sag = across * _uniform((count, 1), -0.08, 0.08, random)
    points = [middle - 0.8 * along - sag, middle - 0.25 * along, middle + 0.25 * along, middle + 0.8 * along - sag]
    radius = _spread((count, 1), 0.002, 0.012, random)
    return torch.cat([torch.cat([a, b, radius], 1) for a, b in pairwise(points)]), _no_star()


def _markers(random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Tracking markers: dots, or crosses of two lines."""
    count, arm = int(torch.randint(1, _LINES // 2 + 1, (), generator=random)), _spread((), 0.008, 0.04, random)
    middle, angle = _uniform((count, 2), 0.15, 0.85, random), _uniform((), 0, math.pi, random)
    arms = arm * torch.stack([torch.stack([angle.cos(), angle.sin()]), torch.stack([-angle.sin(), angle.cos()])])
    cross = float(torch.rand((), generator=random)) < 0.5
    arms, radius = (arms, arm / 3) if cross else (0 * arms[:1], arm)
    lines = [torch.cat([middle - each, middle + each, radius.expand(count, 1)], 1) for each in arms]
    return torch.cat(lines), _no_star()


def _object(random: torch.Generator) -> tuple[Tensor, Tensor]:
    """One or two things with a lobed outline, the larger of up to a third of the crop."""
    waves = _uniform((2, 2 * _WAVES), -1, 1, random) * (0.35 / torch.arange(1, _WAVES + 1).repeat(2).sqrt())
    waves = waves / waves.abs().sum(1, keepdim=True).clamp(min=1) * 0.9
    radius = torch.stack([_spread((), 0.08, 0.32, random), _spread((), 0.03, 0.12, random)]).view(2, 1)
    if float(torch.rand((), generator=random)) < 0.6:
        radius[1] = _NOWHERE
    return torch.zeros(0, 5), torch.cat([_uniform((2, 2), 0.3, 0.7, random), radius, waves], 1)


def _figure(random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Somebody who stands or walks: a head, a body, arms and legs."""
    tall, middle = _spread((), 0.25, 1.3, random), _uniform((2,), 0.35, 0.65, random)
    swing = _uniform((4,), -0.16, 0.16, random)
    head, neck, hips = (torch.stack([0 * tall, each]) for each in torch.tensor([-0.42, -0.3, 0.02]))
    hands = [torch.stack([swing[index] * 1.3, torch.tensor(0.05)]) for index in (0, 1)]
    feet = [torch.stack([swing[index], torch.tensor(0.48)]) for index in (2, 3)]
    bones = [(head, head, 0.075), (neck, hips, 0.1), *((neck, hand, 0.04) for hand in hands)]
    bones += [(hips, foot, 0.055) for foot in feet]
    lean = _uniform((), -0.3, 0.3, random)
    turn = torch.stack([lean.cos(), -lean.sin(), lean.sin(), lean.cos()]).view(2, 2)
    ends = torch.stack([torch.stack([a, b]) for a, b, _ in bones]) @ turn.T * tall + middle
    thick = tall * _spread((), 0.8, 1.3, random) * torch.tensor([radius for *_, radius in bones])
    return torch.cat([ends.flatten(1), thick[:, None]], 1), _no_star()


KINDS: dict[str, Callable[[torch.Generator], tuple[Tensor, Tensor]]] = {
    "brush": _brush,
    "wire": _wire,
    "markers": _markers,
    "object": _object,
    "figure": _figure,
}
"""Ways to draw a hole: lines (K x 5, K up to 12) and stars (2 x 13)."""

_ODDS = (3.0, 1.0, 1.0, 4.0, 3.0)  # small holes are learnt quickly


def _filled(made: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """The same with as many lines as all have."""
    lines, stars = made
    absent = torch.tensor([0.5, 0.5, 0.5, 0.5, _NOWHERE]).expand(_LINES - len(lines), 5)
    return torch.cat([lines, absent]), stars


def _no_star() -> Tensor:
    stars = torch.zeros(2, 3 + 2 * _WAVES)
    stars[:, 2] = _NOWHERE
    return stars


def _to_line(x: Tensor, y: Tensor, line: Tensor) -> Tensor:
    """Signed distance, N x H x W, to the outline of a line with round ends, N x 5; below 0 inside."""
    x0, y0, x1, y1, radius = (each.view(-1, 1, 1) for each in line.unbind(1))
    dx, dy = x1 - x0, y1 - y0
    along = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).clamp(min=1e-9)).clamp(0, 1)
    return ((x - x0 - along * dx).square() + (y - y0 - along * dy).square()).sqrt() - radius


def _to_star(x: Tensor, y: Tensor, star: Tensor) -> Tensor:
    """About the signed distance, N x H x W, to a star-shaped outline, N x 13."""
    x0, y0, radius = (each.view(-1, 1, 1) for each in star[:, :3].unbind(1))
    angle = torch.atan2(y - y0, x - x0)
    swell = torch.ones_like(angle)
    for wave in range(_WAVES):
        cosine, sine = (star[:, 3 + wave + part * _WAVES].view(-1, 1, 1) for part in (0, 1))
        swell = swell + cosine * torch.cos((wave + 1) * angle) + sine * torch.sin((wave + 1) * angle)
    return ((x - x0).square() + (y - y0).square()).sqrt() - radius * swell.clamp(min=0.1)


def _uniform(shape: tuple[int, ...], low: float, high: float, random: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=random)


def _spread(shape: tuple[int, ...], low: float, high: float, random: torch.Generator) -> Tensor:
    """Numbers of which every octave has as many."""
    return torch.exp(_uniform(shape, math.log(low), math.log(high), random))
