"""Trainings that come apart, for real, and what is left of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn

from replate.errors import ReplateError
from replate.news.dialects import Lines
from replate_training import checkpoint, networks
from replate_training.judging.lesson import Attempt, Paired
from replate_training.loop.watch import Trouble, Watch, variety
from replate_training.material.pairs import Pairs
from replate_training.networks import Architecture
from replate_training.recipe import Recipe

from .test_trainer import same, trainer

SIDES = 24  # falls at step 6, and after a rollback no more
CALM = {"pixels": 0.1, "critic": 1.0, "adversary": 0.5}


@dataclass(frozen=True, slots=True)
class Pitfall:
    """Says that the loss is infinite where a die of the step shows 0: with `sides` of 1 always."""

    sides: int

    def __call__(self, attempt: Attempt) -> dict[str, Tensor]:
        terms = Paired()(attempt)
        fallen = int(torch.randint(self.sides, (), generator=attempt.random("pitfall"))) == 0
        return {name: term * torch.inf if fallen else term for name, term in terms.items()}


def test_a_step_without_a_number_is_taken_back(
    recipe: Recipe,
    pairs: Pairs,
    tmp_path: Path,
    watcher: Lines,
) -> None:
    learner = trainer(replace(recipe, lesson=Pitfall(sides=SIDES)), pairs, tmp_path)
    learner.run(watcher)
    said = watcher.stream.getvalue()  # type: ignore[attr-defined]
    assert learner.turn == 1 and learner.step == 12 and learner.learner.finite()
    assert "the loss is no longer a number; back to step" in said and "half the learning rate (1 of 3)" in said
    assert checkpoint.load(tmp_path / "final.ckpt").steps == 12


def test_a_stop_does_not_change_where_a_rollback_goes(
    recipe: Recipe,
    pairs: Pairs,
    tmp_path: Path,
    watcher: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unlucky = replace(recipe, lesson=Pitfall(sides=SIDES))
    monkeypatch.setattr("replate_training.loop.trainer.SAVE", 0.0)
    monkeypatch.setattr("replate_training.loop.trainer.SHARE", math.inf)
    states = []
    straight = trainer(unlucky, pairs, tmp_path / "straight")
    monkeypatch.setattr(straight, "save", lambda: states.append(checkpoint_of(straight.state(), tmp_path)))
    straight.run(watcher)
    assert straight.turn == 1
    for state in states[2:7:4]:
        second = trainer(unlucky, pairs, tmp_path / "second")
        second.restore(state)
        monkeypatch.setattr(second, "save", lambda: None)
        second.run(watcher)
        assert all(same(second.state()[part], straight.state()[part]) for part in straight.state() if part != "seconds")


def checkpoint_of(state: dict[str, object], folder: Path) -> dict[str, object]:
    """There and back, through a file."""
    checkpoint.write(state, folder / "moment.ckpt")
    return dict(checkpoint.read(folder / "moment.ckpt"))


def test_four_times_is_enough(recipe: Recipe, pairs: Pairs, tmp_path: Path, watcher: Lines) -> None:
    with pytest.raises(
        ReplateError, match=r"came apart 4 times, the last time at step 1: the loss is no longer a numb"
    ):
        trainer(replace(recipe, lesson=Pitfall(sides=1)), pairs, tmp_path).run(watcher)
    plate = torch.rand(1, 3, 64, 64)
    assert checkpoint.load(tmp_path / "final.ckpt").generator()(plate).isfinite().all()


class Fader(nn.Module):
    """The plate times one number."""

    takes: ClassVar[tuple[str, ...]] = ("plate",)

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gain


def fade(attempt: Attempt) -> dict[str, Tensor]:
    """A lesson that rewards black."""
    return {"light": attempt.made.square().mean()}


def test_results_that_no_longer_differ_are_taken_back(
    recipe: Recipe,
    pairs: Pairs,
    tmp_path: Path,
    watcher: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(networks.FAMILIES, "fader", Fader)  # type: ignore[arg-type]
    fading = replace(
        recipe, generator=Architecture(family="fader", options={}), lesson=fade, adversary=None, batch=4, rate=0.1
    )
    falling = trainer(fading, pairs, tmp_path, steps=400)
    falling.watch = Watch(patience=20)
    with pytest.raises(ReplateError, match=r"came apart 4 times.*no longer differ from each other"):
        falling.run(watcher)
    kept = checkpoint.load(tmp_path / "final.ckpt")
    assert kept.generator_network.weights["gain"].item() > 0.02


def test_signs() -> None:
    watch = Watch(patience=3)
    assert watch.see(CALM, chance=2.0, variety=1.0) is Trouble.NONE and watch.calm
    assert watch.see({**CALM, "critic": float("nan")}, chance=2.0, variety=1.0) is Trouble.NUMBER
    flat = [watch.see(CALM, chance=2.0, variety=0.01) for _ in range(3)]
    assert flat == [Trouble.NONE, Trouble.NONE, Trouble.FLAT] and not watch.calm
    assert watch.see(CALM, chance=2.0, variety=0.5) is Trouble.NONE and watch.calm


def test_a_sure_critic_is_trouble_only_where_the_generator_is_lost() -> None:
    watch = Watch(patience=3)
    sure = [watch.see({"critic": 0.0, "adversary": 1.0}, chance=2.0, variety=1.0) for _ in range(9)]
    assert set(sure) == {Trouble.NONE} and watch.calm
    lost = [watch.see({"critic": 0.0, "adversary": 11.0}, chance=2.0, variety=1.0) for _ in range(3)]
    assert lost[-1] is Trouble.LOST and not watch.calm
    again = Watch(patience=3)
    again.restore(watch.state())
    assert again.see({"critic": 0.0, "adversary": 11.0}, chance=2.0, variety=1.0) is Trouble.LOST
    assert again.see({"critic": 1.0, "adversary": 11.0}, chance=2.0, variety=1.0) is Trouble.NONE


def test_variety_is_that_of_the_batch_not_of_a_picture() -> None:
    like, busy = torch.rand(4, 3, 8, 8), torch.rand(1, 3, 8, 8)
    assert float(variety(like / 2, like)) == pytest.approx(0.5, abs=1e-5)
    assert float(variety(busy.expand(4, 3, 8, 8), like)) == pytest.approx(0.0, abs=1e-6)
    assert float(variety(busy, like)) == 1 and float(variety(like, None)) == 1
