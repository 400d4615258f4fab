"""How air moves, on a periodic grid of cells.

A velocity is N x 3 x D x H x W, right, down and away, in cells a frame; what it carries is N x C x D x H x W.
"""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

__all__ = ["advected", "confinement", "curl", "divergence", "incompressible"]

AXES = (-1, -2, -3)
"""The dimensions along which the components of a velocity point."""


def advected(carried: Tensor, velocity: Tensor, time: float) -> Tensor:
    """What is carried, `time` frames later, sharp to the second order: what a step back and a step forth again would
    lose is given back by half, and no cell leaves the range of those it came from. MacCormack's scheme in Selle et al.,
    "An unconditionally stable MacCormack method", 2008; traced as Stam, "Stable fluids", 1999.

    The grid of what is carried may be finer than the velocity's: then thin sheets need no more air to be computed.
    """
    finer = carried.shape[-1] // velocity.shape[-1]
    there, forth = (_places(_enlarged(_way(velocity, each), finer)) for each in (time, -time))
    once = _sampled(carried, there)
    again = _sampled(once, forth)
    low, high = _range(carried, there)
    return torch.minimum(torch.maximum(once + 0.5 * (carried - again), low), high)


def incompressible(velocity: Tensor, *, wind: Tensor | None = None) -> Tensor:
    """The part of a velocity that neither gathers air nor thins it; its mean becomes `wind` (N x 3), or stays.

    Along each wave k of the velocity's spectrum the part that points along k is taken away (Helmholtz's decomposition):
    u - k (k . u) / |k|^2, as in Stam, "A simple fluid solver based on the FFT", 2001.
    """
    waves = torch.fft.rfftn(velocity, dim=(2, 3, 4))
    k = _wavenumbers(velocity.shape[2:], velocity.device)
    along = (waves * k).sum(1, keepdim=True) / k.square().sum(0).clamp(min=1e-12)
    waves = waves - k * along
    if wind is not None:
        waves[..., 0, 0, 0] = wind.to(waves) * velocity[0, 0].numel()
    return _drawn(waves, velocity.shape[2:])


def divergence(velocity: Tensor) -> Tensor:
    """N x 1 x D x H x W: by how much air is lost from a cell in a frame, by the derivatives of its spectrum."""
    waves = torch.fft.rfftn(velocity, dim=(2, 3, 4))
    gathered = (1j * _wavenumbers(velocity.shape[2:], velocity.device) * waves).sum(1, keepdim=True)
    return _drawn(gathered, velocity.shape[2:])


def curl(velocity: Tensor) -> Tensor:
    """N x 3 x D x H x W: how air turns, by central differences."""
    x, y, z = velocity.unbind(1)
    parts = (_slope(z, -2) - _slope(y, -3), _slope(x, -3) - _slope(z, -1), _slope(y, -1) - _slope(x, -2))
    return torch.stack(parts, 1)


def confinement(velocity: Tensor, strength: float | Tensor) -> Tensor:
    """The push that keeps small eddies turning which a coarse grid would wear out: N x w with w the curl and N the
    direction in which its length grows. Fedkiw, Stam and Jensen, "Visual simulation of smoke", 2001, section 3.3."""
    turning = curl(velocity)
    length = turning.norm(dim=1)
    towards = torch.stack([_slope(length, axis) for axis in AXES], 1)
    towards = towards / towards.norm(dim=1, keepdim=True).clamp(min=1e-6)
    push: Tensor = strength * torch.linalg.cross(towards, turning, dim=1)
    return push


def _drawn(waves: Tensor, size: torch.Size) -> Tensor:
    grid: Tensor = torch.fft.irfftn(waves, s=size, dim=(2, 3, 4))
    return grid


def _slope(x: Tensor, axis: int) -> Tensor:
    return 0.5 * (x.roll(-1, axis) - x.roll(1, axis))


def _way(velocity: Tensor, time: float) -> Tensor:
    """How far each cell's air has gone in the last `time` frames, in cells, by the midpoint rule."""
    middle = _sampled(velocity, _places(0.5 * time * velocity))
    return time * middle


def _places(way: Tensor) -> Tensor:
    """Where air came from, N x D x H x W x 3 in cells."""
    return _cells(way.shape[2:], way.device) - way.movedim(1, -1)


def _enlarged(way: Tensor, finer: int) -> Tensor:
    """The same ways on a grid so many times finer, in its cells."""
    if finer == 1:
        return way
    edge = slice(finer, -finer)
    wide = F.interpolate(F.pad(way, (1,) * 6, mode="circular"), scale_factor=float(finer), mode="trilinear")
    return finer * wide[..., edge, edge, edge]


def _sampled(grid: Tensor, places: Tensor, *, mode: str = "bilinear") -> Tensor:
    """Trilinear (or from the nearest cell), and around the border."""
    size = torch.tensor(grid.shape[:1:-1], dtype=grid.dtype, device=grid.device)
    wrapped = places - size * torch.floor(places / size)
    ringed = F.pad(grid, (0, 1, 0, 1, 0, 1), mode="circular")
    return F.grid_sample(ringed, 2 * wrapped / size - 1, mode=mode, align_corners=True)


def _range(carried: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
    """The least and the greatest value of the eight cells around each place."""
    ringed = F.pad(carried, (0, 1, 0, 1, 0, 1), mode="circular")
    bounds = torch.cat([-F.max_pool3d(-ringed, 2, stride=1), F.max_pool3d(ringed, 2, stride=1)], 1)
    low, high = _sampled(bounds, places.floor(), mode="nearest").chunk(2, 1)
    return low, high


@lru_cache(maxsize=4)
def _cells(size: torch.Size, device: torch.device) -> Tensor:
    z, y, x = torch.meshgrid(*(torch.arange(each, dtype=torch.float32, device=device) for each in size), indexing="ij")
    return torch.stack([x, y, z], -1)[None]


@lru_cache(maxsize=4)
def _wavenumbers(size: torch.Size, device: torch.device) -> Tensor:
    """3 x D x H x W/2+1, radians a cell. The shortest waves have no direction: they count as none."""
    depth, height, width = (torch.fft.fftfreq(each, device=device) * 2 * torch.pi for each in size)
    z, y, x = torch.meshgrid(depth, height, width[: size[2] // 2 + 1].abs(), indexing="ij")
    return torch.stack([torch.where(each.abs() > torch.pi - 1e-4, 0.0, each) for each in (x, y, z)])
