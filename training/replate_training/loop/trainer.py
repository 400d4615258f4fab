"""The trainer: one loop for every recipe. A generator learns from a lesson, then plays against a critic.

Everything random is a function of (seed, step), and `state.ckpt` holds the networks, the optimisers and the random
state of the machine: a training that was stopped and resumed ends in the same weights, bit for bit, as one that was
not (with a budget of steps; minutes are never twice the same).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import torch
from torch import nn

from replate.errors import Cancelled, ReplateError, UsageError
from replate.news.progress import Watcher

from .. import checkpoint
from ..judging.metrics import Distance
from ..judging.validation import Validation
from ..material.data import Dice, Material, place
from ..recipe import Recipe
from ..seeing.record import Record
from .best import Best
from .contest import Contest
from .feed import Draw, Feed
from .interrupt import Interrupt
from .learner import Learner
from .live import Live
from .run import Run
from .team import Team
from .watch import Trouble, Watch, variety

__all__ = ["Trainer"]

FORMAT = 2  # of state.ckpt
REPORT = 25  # steps between entries of the history
SAVE = 20.0  # seconds of training between checkpoints, with their previews and figures
SHARE = 0.06  # of the time that these may take; where they take more, they come less often
MARKS = 20  # parts of a budget of steps, after which looks compete and rollbacks may come back; else: at checkpoints
TURNS = 3  # rollbacks


def _start(run: Run) -> checkpoint.Network | None:
    """The look that a training begins from."""
    return None if run.start is None else checkpoint.load(run.start).generator_network


class Trainer:
    """Trains one recipe on its material; `perceptual` is a distance by which figures on held material are measured.
    Of several processes each has a trainer; all hold the same weights, and the leading one writes and speaks."""

    def __init__(
        self,
        recipe: Recipe,
        run: Run,
        material: Material,
        *,
        features: nn.Module | None = None,
        perceptual: Distance | None = None,
        team: Team | None = None,
    ) -> None:
        self.recipe, self.facts, self.material = recipe, run.within(recipe.minutes), material
        self.step, self.turn, self.seconds, self.metrics = 0, 0, 0.0, dict[str, float]()
        torch.manual_seed(run.seed)
        self.team = team or Team(run)
        self.learner = Learner(recipe, self.team, features=features, start=_start(run))
        self.feed = Feed(material.source, self._random, device=self.team.fabric.device)
        self.record = Record(run.folder, material.shown, space=recipe.space)
        self.watch, self.trouble = Watch(), Trouble.NONE
        validation = Validation(material=material, perceptual=perceptual, takes=recipe.generator.takes)
        self.contest = Contest(recipe, self.learner, validation, self.watch)
        self.live = Live(run.folder) if run.live and self.team.leads else None
        self.good = self._moment()

    @property
    def progress(self) -> float:
        """Share of the budget that is spent, 0..1."""
        steps = self.step / self.facts.steps if self.facts.steps else 0.0
        minutes = self.seconds / 60 / self.facts.minutes if self.facts.minutes else 0.0
        return min(1.0, max(steps, minutes))

    @property
    def phase(self) -> str:
        """ "teach", "judge" or "play"."""
        return "teach" if self.recipe.adversary is None else self.recipe.schedule.phase(self.progress)

    def run(self, watcher: Watcher) -> None:
        """Train until the budget is spent. Ctrl-C ends the step, keeps what there is and raises Cancelled. Where a
        training comes apart it is rolled back; raises ReplateError where that does not help."""
        saved, asked, cost = self.seconds, 0.0, 0.0
        with Interrupt() as interrupt, self.feed:
            while self.progress < 1 and not asked:
                self._show(watcher)
                start, mark = time.monotonic(), self._mark
                terms = self.advance()
                spent = self.seconds + time.monotonic() - start
                self.seconds, asked, trouble, cost = self.team.agree(spent, interrupt.asked, self.trouble, cost)
                if trouble:
                    self._roll_back(Trouble(int(trouble)), watcher)
                    continue
                self._report(terms, watcher)
                start, due = time.monotonic(), self.seconds - saved > max(SAVE, cost / SHARE)
                if self._mark > mark if self.facts.steps else due:
                    self._settle()
                if due:
                    self.save()
                    saved, cost = self.seconds, time.monotonic() - start
            if not asked and self.team.leads:
                self.metrics = self.contest.validation.examine(self._kept().generator.build())
            self.save()
        if asked:
            raise Cancelled(f"training stopped at step {self.step}; go on with --resume")

    def advance(self) -> dict[str, float]:
        """One step of the generator, and of the critic when it is its time; returns the losses by name."""
        phase, device = self.phase, self.team.fabric.device
        batch, real = self.feed.take(Draw(self.step, self.turn, phase != "teach"))
        batch, real = batch.placed(device), None if real is None else place(real, device)
        losses, made = self.learner.learn(
            batch,
            real,
            self._random(self.step, self.turn),
            play=phase == "play",
            rate=self.recipe.schedule.rate(self.progress),
            pace=0.5**self.turn,
        )
        self.learner.smooth()
        self.step += 1
        like = batch.target if real is None else real
        *values, varied = torch.stack([*losses.values(), variety(made, like)]).tolist()  # one wait for the device
        terms = dict(zip(losses, values, strict=True))
        self.trouble = self.watch.see(terms, chance=self.learner.chance, variety=varied)
        return terms

    def save(self) -> None:
        """Write `state.ckpt` to resume from, `final.ckpt` to export, and the pictures of how it goes."""
        if self.team.leads:
            now = self.contest.now(self.step, played=self.phase == "play")
            self.record.watch(self.step, self.seconds, now.figures)
            checkpoint.write(self.state(), self.facts.folder / "state.ckpt")
            self.record.show(now.generator.build(), self.step)
            checkpoint.save(self.trained(), self.facts.folder / "final.ckpt")

    def state(self) -> dict[str, Any]:
        """All that `restore` needs, as tensors and plain values."""
        return {
            "format": FORMAT,
            "recipe": self.recipe.name,
            "seed": self.facts.seed,
            "options": dict(self.recipe.generator.options),
            "precision": self.facts.precision,
            "seconds": self.seconds,
            "turn": self.turn,
            "history": self.record.history,
            "watched": self.record.watched,
            "best": self.contest.best and self.contest.best.state(),
            "good": self.good,
            **self._moment(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state; raises UsageError where it belongs to another recipe, seed, size or version."""
        facts = {"format": FORMAT, "recipe": self.recipe.name, "seed": self.facts.seed}
        for name, ours in {**facts, "options": dict(self.recipe.generator.options)}.items():
            if (theirs := state.get(name)) != ours:
                raise UsageError(f"the training there has {name} {theirs}, not {ours}; ask for that or change --out")
        self.seconds, self.turn = state["seconds"], state["turn"]
        self.record.history, self.record.watched = state["history"], state["watched"]
        self.contest.best, self.good = state["best"] and Best.of(state["best"]), state["good"]
        self._go_to(state)

    def trained(self) -> checkpoint.Trained:
        """The look that is kept, with everything for its card."""
        return self._trained(self._kept())

    def _trained(self, kept: Best) -> checkpoint.Trained:
        recipe = self.recipe
        return checkpoint.Trained(
            recipe=recipe.name,
            generator_network=kept.generator,
            critic_network=kept.critic,
            title=recipe.title,
            description=recipe.description,
            licence=recipe.licence,
            commercial_use=recipe.commercial_use,
            kind=recipe.kind,
            family=recipe.family,
            defaults=dict(recipe.defaults),
            space=recipe.space,
            command=self.facts.command(),
            steps=self.step,
            kept=kept.step,
            seconds=self.seconds,
            device=str(self.team.fabric.device),
            seed=self.facts.seed,
            data=self.material.data,
            metrics=dict(self.metrics or kept.figures),
        )

    @property
    def _mark(self) -> int:
        return int(MARKS * self.progress)

    def _random(self, step: int, turn: int) -> Dice:
        return self.team.random(self.facts.seed, step, turn=turn)

    def _moment(self) -> dict[str, Any]:
        """A copy of what learning has come to."""
        return deepcopy({"step": self.step, "watch": self.watch.state(), **self.learner.state()})

    def _go_to(self, moment: Mapping[str, Any]) -> None:
        self.step = moment["step"]
        self.contest.forget()
        self.watch.restore(moment["watch"])
        self.learner.restore(deepcopy(moment))  # optimisers keep what they are given

    def _settle(self) -> None:
        """Unless something begins to go wrong, a rollback may come back here; keep the look if it is the best."""
        if self.contest.sound:
            self.good = self._moment()
            if self.team.leads:
                self.contest.best = self._kept()

    def _kept(self) -> Best:
        return self.contest.kept(self.step, played=self.phase == "play")

    def _show(self, watcher: Watcher) -> None:
        """The look as it stands, for whoever watches, where it is time."""
        if self.live is None or not self.live.due(self.seconds):
            return
        network = checkpoint.Network.of(self.recipe.generator, self.learner.look())
        now = Best(step=self.step, played=False, score=math.nan, figures={}, generator=network, critic=None)
        self.live.write(self._trained(now), self.seconds)
        if self.live.trouble:
            watcher.note(f"There is nothing to look at while it learns: {self.live.trouble}")

    def _roll_back(self, trouble: Trouble, watcher: Watcher) -> None:
        """Go back to the last good state, with half the learning rates and other batches."""
        failed = self.step
        self.turn += 1
        self._go_to(self.good)
        self.record.forget(self.step)
        if self.turn > TURNS:
            self.save()
            raise ReplateError(
                f"the training came apart {self.turn} times, the last time at step {failed}: {trouble}; the best look "
                f"is in {self.facts.folder / 'final.ckpt'}, see what the previews and the data look like"
            )
        text = f"back to step {self.step}, now with half the learning rate ({self.turn} of {TURNS})"
        watcher.note(f"Step {failed}: {trouble}; {text}")

    def _report(self, terms: Mapping[str, float], watcher: Watcher) -> None:
        if not self.team.leads:
            return
        if self.step % REPORT == 0:
            self.record.note(self.step, terms)
        loss = sum(value for name, value in terms.items() if not name.startswith("critic"))
        watcher.share(self.progress, f"step {self.step} {self.phase}  loss {loss:.4f}")
