"""How a look does on what it has not seen: at a glance while it trains, thoroughly when it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..material.data import Batch, Material
from .metrics import Distance, any_size, evaluate, fidelity, mean, warp_ratio

__all__ = ["Validation", "middle"]

_GLANCED, _WINDOW = 4, 192  # examples and pixels: a glance must cost little against the seconds between two


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """The examples and the clip of a `Material` that training does not see. `perceptual` is a distance of pictures."""

    material: Material
    perceptual: Distance | None = None
    takes: Sequence[str] = ("plate",)
    multiple: int = 8

    def glance(self, look: Callable[..., Tensor]) -> dict[str, float]:
        """psnr, ssim, sharpness (and perceptual) on the middles of a few examples, where there are any, and the
        material's own figures."""
        rows = []
        with torch.no_grad():
            for example in self._spread():
                part = middle(example, _WINDOW)
                if part.target is not None:
                    rows.append(fidelity(look(*part.inputs), part.target, perceptual=self.perceptual))
        return {**mean(rows), **self.material.figures(look)}

    def examine(self, look: Callable[..., Tensor]) -> dict[str, float]:
        """The figures of `metrics.evaluate` on whole examples, and the warp_ratio where there is a clip."""
        figures = evaluate(look, self.material.held, multiple=self.multiple, perceptual=self.perceptual)
        for name, examples in self.material.also.items():
            rows = [self._fidelity(any_size(look, self.multiple), each) for each in examples]
            figures |= {f"{name}_{figure}": value for figure, value in mean(rows).items()}
        figures |= self.material.figures(look)
        if len(self.material.clip) > 1:
            figures["warp_ratio"] = warp_ratio(any_size(look, self.multiple), self.material.clip, takes=self.takes)
        return figures

    def _fidelity(self, look: Callable[..., Tensor], example: Batch) -> dict[str, float]:
        assert example.target is not None
        with torch.no_grad():
            result = look(*(each.float() for each in example.inputs))
        return fidelity(result, example.target.float(), perceptual=self.perceptual)

    def _spread(self) -> Sequence[Batch]:
        """Not the first few, which may be neighbours."""
        held = self.material.held
        return held[:: max(1, -(-len(held) // _GLANCED))]


def middle(example: Batch, size: int) -> Batch:
    """The middle of an example, at most `size` pixels wide and high and multiples of 8, in float32; one that begins
    with noise has none and stays as it is."""
    if example.inputs[0].ndim != 4:
        return example
    whole = example.inputs[0].shape[-2:]
    sides = [min(size, side // 8 * 8) for side in whole]
    starts = [(side - own) // 2 for side, own in zip(whole, sides, strict=True)]
    rows, columns = (slice(start, start + own) for start, own in zip(starts, sides, strict=True))
    window = (..., rows, columns)
    target = None if example.target is None else example.target[window].float()
    return replace(example, inputs=tuple(each[window].float() for each in example.inputs), target=target)
