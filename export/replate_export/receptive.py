"""How far a network looks: measured, never typed."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from replate.errors import ReplateError

from .module import Exportable

__all__ = ["receptive_radius"]


def receptive_radius(module: Exportable, *, largest: int = 4096) -> int:
    """The distance in pixels, along x or y, of the farthest input pixel that any output pixel depends on.

    Gradients of a copy whose weights are all positive, in float64: no rectifier closes and nothing cancels, so an
    input pixel has a gradient exactly where a path leads from it. Strides make the reach differ from pixel to pixel;
    the greatest one is returned. Raises ReplateError where it exceeds `largest` / 2, as with global pooling.
    """
    probe = _positive(module)
    step = module.multiple
    side = 16 * step
    while side <= largest:
        middle = side // 2 // step * step
        reach = max(_reach(probe, side, middle + phase) for phase in range(step))
        if reach < middle - step:
            return reach
        side *= 2
    raise ReplateError(
        f"the network looks more than {largest // 2} pixels far, so tiles of its result would show; "
        "train one without layers that see the whole picture"
    )


def _positive(module: Exportable) -> Exportable:
    """A copy in float64 whose filters are averages."""
    probe = copy.deepcopy(module).double()
    for parameter in probe.parameters():
        nn.init.constant_(parameter, parameter.shape[0] / parameter.numel() if parameter.ndim > 1 else 0.0)
    return probe


def _reach(probe: Exportable, side: int, at: int) -> int:
    """Farthest distance that counts for the output pixel (at, at) of a side x side picture."""
    # Nearly nothing: positive, so that rectifiers are open, and too small to saturate a sigmoid.
    plate = torch.full((1, 3, side, side), 1e-9, dtype=torch.float64, requires_grad=True)
    seen: Tensor = sum(output[..., at, at].sum() for output in probe(plate))
    (gradient,) = torch.autograd.grad(seen, plate)
    touched = gradient.abs().sum((0, 1)).nonzero()
    return int((touched - at).abs().max())
