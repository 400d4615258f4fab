"""The trainer: a generator learns from a teacher, then plays against a critic.

Everything random is a function of (seed, step), and `state.ckpt` holds the networks, the optimisers and the random
state of the machine: a training that was stopped and resumed ends in the same weights, bit for bit, as one that was
not (with a budget of steps; minutes are never twice the same).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.tensorboard import SummaryWriter

from replate.errors import Cancelled, ReplateError, UsageError

from . import checkpoint
from .data import Pairs, Style, dice
from .game import Game
from .interrupt import Interrupt
from .lesson import Lesson, inside
from .metrics import evaluate
from .networks import build, folded
from .preview import contact_sheet, examples, plot
from .progress import Meter
from .recipe import Recipe

__all__ = ["Run", "Trainer"]

REPORT, SAVE = 25, 500  # steps between entries of the history, and between checkpoints
EMA = 0.998  # an average over the last few hundred steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Facts of one run. It ends after `steps`, or after `minutes` of training, whichever comes first."""

    out: Path
    steps: int | None = None
    minutes: float | None = None
    seed: int = 1
    device: str = "cpu"
    precision: str = "fp32"
    command: str = ""
    data: tuple[checkpoint.Data, ...] = ()
    save_every: int = SAVE


class Trainer:
    """Trains one recipe. `held` are pairs that only previews and metrics see."""

    def __init__(
        self,
        recipe: Recipe,
        run: Run,
        *,
        pairs: Pairs,
        held: Pairs,
        style: Style | None = None,
        features: nn.Module | None = None,
    ) -> None:
        if run.steps is None and run.minutes is None:
            raise UsageError("a training needs a budget; give --steps or --minutes")
        self.recipe, self.facts, self.pairs, self.held, self.style = recipe, run, pairs, held, style
        self.step, self.seconds, self.history = 0, 0.0, list[dict[str, float]]()
        self.metrics: dict[str, float] = {}
        torch.manual_seed(run.seed)
        self.fabric = _fabric(run)
        self.network = build("residual", recipe.generator).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        smooth = get_ema_multi_avg_fn(EMA)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(self.network, multi_avg_fn=smooth).to(self.fabric.device)
        adam = torch.optim.Adam(self.network.parameters(), recipe.rate)
        self.generator, self.optimiser = self.fabric.setup(self.network, adam)
        self.game = None if recipe.adversary is None else Game(recipe.adversary, self.fabric)
        self.lesson = Lesson(recipe.weights, features and self.fabric.setup_module(features))
        self.board = SummaryWriter(run.out / "board")

    @property
    def progress(self) -> float:
        """Share of the budget that is spent, 0..1."""
        steps = self.step / self.facts.steps if self.facts.steps else 0.0
        minutes = self.seconds / 60 / self.facts.minutes if self.facts.minutes else 0.0
        return min(1.0, max(steps, minutes))

    def run(self, meter: Meter) -> None:
        """Train until the budget is spent. Ctrl-C ends the step, keeps what there is and raises Cancelled."""
        with Interrupt() as interrupt:
            while self.progress < 1 and not interrupt.asked:
                start = time.monotonic()
                terms = self.advance()
                self.seconds += time.monotonic() - start
                self._report(terms, meter)
            if not interrupt.asked:
                self.metrics = evaluate(self.look(), self.held)
            self.save()
        if interrupt.asked:
            raise Cancelled(f"training stopped at step {self.step}; go on with --resume")

    def advance(self) -> dict[str, float]:
        """One step of the generator, and of the critic when it is its time; returns the losses by name."""
        phase = self.recipe.schedule.phase(self.progress)
        self.optimiser.param_groups[0]["lr"] = self.recipe.rate * self.recipe.schedule.rate(self.progress)
        plate, target = self._pairs()
        result = self.generator(plate)
        terms = self.lesson(self.generator, plate, result, target, self._dice("steady"))
        scores: dict[str, float] = {}
        if self.game is not None and phase != "teach":
            real, made = self._real(target), inside(result)
            if phase == "play":
                terms["adversary"] = self.game.loss(real, made)
            scores["critic"] = self.game.learn(real, made)
        self._descend(sum(terms.values()))  # type: ignore[arg-type]
        self.step += 1
        return scores | {name: float(term.detach()) for name, term in terms.items()}

    def save(self) -> None:
        """Write `state.ckpt` to resume from, `final.ckpt` to export, and the pictures of how it goes."""
        checkpoint.write(self.state(), self.facts.out / "state.ckpt")
        look = self.look()
        self._preview(look)
        checkpoint.save(self.trained(look), self.facts.out / "final.ckpt")

    def look(self) -> nn.Module:
        """The smoothed generator as it stands, plain layers on the CPU."""
        return folded("residual", self.recipe.generator, self.average.module.state_dict()).eval()

    def state(self) -> dict[str, Any]:
        """All that `restore` needs, as tensors and plain values."""
        return {
            "recipe": self.recipe.name,
            "seed": self.facts.seed,
            "precision": self.facts.precision,
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
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
        self.step, self.seconds, self.history = state["step"], state["seconds"], state["history"]
        self.network.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.game is not None:
            self.game.restore(state["game"])
        torch.set_rng_state(state["random"])

    def trained(self, look: nn.Module) -> checkpoint.Trained:
        """The look as it stands, with everything for its card."""
        recipe, run = self.recipe, self.facts
        generator = checkpoint.Network(family="residual", options=dict(recipe.generator), weights=look.state_dict())
        return checkpoint.Trained(
            recipe=recipe.name,
            generator_network=generator,
            critic_network=None if self.game is None else self.game.trained(),
            title=recipe.title,
            description=recipe.description,
            licence=recipe.licence,
            commercial_use=recipe.commercial_use,
            command=run.command,
            steps=self.step,
            seconds=self.seconds,
            device=str(self.fabric.device),
            seed=run.seed,
            data=run.data,
            metrics=dict(self.metrics),
        )

    def _dice(self, stream: str) -> torch.Generator:
        return dice(self.facts.seed, self.step, stream)

    def _pairs(self) -> tuple[Tensor, Tensor]:
        recipe = self.recipe
        batch = self.pairs.batch(count=recipe.batch, crop=recipe.crop, stops=recipe.stops, random=self._dice("pairs"))
        return self._placed(batch[0]), self._placed(batch[1])

    def _real(self, target: Tensor) -> Tensor:
        """What the critic shall call real: style pictures and the teacher's results."""
        real = inside(target)
        share = self.recipe.adversary.style if self.recipe.adversary and self.style else 0.0
        count = round(share * len(real))
        if self.style is None or count == 0:
            return real
        style = self.style.batch(count=count, crop=real.shape[-1], random=self._dice("style"))
        return torch.cat([self._placed(style), real[count:]])

    def _placed(self, picture: Tensor) -> Tensor:
        return picture.to(self.fabric.device, memory_format=torch.channels_last)

    def _descend(self, loss: Tensor) -> None:
        if not math.isfinite(float(loss.detach())):
            raise ReplateError(f"the loss is no longer a number at step {self.step}; resume with --precision fp32")
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        self.average.update_parameters(self.network)

    def _report(self, terms: Mapping[str, float], meter: Meter) -> None:
        if self.step % REPORT == 0:
            self.history.append({"step": float(self.step), **terms})
            for name, value in terms.items():
                self.board.add_scalar(name, value, self.step)
            phase = self.recipe.schedule.phase(self.progress)
            meter.update(self.progress, f"step {self.step} {phase}  loss {sum(terms.values()):.4f}")
        if self.step % self.facts.save_every == 0 and self.progress < 1:
            self.save()

    def _preview(self, look: nn.Module) -> None:
        sheet = contact_sheet(examples(look, self.held), self.facts.out / "previews" / f"{self.step:06d}.png")
        self.board.add_image("preview", sheet, self.step)
        self.board.flush()
        plot(self.history, self.facts.out / "losses.png")


def _fabric(run: Run) -> Fabric:
    accelerator = "cuda" if run.device.startswith("cuda") else "cpu"
    precision = {"fp32": "32-true", "bf16": "bf16-mixed"}[run.precision]
    devices = [int(run.device.partition(":")[2] or 0)] if accelerator == "cuda" else 1
    return Fabric(accelerator=accelerator, devices=devices, precision=precision)
