"""Which look of a training is kept: the best that was seen, not the last.

Before the game, the figure that counts is fidelity. In the game it must not be fidelity alone: crispness costs
decibels (Blau and Michaeli, "The perception-distortion tradeoff", 2018), so the least played look would win. Hence the
comparison starts anew when the game begins, and from there a lack or an excess of sharpness counts in decibels too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..checkpoint import Network

__all__ = ["Best", "Score", "crisp", "faithful"]

Score = Callable[[Mapping[str, float]], float]
"""From figures by name, as `metrics` gives them, to one number: the higher, the better."""


def faithful(figures: Mapping[str, float]) -> float:
    """PSNR in dB; no number where there is nothing to be faithful to."""
    return figures.get("psnr", math.nan)


def crisp(figures: Mapping[str, float]) -> float:
    """PSNR less |20 log10 sharpness|, the decibels by which a result is too soft or too hard."""
    return faithful(figures) - abs(20 * math.log10(max(figures.get("sharpness", 1.0), 1e-3)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """A look as it stood after `step` steps, and its figures on what training does not see. `score` is no number where
    there are none."""

    step: int
    played: bool
    score: float
    figures: dict[str, float]
    generator: Network
    critic: Network | None

    def beats(self, other: Best) -> bool:
        """Whether this one, which is the later, is to be kept. What has no score is better for being later."""
        return self.played != other.played or not self.score < other.score

    def state(self) -> dict[str, Any]:
        """As tensors and plain values."""
        return asdict(self)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Best:
        """The look that has this state."""
        networks = {name: state[name] and Network(**state[name]) for name in ("generator", "critic")}
        return cls(**{**state, **networks})
