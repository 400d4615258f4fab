"""Signs that a training comes apart, from which it is rolled back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import torch
from torch import Tensor

__all__ = ["PATIENCE", "Trouble", "Watch", "variety"]

PATIENCE = 200  # steps for which a sign must last: a game swings
_FLAT = 0.02  # of the variety of real pictures
_SURE = 0.01  # of the loss of a critic that cannot tell
_EXPLODED = 10.0  # times the generator's loss when the critic became sure


class Trouble(IntEnum):
    """What can be wrong, the worst last."""

    NONE = 0
    FLAT = 1
    LOST = 2
    NUMBER = 3

    def __str__(self) -> str:
        return {
            Trouble.NONE: "nothing is wrong",
            Trouble.FLAT: "the results no longer differ from each other",
            Trouble.LOST: "the critic is never wrong any more and the generator's loss explodes",
            Trouble.NUMBER: "the loss is no longer a number",
        }[self]


class Watch:
    """Looks at every step. A training comes apart where

    - a loss is no number;
    - for `patience` steps the results vary over the batch by less than a fiftieth of what pictures should (`variety`);
    - for `patience` steps the critic's loss is below a hundredth of what it is by chance, and the generator's is ten
      times what it was when that began: there is no slope left to learn from (Arjovsky and Bottou, "Towards principled
      methods for training generative adversarial networks", 2017, theorem 2.4). A critic that is merely sure is none:
      the lesson teaches on.
    """

    def __init__(self, *, patience: int = PATIENCE) -> None:
        self.patience = patience
        self.flat = self.lost = 0
        self.start: float | None = None

    @property
    def calm(self) -> bool:
        """Whether no sign has begun to show."""
        return not (self.flat or self.lost)

    def see(self, terms: Mapping[str, float], *, chance: float, variety: float) -> Trouble:
        """Judge a step by its losses; `chance` is the critic's loss where it cannot tell."""
        if not all(map(math.isfinite, terms.values())):
            return Trouble.NUMBER
        self.flat = self.flat + 1 if variety < _FLAT else 0
        self.lost = self.lost + 1 if self._exploded(terms, chance) else 0
        if self.lost >= self.patience:
            return Trouble.LOST
        return Trouble.FLAT if self.flat >= self.patience else Trouble.NONE

    def state(self) -> dict[str, Any]:
        """What `restore` needs."""
        return {"flat": self.flat, "lost": self.lost, "start": self.start}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a state."""
        self.flat, self.lost, self.start = state["flat"], state["lost"], state["start"]

    def _exploded(self, terms: Mapping[str, float], chance: float) -> bool:
        loss = terms.get("adversary")
        if loss is None or terms["critic"] >= _SURE * chance:
            self.start = None
            return False
        self.start = loss if self.start is None else self.start
        return loss > _EXPLODED * max(self.start, 0.0) > 0


def variety(made: Tensor, like: Tensor | None) -> Tensor:
    """Standard deviation over the batch, mean over pixels, of `made` over that of `like` (N x C x H x W). Karras et
    al., "Progressive growing of GANs", 2018, section 3. 1 for a batch of one, and without anything to be like."""
    if like is None or min(len(made), len(like)) < 2:
        return made.new_ones((), dtype=torch.float32)
    return made.float().std(0).mean() / like.float().std(0).mean().clamp(min=1e-6)
