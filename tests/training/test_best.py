"""What is kept is the best look, not the last."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from replate.news.dialects import Lines
from replate_training import checkpoint
from replate_training.checkpoint import Network
from replate_training.loop.best import Best, crisp, faithful
from replate_training.loop.trainer import Trainer
from replate_training.material.pairs import Pairs
from replate_training.recipe import Recipe, Schedule

from .test_trainer import material, run, same, trainer

NETWORK = Network(family="residual")


def best(step: int, *, score: float, played: bool = False) -> Best:
    return Best(step=step, played=played, score=score, figures={}, generator=NETWORK, critic=None)


def test_the_better_is_kept_and_the_game_starts_anew() -> None:
    assert best(2, score=31).beats(best(1, score=30))
    assert not best(2, score=29).beats(best(1, score=30))
    assert best(2, score=25, played=True).beats(best(1, score=30))
    assert not best(3, score=24, played=True).beats(best(2, score=25, played=True))
    assert best(2, score=math.nan).beats(best(1, score=math.nan))


def test_in_the_game_softness_costs_decibels() -> None:
    soft, sharp = {"psnr": 31.0, "sharpness": 0.6}, {"psnr": 30.0, "sharpness": 0.9}
    assert faithful(soft) > faithful(sharp) and crisp(sharp) > crisp(soft)
    assert crisp({"psnr": 30.0, "sharpness": 0.5}) == pytest.approx(crisp({"psnr": 30.0, "sharpness": 2.0}))
    assert math.isfinite(crisp({"psnr": 30.0, "sharpness": 0.0}))


def falling(figures: Mapping[str, float]) -> float:
    """A rule by which the first look is the best: that with the lowest fidelity."""
    return -figures["psnr"]


def test_an_earlier_look_is_kept(recipe: Recipe, pairs: Pairs, tmp_path: Path, watcher: Lines) -> None:
    learner = trainer(replace(recipe, adversary=None, score=falling, rate=3e-3), pairs, tmp_path, steps=40)
    learner.run(watcher)
    kept = checkpoint.load(tmp_path / "final.ckpt")
    assert kept.steps == 40 and kept.kept < 40 and learner.contest.best is not None
    assert same(kept.generator_network.weights, learner.contest.best.generator.weights)
    assert not same(kept.generator_network.weights, learner.learner.look().state_dict())
    again = trainer(replace(recipe, adversary=None, score=falling, rate=3e-3), pairs, tmp_path / "again", steps=40)
    again.restore(checkpoint.read(tmp_path / "state.ckpt"))
    assert again.trained().kept == kept.kept and same(again.state()["best"], learner.state()["best"])


def test_looks_of_the_game_compete_among_themselves(
    recipe: Recipe,
    pairs: Pairs,
    tmp_path: Path,
    watcher: Lines,
) -> None:
    assert recipe.adversary is not None
    adversary = replace(recipe.adversary, score=falling)
    learner = trainer(replace(recipe, adversary=adversary, schedule=Schedule(judge=0.2, play=0.5)), pairs, tmp_path)
    learner.run(watcher)
    assert learner.contest.best is not None and learner.contest.best.played and learner.contest.best.step >= 6
    assert learner.contest.best.critic is not None


def test_without_examples_the_newest_is_kept(
    recipe: Recipe,
    pairs: Pairs,
    tmp_path: Path,
    watcher: Lines,
) -> None:
    learner = Trainer(recipe, run(tmp_path), replace(material(recipe, pairs), held=()))
    learner.run(watcher)
    kept = checkpoint.load(tmp_path / "final.ckpt")
    assert kept.kept == kept.steps == 12 and kept.metrics == {}
    assert torch.equal(
        next(iter(kept.generator_network.weights.values())), next(iter(learner.learner.look().state_dict().values()))
    )
