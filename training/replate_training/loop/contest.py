"""The look as it stands, measured on what training does not see, and the best so far."""

from __future__ import annotations

import math

from ..judging.validation import Validation
from ..recipe import Recipe
from .best import Best
from .learner import Learner
from .watch import Watch

__all__ = ["Contest"]


class Contest:
    """Looks enter as they come out of the `learner`; where it begins to come apart, as `watch` sees it, none wins.

    `played` tells whether the game against the critic has begun: see `best.py`.
    """

    def __init__(self, recipe: Recipe, learner: Learner, validation: Validation, watch: Watch) -> None:
        self.recipe, self.learner, self.validation, self.watch = recipe, learner, validation, watch
        self.best: Best | None = None
        self._now: Best | None = None

    @property
    def sound(self) -> bool:
        """Whether nothing begins to go wrong."""
        return self.watch.calm and self.learner.finite()

    def kept(self, step: int, *, played: bool) -> Best:
        """The best look: the one that stands now, unless an earlier one was better or it begins to come apart."""
        if self.best is not None and not (self.sound and step > self.best.step):
            return self.best
        now = self.now(step, played=played)
        return now if self.best is None or now.beats(self.best) else self.best

    def now(self, step: int, *, played: bool) -> Best:
        """The look as it stands after `step` steps; measured once."""
        if self._now is None or self._now.step != step:
            generator, critic = self.learner.shipped()
            figures = self.validation.glance(generator.build())
            adversary = self.recipe.adversary
            rule = adversary.score if adversary is not None and played else self.recipe.score
            score = rule(figures) if figures else math.nan
            self._now = Best(step=step, played=played, score=score, figures=figures, generator=generator, critic=critic)
        return self._now

    def forget(self) -> None:
        """What was learnt is no more what it was at that step."""
        self._now = None
