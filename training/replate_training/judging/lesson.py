"""What a generator is told about its result, besides what the critic says: how far it is from what it should be, and
how steady."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from ..filters import shift
from ..material.data import Batch, Dice
from ..space import expose
from .losses import charbonnier, edges

__all__ = ["Attempt", "Lesson", "Paired", "Untaught", "steadiness"]

_SLIP = 8  # furthest shift in pixels for steadiness


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One step of a generator, to be judged.

    `result` is what `generator` made of the batch, N x 3 x H x W in ACEScct. `features` is a distance of two pictures.
    The outer `margin` pixels of a crop are not judged: the network saw repeated pixels there, the target saw more.
    """

    generator: nn.Module
    batch: Batch
    result: Tensor
    margin: int
    features: Callable[[Tensor, Tensor], Tensor]
    random: Dice

    def inside(self, picture: Tensor) -> Tensor:
        """A picture of the crop's size without its margin."""
        return shift(picture, 0, 0, self.margin)

    @property
    def made(self) -> Tensor:
        """The part of the result that counts."""
        return self.inside(self.result)


class Lesson(Protocol):
    """Weighted terms by name; their sum is the loss. A frozen dataclass of the weights, so that a recipe reads well."""

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        """Judge an attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """How far the result is from the batch's target: how much each part counts."""

    pixels: float = 1.0
    edges: float = 1.0
    features: float = 0.0
    steady: float = 0.5

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        """Pixels, edges, features and steadiness."""
        assert attempt.batch.target is not None
        made, real = attempt.made, attempt.inside(attempt.batch.target)
        terms = {"pixels": self.pixels * charbonnier(made, real), "edges": self.edges * edges(made, real)}
        # These two cost as much as all the rest: features look at half of the batch, steadiness at another quarter.
        half, quarter = (len(made) + 1) // 2, -((len(made) + 3) // 4)
        if self.features:
            terms["features"] = self.features * attempt.features(made[:half], real[:half])
        if self.steady:
            terms["steady"] = self.steady * steadiness(attempt, slice(quarter, None))
        return terms


@dataclass(frozen=True, slots=True)
class Untaught:
    """No lesson: the critic alone tells."""

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        """No terms."""
        return {}


def steadiness(attempt: Attempt, which: slice, *, noise: float = 0.01, stops: float = 3.0) -> Tensor:
    """mean |G(T x) - T G(x)| over `which` of the batch, where T moves the picture by up to 8 pixels, adds noise to what
    the network sees and exposes anew: what holds for it holds in motion. Eilertsen et al., "Single-frame
    regularization for temporally stable CNNs", 2019, equation 5."""
    plate, *guides = (each[which] for each in attempt.batch.inputs)
    result, random = attempt.result[which], attempt.random("steady")
    dx, dy = (int(torch.randint(-_SLIP, _SLIP + 1, (), generator=random)) for _ in range(2))
    gain = stops * (2 * torch.rand(len(plate), 1, 1, 1, generator=random) - 1)
    grain = noise * torch.randn(plate.shape, generator=random) * torch.rand(len(plate), 1, 1, 1, generator=random)
    seen = (expose(plate, gain.to(plate)) + grain.to(plate), *guides)
    moved = [shift(each, dx, dy, _SLIP) for each in seen]
    expected = shift(expose(result, gain.to(plate)), dx, dy, _SLIP)
    return (attempt.inside(attempt.generator(*moved)) - attempt.inside(expected)).abs().mean()
