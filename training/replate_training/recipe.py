"""What a recipe states: everything about a look that is not a fact of one run."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from torch import Tensor

from replate.errors import UsageError

__all__ = ["Adversary", "Recipe", "Schedule", "Weights", "find_recipe", "recipe_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each part of the paired loss counts."""

    pixels: float = 1.0
    edges: float = 1.0
    features: float = 0.0
    steady: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Adversary:
    """The critic's game: an objective of `objectives.OBJECTIVES`, its weight for the generator, the weight `gamma` of
    the R1 and R2 penalties, and the share of style pictures (rather than the teacher's results) among the real."""

    objective: str = "hinge"
    weight: float = 0.01
    gamma: float = 0.0
    style: float = 0.5
    rate: float = 2e-4
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Phases as shares of the budget, after NoGAN (Antic, "DeOldify", 2019): learn from the teacher alone until
    `judge`, train only the critic until `play`, then both."""

    judge: float = 0.75
    play: float = 0.80

    def phase(self, progress: float) -> str:
        """ "teach", "judge" or "play" at `progress` in 0..1."""
        return "teach" if progress < self.judge else "judge" if progress < self.play else "play"

    @staticmethod
    def rate(progress: float) -> float:
        """Learning rate as a share of the full one: a warm-up, then half a cosine down to a fiftieth."""
        warm = min(1.0, progress / 0.01)
        return warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A look: how its pictures are made ready, who teaches it, which networks learn it and how.

    `scales` are the short sides at which plates are seen; of movies each `every`th frame is taken, and `grey` takes
    the colour out. `stops` are the exposures (-stops .. stops) and `highlights` is how far clipped light is opened up.
    """

    name: str
    title: str
    description: str
    licence: str
    commercial_use: bool
    teacher: Callable[[Tensor], Tensor]
    scales: tuple[int, ...] = (720, 400)
    style_scale: int = 400
    every: int = 12
    grey: bool = False
    stops: float = 4.0
    highlights: float = 2.0
    generator: Mapping[str, Any] = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)
    adversary: Adversary | None = field(default_factory=Adversary)
    schedule: Schedule = field(default_factory=Schedule)
    crop: int = 192
    batch: int = 8
    rate: float = 1e-3


def recipe_names() -> list[str]:
    """The recipes there are."""
    package = import_module("replate_training.recipes")
    return sorted(module.name for module in iter_modules(package.__path__))


def find_recipe(name: str) -> Recipe:
    """The recipe of a name; raises UsageError with the nearest name where there is none."""
    names = recipe_names()
    if name not in names:
        close = difflib.get_close_matches(name, names, 1)
        hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(names)}"
        raise UsageError(f"recipe '{name}' is not known; {hint}")
    recipe: Recipe = import_module(f"replate_training.recipes.{name}").RECIPE
    return recipe
