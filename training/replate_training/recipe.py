"""What a recipe states: everything about a look that is not a fact of one run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from replate.params import Value

from .judging.lesson import Lesson
from .loop.best import Score, crisp, faithful
from .material.data import Material
from .networks import Architecture

__all__ = ["Adversary", "Recipe", "Schedule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adversary:
    """The critic's game: an objective of `objectives.OBJECTIVES`, its weight for the generator, the critic's learning
    rate, and the weight `gamma` of the R1 and R2 penalties. While it is played, `score` says which look is the best."""

    objective: str = "hinge"
    weight: float = 0.01
    gamma: float = 0.0
    rate: float = 2e-4
    score: Score = crisp
    critic: Architecture = field(default_factory=lambda: Architecture(family="patch"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Phases as shares of the budget, after NoGAN (Antic, "DeOldify", 2019): learn from the lesson alone until
    `judge`, train only the critic until `play`, then both. A `constant` one keeps the learning rate."""

    judge: float = 0.75
    play: float = 0.80
    constant: bool = False

    def phase(self, progress: float) -> str:
        """ "teach", "judge" or "play" at `progress` in 0..1."""
        return "teach" if progress < self.judge else "judge" if progress < self.play else "play"

    def rate(self, progress: float) -> float:
        """Learning rate as a share of the full one: a warm-up, then half a cosine down to a fiftieth."""
        if self.constant:
            return 1.0
        warm = min(1.0, progress / 0.01)
        return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A look: its data, its networks, its objective, its schedule.

    `data` is called with a `Site` and with what the user gave for its other parameters, which are the recipe's own
    options on the command line (annotated for typer). `lesson` tells the generator how good it is, `adversary` is the
    game that it plays besides. `score` says which look is the best where examples with a target are held out; elsewhere
    the newest is. `minutes` is the budget where the user gives none; without, the user must. `crop` and `margin` are
    pixels, `betas` those of Adam. Where `licence` is empty, the look is its user's. `kind`, `family`, `space` and
    `defaults` are as on a `replate.card.Card`.
    """

    name: str
    title: str
    description: str
    data: Callable[..., Material]
    lesson: Lesson
    licence: str = ""
    commercial_use: bool | None = None
    kind: str = "style"
    family: str = ""
    space: str = "ACEScct"
    defaults: Mapping[str, Value] = field(default_factory=dict)
    generator: Architecture = field(default_factory=Architecture)
    adversary: Adversary | None = field(default_factory=Adversary)
    schedule: Schedule = field(default_factory=Schedule)
    score: Score = faithful
    minutes: float | None = None
    crop: int = 192
    margin: int = 24
    batch: int = 8
    rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)

    def fitted(self, material: Material) -> Recipe:
        """The recipe with the options of its networks that follow from the data; their `size` is that of crops."""
        if not material.options:
            return self
        crop = int(material.options.get("size", self.crop))
        critic = self.adversary and replace(self.adversary, critic=self.adversary.critic.fitted(material.options))
        return replace(self, generator=self.generator.fitted(material.options), adversary=critic, crop=crop)
