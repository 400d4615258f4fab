"""What learns: a generator, its moving average, the critic it plays against, and their optimisers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from replate.errors import UsageError

from ..checkpoint import Network
from ..judging.lesson import Attempt
from ..judging.losses import pyramid
from ..material.data import Batch, Dice
from ..networks import adopt
from ..recipe import Recipe
from .averaging import moving_average
from .game import Game
from .team import Team

__all__ = ["Learner"]

EMA = 0.998  # an average over the last few hundred steps


class Learner:
    """The networks of a recipe, on the device of their process. Without `features` (a distance of two pictures) a
    pyramid of gradients takes their part. `start` is an earlier look to begin from; raises UsageError where it has
    another network."""

    def __init__(
        self, recipe: Recipe, team: Team, *, features: nn.Module | None = None, start: Network | None = None
    ) -> None:
        self.recipe, self.team = recipe, team
        self.network = recipe.generator.build()
        if start is not None:
            _begin(self.network, recipe, start)
        smooth = moving_average(EMA)
        self.average = AveragedModel(self.network, multi_avg_fn=smooth).to(team.fabric.device)
        adam = torch.optim.Adam(self.network.parameters(), recipe.rate, recipe.betas)
        self.generator, self.optimiser = team.fabric.setup(self.network, adam)
        self.game = None if recipe.adversary is None else Game(recipe.adversary, team)
        self.features = pyramid if features is None else team.fabric.setup_module(features)

    @property
    def chance(self) -> float:
        """The loss of a critic that cannot tell; 0 without one."""
        return 0.0 if self.game is None else self.game.chance

    def learn(
        self, batch: Batch, real: Tensor | None, random: Dice, *, play: bool, rate: float, pace: float
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Forth, back, and the optimisers' steps; returns the losses by name, and what was made of the batch.

        With what is `real`, the critic learns too, and if they `play`, the generator from it. `rate` is the share of
        the generator's learning rate that the schedule grants, `pace` that of both which rollbacks have left.
        """
        attempt = Attempt(
            generator=self.generator,
            batch=batch,
            result=self.generator(*batch.inputs),
            margin=self.recipe.margin,
            features=self.features,
            random=random,
        )
        terms, scores = self.recipe.lesson(attempt), dict[str, Tensor]()
        counts = None if batch.counts is None else attempt.inside(batch.counts)
        made = batch.judged(attempt.result, self.recipe.margin)
        if self.game is not None and real is not None and play:
            terms["adversary"] = self.game.loss(real, made, counts=counts)
        self._descend(terms, pace * rate * self.recipe.rate)
        if self.game is not None and real is not None:  # only now: gradients passed through the critic as it was
            scores = self.game.learn(real, made, counts=counts, pace=pace)
        losses = scores | terms
        return {name: loss.detach().float() for name, loss in losses.items()}, made.detach()

    def smooth(self) -> None:
        """Take what was learnt into the average."""
        self.average.update_parameters(self.network)

    def look(self) -> nn.Module:
        """The smoothed generator as it stands, plain layers on the CPU."""
        return self.recipe.generator.folded(self.average.module.state_dict()).eval()

    def state(self) -> dict[str, Any]:
        """All that `restore` needs; not a copy."""
        return {
            "generator": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "game": self.game and self.game.state(),
            "random": torch.get_rng_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over a state."""
        self.network.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.game is not None:
            self.game.restore(state["game"])
        torch.set_rng_state(state["random"])

    def shipped(self) -> tuple[Network, Network | None]:
        """The smoothed generator and the critic as they stand, ready to ship."""
        generator = Network.of(self.recipe.generator, self.look())
        return generator, None if self.game is None else self.game.trained()

    def finite(self) -> bool:
        """Whether every weight and every moment of the optimisers is a number."""
        return _finite(self.state())

    def _descend(self, terms: Mapping[str, Tensor], rate: float) -> None:
        loss = sum(terms.values(), start=torch.zeros((), device=self.team.fabric.device))
        self.optimiser.zero_grad()
        self.team.fabric.backward(loss)
        self.team.average(self.network.parameters())
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.step()


def _begin(network: nn.Module, recipe: Recipe, start: Network) -> None:
    try:
        adopt(network, start.weights)
    except (KeyError, RuntimeError):
        raise UsageError(
            f"the look to start from has another network than the recipe {recipe.name}; start from one of that recipe",
            parameter="start",
        ) from None


def _finite(tree: Any) -> bool:
    if isinstance(tree, Mapping):
        return all(map(_finite, tree.values()))
    return not isinstance(tree, Tensor) or not tree.is_floating_point() or bool(tree.isfinite().all())
