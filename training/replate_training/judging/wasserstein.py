"""How unlike two sets of pictures are in colour and in small patches, whatever they show.

Both are distances between distributions: what random directions see in one set is sorted and laid beside what they see
in the other. Rabin et al., "Wasserstein barycenter and its application to texture mixing", 2011. They are shares of the
style's own spread: 0 for equal sets, about 1 for unrelated ones. Pictures are N x 3 x H x W in ACEScct, both sets of
one size; brightness counts in neither.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["bands", "palettes", "patches"]

_PATCH = 7  # pixels
_FLAT = 1e-3  # spread in ACEScct below which there is nothing to be like


def palettes(made: Tensor, style: Tensor, *, slices: int, random: torch.Generator) -> Tensor:
    """Distance of the colours, each relative to its picture's mean brightness: what is dark takes on the colours that
    are dark in the style."""
    directions = _directions((slices, 3, 1, 1), random).to(made)
    ours, theirs = (
        _answers(F.avg_pool2d(picture - picture.mean(dim=(1, 2, 3), keepdim=True), 4), directions)
        for picture in (made, style)
    )
    return _distance(ours, theirs) / (_spread(theirs) + _FLAT)


def patches(
    made: Tensor, style: Tensor, plate: Tensor, *, levels: int, slices: int, share: float, random: torch.Generator
) -> Tensor:
    """Distance of patches of 7 x 7 samples of brightness at half the resolution and below, over `levels` of detail,
    each of which counts as much as it has contrast: Elnekave and Weiss, "Generating natural images with direct patch
    distributions matching", 2022.

    Single pixels are left to the critic: asked for the grain of a photographed painting, a generator dithers. And only
    the busiest `share` of the plate is asked at all: where there is nothing to hold on to, a texture could only be made
    of the pixel grid, and would boil.
    """
    far, spread = list[Tensor](), list[Tensor]()
    for ours, theirs, seen in zip(
        *(bands(_brightness(picture), levels) for picture in (made, style, plate)), strict=True
    ):
        directions = _directions((slices, 1, _PATCH, _PATCH), random).to(made)
        busy = F.avg_pool2d(seen.abs(), _PATCH, 1).flatten()
        asked = busy.topk(max(1, int(share * len(busy)))).indices
        drawn = torch.randperm(len(busy), generator=random)[: len(asked)].to(asked)
        like = _answers(theirs, directions)
        far.append(_distance(_answers(ours, directions)[:, asked], like[:, drawn]))
        spread.append(_spread(like))
    return torch.stack(far).sum() / (torch.stack(spread).sum() + _FLAT)


def bands(picture: Tensor, levels: int) -> Iterator[Tensor]:
    """A Laplacian pyramid without its last level, the finest band first. Burt and Adelson, "The Laplacian pyramid as a
    compact image code", 1983. Sides are multiples of 2 to the power of `levels`."""
    for _ in range(levels):
        smaller = F.avg_pool2d(picture, 2)
        yield picture - F.interpolate(smaller, scale_factor=2.0, mode="bilinear")
        picture = smaller


def _brightness(picture: Tensor) -> Tensor:
    return F.avg_pool2d(picture.mean(1, keepdim=True), 2)


def _directions(shape: tuple[int, ...], random: torch.Generator) -> Tensor:
    """Random filters of length one."""
    filters = torch.randn(shape, generator=random)
    return filters / filters.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()


def _answers(picture: Tensor, directions: Tensor) -> Tensor:
    """What each direction sees at each place: directions x samples."""
    return F.conv2d(picture, directions).transpose(0, 1).flatten(1)


def _distance(ours: Tensor, theirs: Tensor) -> Tensor:
    """Mean over directions of the Wasserstein-1 distance of two sets of equal size."""
    return (ours.sort(1).values - theirs.sort(1).values).abs().mean()


def _spread(answers: Tensor) -> Tensor:
    return (answers - answers.mean(1, keepdim=True)).abs().mean()
