"""The moving average of a network's weights, which ships in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

__all__ = ["moving_average"]


def moving_average(decay: float) -> Callable[[Sequence[Tensor], Sequence[Tensor], Tensor | int], None]:
    """An update for `AveragedModel` that begins short: after n steps it averages over about n / 10 of them, until that
    is as long as `decay` makes it. So a short training does not ship the weights that it began with."""

    @torch.no_grad()
    def update(averages: Sequence[Tensor], currents: Sequence[Tensor], seen: Tensor | int) -> None:
        weight = 1 - min(decay, (1 + float(seen)) / (10 + float(seen)))
        torch._foreach_lerp_(list(averages), list(currents), weight)

    return update
