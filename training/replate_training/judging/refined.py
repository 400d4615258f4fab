"""How good the detail of fire and smoke is: what it is told in training, and the figures that it is chosen by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..filters import blur, gradient
from ..material.flowing import Moving, in_line
from .filled import unlike
from .lesson import Attempt
from .metrics import laplacian

__all__ = ["Refined", "figures", "lively", "power"]

_COARSE = 14.0  # samples (standard deviation) from which on the coarse field decides
_LEVEL = 0.02  # mean heat and smoke of a batch below which it counts as that much
_OCTAVES = {"fine": (0.25, 0.5), "middle": (0.125, 0.25)}  # waves a sample: the top two octaves
_RESTLESS = 1.15
_NOTHING = 1e-20
_MARGIN = 24  # samples at the border that are not compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Refined:
    """Weights: of simulated triples `pixels`, `edges` and `texture` (how strong detail is around a place) against the
    fine simulation; of all, that the mean around a place is `kept`."""

    pixels: float = 1.0
    edges: float = 1.0
    texture: float = 1.0
    kept: float = 2.0

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        """Each as a share of how much heat and smoke there is."""
        batch = attempt.batch
        assert isinstance(batch, Moving) and batch.target is not None
        coarse, made = (attempt.inside(each)[:, :2] for each in (batch.inputs[0], attempt.result))
        real = attempt.inside(batch.target)[: 3 * batch.known, :2]
        level, ours = coarse.mean().clamp(min=_LEVEL), made[: 3 * batch.known]
        return {
            "pixels": self.pixels * (ours - real).abs().mean() / level,
            "edges": self.edges * (gradient(ours) - gradient(real)).abs().mean() / level,
            "texture": self.texture * unlike(ours, real) / level,
            "kept": self.kept * blur(made - coarse, _COARSE).abs().mean() / level,
        }


def power(planes: Tensor, octave: tuple[float, float]) -> Tensor:
    """Power of planes (N x C x H x W) between two frequencies in waves a sample, along any direction; the border is
    faded out (Hann's window)."""
    height, width = planes.shape[-2:]
    window = torch.hann_window(height)[:, None] * torch.hann_window(width)[None]
    spectrum = torch.fft.rfft2(planes * window).abs().square()
    radius = torch.hypot(torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None])
    inside: Tensor = spectrum[..., (radius >= octave[0]) & (radius < octave[1])].sum()
    return inside


def figures(look: Callable[..., Tensor], examples: Sequence[Moving], *, first: int = 0) -> dict[str, float]:
    """Of simulated triples, a frame apart, over the fine simulation's: spectrum_fine and spectrum_middle, the power of
    the top two octaves; flow_error, the mean squared difference of frames brought into line by the flow; sharpness,
    mean |Laplacian|. `plain_...` are those of the coarse field as it is, enlarged. Heat and smoke count as they are;
    with `first` 1 only smoke does, beside which heat would be all that counts."""
    with torch.no_grad():
        rows = [_row(look, example, first) for example in examples]
    made, plain, real = ({name: sum(row[which][name] for row in rows) for name in rows[0][which]} for which in range(3))
    ratios = {name: value / max(real[name], _NOTHING) for name, value in made.items()}
    return ratios | {f"plain_{name}": value / max(real[name], _NOTHING) for name, value in plain.items()}


def lively(measured: Mapping[str, float]) -> float:
    """Minus the decibels by which the top two octaves are too weak or too strong, in the mean; less ten for each time
    that frames differ more from each other than `_RESTLESS` times the simulation's."""
    off = [abs(10 * math.log10(max(measured[f"spectrum_{name}"], 1e-4))) for name in _OCTAVES]
    return -sum(off) / len(off) - 10 * max(0.0, measured["flow_error"] - _RESTLESS)


def _row(look: Callable[..., Tensor], example: Moving, first: int) -> tuple[dict[str, float], ...]:
    assert example.target is not None and example.flow is not None
    (coarse,) = (each.float() for each in example.inputs)
    return tuple(_measured(each[:, first:2], example.flow) for each in (look(coarse), coarse, example.target.float()))


def _measured(planes: Tensor, flow: Tensor) -> dict[str, float]:
    before, now, after = in_line(planes, flow[1::3], _MARGIN).chunk(3, 1)
    figures = {f"spectrum_{name}": float(power(now, octave)) for name, octave in _OCTAVES.items()}
    figures["flow_error"] = float(F.mse_loss(before, now) + F.mse_loss(after, now))
    return figures | {"sharpness": float(laplacian(now).abs().mean())}
