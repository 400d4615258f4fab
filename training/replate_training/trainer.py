"""The trainer: one loop for every recipe. A generator learns from a lesson, then plays against a critic.

Everything random is a function of (seed, step), and `state.ckpt` holds the networks, the optimisers and the random
state of the machine: a training that was stopped and resumed ends in the same weights, bit for bit, as one that was
not (with a budget of steps; minutes are never twice the same).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from replate.errors import Cancelled, ReplateError, UsageError

from . import checkpoint
from .data import Batch, Material, dice, place
from .game import Game
from .interrupt import Interrupt
from .lesson import Attempt
from .losses import pyramid
from .metrics import Distance
from .progress import Meter
from .recipe import Recipe
from .record import Record
from .run import Run
from .validation import Validation

__all__ = ["Trainer"]

REPORT = 25  # steps between entries of the history
SAVE = 20.0  # seconds between checkpoints, with their previews
EMA = 0.998  # an average over the last few hundred steps


class Trainer:
    """Trains one recipe on its material. Without `features` (a distance of two pictures) a pyramid of gradients takes
    their part; `perceptual` is the distance that figures on held material are measured by."""

    def __init__(
        self,
        recipe: Recipe,
        run: Run,
        material: Material,
        *,
        features: nn.Module | None = None,
        perceptual: Distance | None = None,
    ) -> None:
        if run.steps is None and run.minutes is None:
            raise UsageError("a training needs a budget; give --steps or --minutes")
        self.recipe, self.facts, self.material = recipe, run, material
        self.step, self.seconds, self.metrics = 0, 0.0, dict[str, float]()
        torch.manual_seed(run.seed)
        self.fabric = _fabric(run)
        self.network = recipe.generator.build()
        smooth = get_ema_multi_avg_fn(EMA)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(self.network, multi_avg_fn=smooth).to(self.fabric.device)
        adam = torch.optim.Adam(self.network.parameters(), recipe.rate)
        self.generator, self.optimiser = self.fabric.setup(self.network, adam)
        self.game = None if recipe.adversary is None else Game(recipe.adversary, self.fabric)
        self.features = pyramid if features is None else self.fabric.setup_module(features)
        self.validation = Validation(material=material, perceptual=perceptual)
        self.record = Record(run.folder, material.shown)

    @property
    def progress(self) -> float:
        """Share of the budget that is spent, 0..1."""
        steps = self.step / self.facts.steps if self.facts.steps else 0.0
        minutes = self.seconds / 60 / self.facts.minutes if self.facts.minutes else 0.0
        return min(1.0, max(steps, minutes))

    @property
    def phase(self) -> str:
        """ "teach", "judge" or "play"."""
        return self.recipe.schedule.phase(self.progress)

    def run(self, meter: Meter) -> None:
        """Train until the budget is spent. Ctrl-C ends the step, keeps what there is and raises Cancelled."""
        saved = time.monotonic()
        with Interrupt() as interrupt:
            while self.progress < 1 and not interrupt.asked:
                start = time.monotonic()
                terms = self.advance()
                self.seconds += time.monotonic() - start
                self._report(terms, meter)
                if time.monotonic() - saved > SAVE:
                    self.save()
                    saved = time.monotonic()
            if not interrupt.asked:
                self.metrics = self.validation.examine(self.look())
            self.save()
        if interrupt.asked:
            raise Cancelled(f"training stopped at step {self.step}; go on with --resume")

    def advance(self) -> dict[str, float]:
        """One step of the generator, and of the critic when it is its time; returns the losses by name."""
        phase, random = self.phase, partial(dice, self.facts.seed, self.step)
        self.optimiser.param_groups[0]["lr"] = self.recipe.rate * self.recipe.schedule.rate(self.progress)
        drawn = self.material.source.batch(random)
        attempt = self._attempt(drawn.placed(self.fabric.device), random)
        terms, scores = self.recipe.lesson(attempt), dict[str, float]()
        if self.game is not None and phase != "teach":
            real = place(self.material.source.real(drawn, random), self.fabric.device)
            if phase == "play":
                terms["adversary"] = self.game.loss(real, attempt.made)
            scores = self.game.learn(real, attempt.made)
        self._descend(terms)
        self.step += 1
        return scores | {name: float(term.detach()) for name, term in terms.items()}

    def save(self) -> None:
        """Write `state.ckpt` to resume from, `final.ckpt` to export, and the pictures of how it goes."""
        look = self.look()
        glanced = self.validation.glance(look)
        self.record.watch(self.step, self.seconds, glanced)
        checkpoint.write(self.state(), self.facts.folder / "state.ckpt")
        self.record.show(look, self.step)
        checkpoint.save(self.trained(look, self.metrics or glanced), self.facts.folder / "final.ckpt")

    def look(self) -> nn.Module:
        """The smoothed generator as it stands, plain layers on the CPU."""
        return self.recipe.generator.folded(self.average.module.state_dict()).eval()

    def state(self) -> dict[str, Any]:
        """All that `restore` needs, as tensors and plain values."""
        return {
            "recipe": self.recipe.name,
            "seed": self.facts.seed,
            "precision": self.facts.precision,
            "step": self.step,
            "seconds": self.seconds,
            "history": self.record.history,
            "watched": self.record.watched,
            "generator": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "game": self.game and self.game.state(),
            "random": torch.get_rng_state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; raises UsageError where it belongs to another recipe or seed."""
        for name, ours in (("recipe", self.recipe.name), ("seed", self.facts.seed)):
            if state[name] != ours:
                raise UsageError(
                    f"the training there has {name} {state[name]}, not {ours}; ask for that or change --out"
                )
        self.step, self.seconds = state["step"], state["seconds"]
        self.record.history, self.record.watched = state["history"], state["watched"]
        self.network.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.game is not None:
            self.game.restore(state["game"])
        torch.set_rng_state(state["random"])

    def trained(self, look: nn.Module, metrics: Mapping[str, float]) -> checkpoint.Trained:
        """The look as it stands, with everything for its card."""
        recipe = self.recipe
        return checkpoint.Trained(
            recipe=recipe.name,
            generator_network=checkpoint.Network.of(recipe.generator, look),
            critic_network=None if self.game is None else self.game.trained(),
            title=recipe.title,
            description=recipe.description,
            licence=recipe.licence,
            commercial_use=recipe.commercial_use,
            kind=recipe.kind,
            command=self.facts.command(),
            steps=self.step,
            seconds=self.seconds,
            device=str(self.fabric.device),
            seed=self.facts.seed,
            data=self.material.data,
            metrics=dict(metrics),
        )

    def _attempt(self, batch: Batch, random: Any) -> Attempt:
        return Attempt(
            generator=self.generator,
            batch=batch,
            result=self.generator(*batch.inputs),
            margin=self.recipe.margin,
            features=self.features,
            random=random,
        )

    def _descend(self, terms: Mapping[str, Tensor]) -> None:
        loss = sum(terms.values(), start=torch.zeros(()))
        if not math.isfinite(float(loss.detach())):
            raise ReplateError(f"the loss is no longer a number at step {self.step}; resume with --precision fp32")
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)

    def _report(self, terms: Mapping[str, float], meter: Meter) -> None:
        if self.step % REPORT == 0:
            self.record.note(self.step, terms)
            loss = sum(value for name, value in terms.items() if not name.startswith("critic"))
            meter.update(self.progress, f"step {self.step} {self.phase}  loss {loss:.4f}")


def _fabric(run: Run) -> Fabric:
    accelerator = "cuda" if run.device.startswith("cuda") else "cpu"
    precision = {"fp32": "32-true", "bf16": "bf16-mixed"}[run.precision]
    devices = [int(run.device.partition(":")[2] or 0)] if accelerator == "cuda" else 1
    return Fabric(accelerator=accelerator, devices=devices, precision=precision)
