"""How far a network looks: measured, never typed."""

from __future__ import annotations

import copy
from math import nan

import torch

from replate.errors import ReplateError

from .module import Exportable

__all__ = ["receptive_radius"]


@torch.no_grad()
def receptive_radius(module: Exportable, *, largest: int = 4096) -> int:
    """The distance in pixels, along x or y, of the farthest output pixel that any input pixel has a part in.

    One input pixel is made NaN. Whatever is computed from it is NaN then, whether a rectifier is closed, a maximum lies
    elsewhere or a weight is zero. Strides make the reach differ from pixel to pixel; the greatest one is returned. 0
    where nothing is redrawn, and for a generator that is meant to see all of its plate. Raises ReplateError where it
    exceeds `largest` / 2, as with global pooling.
    """
    if module.size or module.whole:
        return 0
    # In float64 torch multiplies matrices plainly; faster algorithms for float32 may spread a NaN over their blocks.
    probe = copy.deepcopy(module).double()
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


def _reach(probe: Exportable, side: int, at: int) -> int:
    """Farthest distance at which the input pixel (at, at) of a side x side picture counts."""
    inputs = [each.double() for each in probe.examples(side, side)]
    for each in inputs:
        each[..., at, at] = nan
    touched = torch.cat(probe(*inputs), 1).isnan().any(1)[0].nonzero()
    return int((touched - at).abs().max()) if len(touched) else 0
