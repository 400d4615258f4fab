"""A training that is killed again and again, and an export that is."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from replate.demo import SAMPLE
from replate.verification import verify
from replate_training import checkpoint

from . import Row, Trial

__all__ = ["killed"]

# The command line, with a checkpoint at every step.
PROGRAM = """
import math
import replate.cli
import replate_training.loop.trainer as trainer
trainer.SAVE, trainer.SHARE = 0.0, math.inf
replate.cli.main()
"""
STEPS = 4  # for each kill; how many one start comes to before it is killed is chance
PARTS = ("history", "generator", "average", "optimiser", "game", "best", "good", "watch")


def killed(trial: Trial) -> Iterator[Row]:
    """Kill a training some time after each new checkpoint, and go on; then an export of it at random moments."""
    steps = STEPS * trial.times
    _train(trial.folder / "straight", steps).wait()
    out, kills, seconds = trial.folder / "killed", 0, list[float]()
    for _ in range(trial.times):
        began, process = time.monotonic(), _train(out, steps)
        if _comes(out / "state.ckpt", process):
            seconds.append(time.monotonic() - began)
            time.sleep(trial.chance.random() / 4)
        kills += process.poll() is None
        process.kill()
        process.wait()
    last = _train(out, steps)
    lost = [f"the training ended with {last.returncode}"] if last.wait() else []
    lost += _different(trial.folder / "straight", out) + [f"{path} is left" for path in out.glob(".*.part")]
    what = "`SIGKILL` of a training some time after each checkpoint: weights of an undisturbed one, bit by bit"
    yield Row(fault=what, tried=kills, lost=lost, seconds=seconds)
    yield from _exports(trial, out / "final.ckpt")


def _exports(trial: Trial, final: Path) -> Iterator[Row]:
    """Kill an export at random moments; what has the final name is whole, and the next export clears away the rest."""
    folder, lost, seconds = trial.folder / "looks", list[str](), list[float]()
    folder.mkdir()
    began = time.monotonic()
    _export(final, folder / "whole.onnx").wait()
    usual = time.monotonic() - began
    for number in range(trial.times):
        look = folder / f"{number}.onnx"
        process = _export(final, look)
        time.sleep(usual * (0.5 + trial.chance.random() / 2))  # before, nothing but torch is loaded
        process.kill()
        process.wait()
        lost += [f"{look}: {problem}" for problem in (verify(look) if look.exists() else [])]
        began = time.monotonic()
        lost += [f"{look} cannot be exported again"] if _export(final, look).wait() else []
        seconds.append(time.monotonic() - began)
        lost += [f"{path} is left" for path in folder.glob(".*")]
    yield Row(fault="`SIGKILL` of an export at a random moment", tried=trial.times, lost=lost, seconds=seconds)


def _train(out: Path, steps: int) -> subprocess.Popen[bytes]:
    words = ["silver", "--content", str(SAMPLE), "--out", str(out), "--steps", str(steps), "--resume-or-begin"]
    return _started("train", *words, "--device", "cpu", "--precision", "fp32")


def _export(final: Path, look: Path) -> subprocess.Popen[bytes]:
    return _started("export", str(final), str(look), "--no-confidence")


def _started(*words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, *words]
    return subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)


def _comes(path: Path, process: subprocess.Popen[bytes]) -> bool:
    """Wait for the next checkpoint; False where the training was over before."""
    before = _stamp(path)
    while process.poll() is None and _stamp(path) == before:
        time.sleep(0.001)
    return process.poll() is None


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


def _different(straight: Path, out: Path) -> list[str]:
    """What in the last state is not that of the undisturbed training."""
    ours, theirs = (checkpoint.read(folder / "state.ckpt") for folder in (out, straight))
    return [f"{part} is not that of an undisturbed training" for part in PARTS if not _same(ours[part], theirs[part])]


def _same(a: Any, b: Any) -> bool:
    """Equal bit for bit, through dictionaries and lists."""
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)
