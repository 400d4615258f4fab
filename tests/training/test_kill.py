"""A training that is killed again and again, at any moment, comes to what an undisturbed one comes to."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from replate.news.dialects import Lines
from replate_training import checkpoint
from replate_training.material.pairs import Pairs
from replate_training.recipe import Recipe

from .test_trainer import same, trainer

STEPS = 16


def train(recipe: Recipe, pairs: Pairs, out: Path, watcher: Lines) -> None:
    """Start, or go on from the checkpoint that is there."""
    learner = trainer(recipe, pairs, out, steps=STEPS)
    checkpoint.sweep(out)
    if (out / "state.ckpt").exists():
        learner.restore(checkpoint.read(out / "state.ckpt"))
    learner.run(watcher)


def at_any_moment(out: Path) -> Callable[[], bool]:
    """Some time after a new checkpoint, which may be within the writing of the next, or of pictures."""
    before, delay, since = stamp(out), random.Random(3).uniform(0, 0.3), list[float]()

    def now() -> bool:
        if not since and stamp(out) != before:
            since.append(time.monotonic())
        return bool(since) and time.monotonic() - since[0] > delay

    return now


def while_it_writes(out: Path) -> Callable[[], bool]:
    """While a checkpoint is half there, and another is complete."""
    before = stamp(out)
    return lambda: stamp(out) != before and any(out.glob(".state.ckpt.*.part"))


def stamp(out: Path) -> int:
    path = out / "state.ckpt"
    return path.stat().st_mtime_ns if path.exists() else 0


def test_the_curve_of_a_training_that_is_killed_is_that_of_an_undisturbed_one(
    recipe: Recipe, pairs: Pairs, tmp_path: Path, watcher: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SAVE": 0.0, "SHARE": math.inf, "REPORT": 1}.items():  # a checkpoint and a row at every step
        monkeypatch.setattr(f"replate_training.loop.trainer.{name}", value)
    train(recipe, pairs, tmp_path / "straight", watcher)
    out, kills = tmp_path / "killed", 0
    for moment in (while_it_writes, at_any_moment, while_it_writes, at_any_moment):
        process, due = get_context("fork").Process(target=train, args=(recipe, pairs, out, watcher)), moment(out)
        process.start()
        while process.is_alive() and not due():
            time.sleep(0.0005)
        process.kill()
        process.join()
        kills += process.exitcode == -9
    assert kills >= 3, "it was done before it could be killed"
    train(recipe, pairs, out, watcher)
    ours, theirs = (checkpoint.read(tmp_path / name / "state.ckpt") for name in ("killed", "straight"))
    assert [row["step"] for row in ours["history"]] == list(range(1, STEPS + 1))
    for part in ("history", "generator", "average", "optimiser", "game", "best", "good", "watch"):
        assert same(ours[part], theirs[part]), part
    assert not list(out.glob(".*.part"))
