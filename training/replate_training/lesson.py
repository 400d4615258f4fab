"""What a generator is told about its result in a paired step: how far it is from the teacher's, and how steady."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .filters import shift
from .losses import charbonnier, edges, pyramid
from .recipe import Weights
from .space import expose

__all__ = ["MARGIN", "Lesson", "inside", "steadiness"]

MARGIN = 24  # border pixels of a crop are not judged: the network saw repeated pixels there, the teacher saw more
_SLIP = 8  # furthest shift in pixels for steadiness


class Lesson:
    """The weighted paired loss. Without `features` (a distance of two pictures) a gradient pyramid takes their part."""

    def __init__(self, weights: Weights, features: nn.Module | None = None) -> None:
        self._weights = weights
        self._features = features or pyramid

    def __call__(
        self, generator: nn.Module, plate: Tensor, result: Tensor, target: Tensor, random: torch.Generator
    ) -> dict[str, Tensor]:
        """Weighted terms by name for N x 3 x H x W pictures in ACEScct; their sum is the loss."""
        made, real = inside(result), inside(target)
        terms = {
            "pixels": self._weights.pixels * charbonnier(made, real),
            "edges": self._weights.edges * edges(made, real),
        }
        # These two cost as much as all the rest: features look at half of the batch, steadiness at another quarter.
        half, quarter = (len(plate) + 1) // 2, -((len(plate) + 3) // 4)
        if self._weights.features:
            terms["features"] = self._weights.features * self._features(made[:half], real[:half])
        if self._weights.steady:
            steady = steadiness(generator, plate[quarter:], result[quarter:], random)
            terms["steady"] = self._weights.steady * steady
        return terms


def inside(picture: Tensor) -> Tensor:
    """The picture without its margin."""
    return shift(picture, 0, 0, MARGIN)


def steadiness(
    generator: nn.Module,
    plate: Tensor,
    result: Tensor,
    random: torch.Generator,
    *,
    noise: float = 0.01,
    stops: float = 3.0,
) -> Tensor:
    """mean |G(T x) - T G(x)| where T moves the picture by up to 8 pixels, adds noise to what the network sees and
    exposes anew: what holds for it holds in motion. Eilertsen et al., "Single-frame regularization for temporally
    stable CNNs", 2019, equation 5."""
    dx, dy = (int(torch.randint(-_SLIP, _SLIP + 1, (), generator=random)) for _ in range(2))
    gain = stops * (2 * torch.rand(len(plate), 1, 1, 1, generator=random) - 1)
    grain = noise * torch.randn(plate.shape, generator=random) * torch.rand(len(plate), 1, 1, 1, generator=random)
    moved = shift(expose(plate, gain.to(plate)) + grain.to(plate), dx, dy, _SLIP)
    expected = shift(expose(result, gain.to(plate)), dx, dy, _SLIP)
    return (inside(generator(moved)) - inside(expected)).abs().mean()
