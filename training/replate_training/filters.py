"""Small picture operations that teachers and losses share. Pictures are N x C x H x W; borders repeat."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["blur", "derivatives", "gradient", "shift"]


def blur(picture: Tensor, sigma: float) -> Tensor:
    """Gaussian blur with standard deviation `sigma` in pixels."""
    radius = math.ceil(3 * sigma)
    offsets = torch.arange(-radius, radius + 1, dtype=picture.dtype, device=picture.device)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = (kernel / kernel.sum()).repeat(picture.shape[1], 1, 1)
    rows = F.conv2d(_pad(picture, radius, 0), kernel[:, :, None, :], groups=picture.shape[1])
    return F.conv2d(_pad(rows, 0, radius), kernel[:, :, :, None], groups=picture.shape[1])


def derivatives(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Derivatives along x and y by Scharr's 3 x 3 filters; same shape as the input."""
    smooth, slope = torch.tensor([3.0, 10.0, 3.0]) / 16, torch.tensor([-0.5, 0.0, 0.5])
    kernel = torch.outer(smooth, slope).to(picture).repeat(picture.shape[1], 1, 1, 1)
    padded = _pad(picture, 1, 1)
    groups = picture.shape[1]
    return F.conv2d(padded, kernel, groups=groups), F.conv2d(padded, kernel.transpose(2, 3), groups=groups)


def gradient(picture: Tensor) -> Tensor:
    """Forward differences along x and y as twice as many channels, N x 2C x H-1 x W-1."""
    across = picture[..., :-1, 1:] - picture[..., :-1, :-1]
    down = picture[..., 1:, :-1] - picture[..., :-1, :-1]
    return torch.cat([across, down], 1)


def shift(picture: Tensor, dx: int, dy: int, margin: int) -> Tensor:
    """The window of `picture` that starts at (margin + dx, margin + dy) and leaves `margin` on every side."""
    height, width = picture.shape[-2] - 2 * margin, picture.shape[-1] - 2 * margin
    return picture[..., margin + dy : margin + dy + height, margin + dx : margin + dx + width]


def _pad(picture: Tensor, x: int, y: int) -> Tensor:
    return F.pad(picture, (x, x, y, y), mode="replicate")
