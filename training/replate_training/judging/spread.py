"""How far spread light is from what it should be, at every distance from its source."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .lesson import Attempt

__all__ = ["Spread", "apart"]

_DARK = 1e-12  # light below which nobody asks for more
_NAMES = ("glow", "halation", "ray")


@dataclass(frozen=True, slots=True)
class Spread:
    """Relative difference from the exact light of points, as far out as they shine."""

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        """Of glow, halation and rays."""
        assert attempt.batch.target is not None
        return dict(zip(_NAMES, apart(attempt.result, attempt.batch.target), strict=True))


def apart(made: Tensor, real: Tensor) -> Tensor:
    """Mean of 2 |a - b| / (|a| + b): 0 for the same, 2 for nothing alike; of each third of N x pixels, which are those
    of glow, halation and rays. Where `real` is NaN, nothing is counted."""
    counts, real = real.isfinite(), real.nan_to_num()
    unlike = 2 * (made - real).abs() / (made.abs() + real.abs() + _DARK)
    parts = zip((counts * unlike).chunk(3, 1), counts.chunk(3, 1), strict=True)
    return torch.stack([each.sum() / count.sum() for each, count in parts])
