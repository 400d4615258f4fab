"""The direction of a picture's forms, and what can be done along it and across it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from ..filters import blur, derivatives

__all__ = ["luma", "shock", "smear", "tangents"]

_NOISE = 2e-5  # squared slope below which a direction is taken for noise


def luma(picture: Tensor) -> Tensor:
    """Mean of the channels, N x 1 x H x W."""
    return picture.mean(1, keepdim=True)


def tangents(picture: Tensor, sigma: float) -> Tensor:
    """Direction along edges as N x 2 x H x W (x, y); its length, 0..1, is how surely there is one.

    The minor eigenvector of the structure tensor, averaged over `sigma` pixels: Kyprianidis and Doellner, "Image
    abstraction by structure adaptive filtering", 2008.
    """
    x, y = derivatives(picture)
    products = torch.stack([(x * x).sum(1), (x * y).sum(1), (y * y).sum(1)], 1)
    e, f, g = blur(products, sigma).unbind(1)
    angle = 0.5 * torch.atan2(2 * f, e - g) + math.pi / 2
    surely = ((e - g).square() + 4 * f.square()).sqrt() / (e + g + _NOISE)
    return torch.stack([torch.cos(angle), torch.sin(angle)], 1) * surely.sqrt()[:, None]


def smear(picture: Tensor, flow: Tensor, length: int) -> Tensor:
    """Gaussian mean along the flow, `length` pixels each way: line integral convolution, Cabral and Leedom, "Imaging
    vector fields using line integral convolution", 1993. Where the flow is unsure the way is shorter."""
    total, weight = picture.clone(), 1.0
    for side in (1.0, -1.0):
        for step, place in _walk(side * flow, flow, length):
            share = math.exp(-0.5 * (step / (0.5 * length)) ** 2)
            total += share * _sample(picture, place)
            weight += share
    return total / weight


def shock(picture: Tensor, flow: Tensor, *, strength: float = 0.6, sigma: float = 1.5) -> Tensor:
    """Sharpen across the flow by moving each side of an edge towards its darkest or brightest neighbour: Kyprianidis
    and Kang, "Image and video abstraction by coherence-enhancing filtering", 2011. Edges of about `sigma` pixels."""
    across, here = torch.stack([-flow[:, 1], flow[:, 0]], 1), _places(flow)
    soft = blur(luma(picture), sigma)
    bend = _sample(soft, here + 2 * across) + _sample(soft, here - 2 * across) - 2 * soft
    dark, bright = -F.max_pool2d(-picture, 3, 1, 1), F.max_pool2d(picture, 3, 1, 1)
    valley = torch.tanh(bend / 0.004)
    pulled = torch.where(valley > 0, torch.lerp(picture, dark, valley), torch.lerp(picture, bright, -valley))
    return torch.lerp(picture, pulled, strength)


def _walk(heading: Tensor, flow: Tensor, length: int) -> Iterator[tuple[int, Tensor]]:
    """Places reached after 1 .. `length` steps along the flow; a tangent has no sign, so each step keeps the way."""
    place = _places(flow)
    for step in range(1, length + 1):
        place = place + heading
        yield step, place
        turned = _sample(flow, place)
        heading = torch.where((turned * heading).sum(1, keepdim=True) < 0, -turned, turned)


def _places(flow: Tensor) -> Tensor:
    """The coordinates (x, y) of every pixel, in the shape of the flow."""
    y, x = torch.meshgrid(*(torch.arange(side, dtype=flow.dtype) for side in flow.shape[-2:]), indexing="ij")
    return torch.stack([x, y]).expand_as(flow)


def _sample(picture: Tensor, place: Tensor) -> Tensor:
    """Bilinear values of `picture` at pixel coordinates; the border repeats."""
    size = torch.tensor([picture.shape[-1], picture.shape[-2]], dtype=place.dtype).view(1, 2, 1, 1)
    grid = ((2 * place + 1) / size - 1).permute(0, 2, 3, 1)
    return F.grid_sample(picture, grid, mode="bilinear", padding_mode="border", align_corners=False)
