"""The smooth fill of `replate.removal.pyramid` as torch operations: for many crops at once, on any device."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["pyramid_fill"]

_BELL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)  # of OpenCV's pyrDown and pyrUp
_NOTHING = 1e-6


def pyramid_fill(picture: Tensor, hole: Tensor) -> Tensor:
    """`picture` (N x C x H x W, finite) with its `hole` (N x 1 x H x W, 0 known .. 1 unknown) filled smoothly, as
    `replate.removal.pyramid.pyramid_fill` fills it when a frame is rendered."""
    known = 1 - hole
    levels = [(torch.where(known > 0, picture, 0), known)]
    for _ in range(math.ceil(math.log2(max(picture.shape[-2:])))):
        levels.append(_pushed(*levels[-1]))
    filled, _ = levels.pop()
    for finer, sure in reversed(levels):
        filled = sure * finer + (1 - sure) * _enlarged(filled, finer)
    return filled


def _pushed(picture: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    both = _halved(torch.cat([picture * known, known], 1))
    sums, weight = both[:, :-1], both[:, -1:]
    return sums / weight.clamp(min=_NOTHING), (4 * weight).clamp(max=1)


def _halved(picture: Tensor) -> Tensor:
    """Every other pixel of the picture blurred by the bell; borders reflect."""
    channels, bell = picture.shape[1], picture.new_tensor(_BELL)
    for axis, shape, stride in ((-2, (1, 1, 5, 1), (2, 1)), (-1, (1, 1, 1, 5), (1, 2))):
        kernel = bell.view(shape).repeat(channels, 1, 1, 1)
        picture = F.conv2d(_reflected(picture, axis), kernel, stride=stride, groups=channels)
    return picture


def _reflected(picture: Tensor, axis: int) -> Tensor:
    """Two pixels more on both sides along an axis, however few there are."""
    length = picture.shape[axis]
    where = torch.arange(-2, length + 2, device=picture.device) % max(1, 2 * (length - 1))
    return picture.index_select(axis, torch.minimum(where, (2 * (length - 1) - where).abs()))


def _enlarged(picture: Tensor, like: Tensor) -> Tensor:
    """Twice the size by the same bell, cut to the size of `like`."""
    for axis in (-2, -1):
        length = picture.shape[axis]
        before, here, after = (
            picture.index_select(axis, (torch.arange(length, device=picture.device) + step).abs().clamp(max=length - 1))
            for step in (-1, 0, 1)
        )
        pair = torch.stack([(before + 6 * here + after) / 8, (here + after) / 2], dim=axis % 4 + 1)
        picture = pair.flatten(axis % 4, axis % 4 + 1)
    return picture[..., : like.shape[-2], : like.shape[-1]]
