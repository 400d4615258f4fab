"""A classical painter: planes of colour, strokes along the form, bristles, contour lines.

All of it works on differences of the logarithm of light, so it commutes with exposure; and all of it follows the
picture's own structure, so strokes stay on what they paint when it moves. Nothing is random.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from ..filters import blur, derivatives
from .flow import luma, shock, smear, tangents

__all__ = ["kuwahara", "lost_form", "paint", "sectors"]

COARSE, FINE = 9, 4  # radius of broad and of fine touches, in pixels
STROKE = 12  # half the length of a stroke, in pixels
SECTORS = 8
CALM = 8.0  # how much the calmest sector wins over the others


def paint(plate: Tensor) -> Tensor:
    """Paint `plate`, N x 3 x H x W in ACEScct; same shape and space."""
    flow = tangents(plate, 4.0)
    broad, fine = kuwahara(plate, COARSE), kuwahara(plate, FINE)
    picture = torch.lerp(broad, fine, lost_form(plate, broad))
    for _ in range(2):
        picture = shock(smear(picture, flow, STROKE), flow)
    return _palette(picture) + _relief(_bristles(plate, flow)) - _lines(plate, flow)


def kuwahara(picture: Tensor, radius: int) -> Tensor:
    """Each pixel takes the mean of the calmest of eight soft sectors around it: Papari et al., "Artistic edge and
    corner enhancing smoothing", 2007."""
    padded = F.pad(picture, (radius,) * 4, mode="replicate").unsqueeze(2)
    kernels = sectors(radius).to(picture)[:, None]
    size = (*picture.shape[:2], SECTORS, *picture.shape[2:])
    mean, square = (F.conv2d(x.flatten(0, 1), kernels).view(size) for x in (padded, padded.square()))
    spread = (square - mean.square()).clamp(min=0).sum(1, keepdim=True)
    calm = (spread + 1e-5).pow(-CALM / 2)
    calmest: Tensor = (mean * calm).sum(2) / calm.sum(2)
    return calmest


def sectors(radius: int) -> Tensor:
    """Eight wedges of a Gaussian disc that overlap their neighbours, 8 x side x side; each sums to one."""
    span = torch.arange(-radius, radius + 1, dtype=torch.float32)
    y, x = torch.meshgrid(span, span, indexing="ij")
    squared = x * x + y * y
    disc = torch.exp(-squared / (2 * (0.5 * radius) ** 2)) * (squared <= radius * radius + 1)
    turns = torch.arange(SECTORS).view(-1, 1, 1) * 2 * math.pi / SECTORS
    angle = torch.remainder(torch.atan2(y, x) - turns + math.pi, 2 * math.pi) - math.pi
    wedges = disc * torch.cos((angle * SECTORS / 4).clamp(-math.pi / 2, math.pi / 2)).square()
    wedges[:, radius, radius] = 1 / SECTORS
    return wedges / wedges.sum(dim=(1, 2), keepdim=True)


def lost_form(plate: Tensor, broad: Tensor, *, least: float = 0.008) -> Tensor:
    """Where broad touches lose the form, by more than `least`, 0..1: there a painter takes the finer brush."""
    lost = blur((plate - broad).abs().mean(1, keepdim=True), 3.0)
    return ((lost - least) / 0.02).clamp(0, 1)


def _palette(picture: Tensor, *, colour: float = 1.3, step: float = 0.035) -> Tensor:
    """Richer colour, and tones gathered into soft steps around the local mean."""
    grey = luma(picture)
    local = blur(grey, 16.0)
    tone = (grey - local) / step
    nearest = torch.round(tone)
    stepped = nearest + 0.5 * torch.tanh(4 * (tone - nearest)) / math.tanh(2)
    return local + step * torch.lerp(tone, stepped, 0.6) + colour * (picture - grey)


def _bristles(plate: Tensor, flow: Tensor) -> Tensor:
    """Height of the paint, about -1..1: the picture's own fine detail, drawn out along the strokes."""
    grey = luma(plate)
    drawn = smear(grey - blur(grey, 2.0), flow, STROKE)
    level = blur(drawn.square(), 6.0).sqrt()
    return drawn / (level + 0.010)  # well above the noise of a camera or a codec


def _relief(height: Tensor, *, depth: float = 0.024) -> Tensor:
    """What a height field does to the light: ridges catch it, and it comes from the upper left."""
    x, y = derivatives(blur(height, 0.7))
    return depth * (torch.tanh(0.7 * height) - torch.tanh(1.5 * (x + y)))


def _lines(plate: Tensor, flow: Tensor, *, strength: float = 0.10) -> Tensor:
    """Dark contour lines, 0..strength: flow-guided difference of Gaussians, Kang et al., "Coherent line drawing",
    2007."""
    grey = luma(plate)
    ridge = smear(blur(grey, 2.2) - blur(grey, 1.0), flow, 6)
    return strength * torch.tanh((ridge - 0.006).clamp(min=0) / 0.02)
