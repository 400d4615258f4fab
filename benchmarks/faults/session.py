"""A farm session's service that is killed while it renders a chunk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path

from replate.service.detached import start
from replate.service.place import Place

from . import Row, Trial
from .jobs import jobs
from .kill import wait_for_moment

__all__ = ["killed"]


def killed(trial: Trial) -> Iterator[Row]:
    """Kill the service at a random moment; the command that gave it the chunk starts another, and goes on."""
    run, lost, seconds = trial.folder / "run", list[str](), list[float]()
    for turn, job in zip(count(), cycle(jobs(trial.folder)), strict=False):
        if len(seconds) == trial.times:
            break
        folder = trial.folder / f"turn{turn}"
        start(run)
        words = [*job.command(folder), "--service", str(run)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as chunk:
            wait_for_moment(chunk, job, trial.chance)
            ended = chunk.poll() is not None
            _kill(run)
            began = time.monotonic()
            said = chunk.communicate()[1]
        seconds += [] if ended else [time.monotonic() - began]
        lost += [f"the command ended with {chunk.returncode}: {said}"] if chunk.returncode else []
        lost += job.unfinished(folder)
    Place.stop(run, seconds=60)
    what = "`SIGKILL` of a farm session's service at a random moment of a chunk, every node, EXR and PNG"
    yield Row(fault=what, tried=len(seconds), lost=lost, seconds=seconds)


def _kill(run: Path) -> None:
    """The service, as a crash would end it."""
    os.kill(int(json.loads((run / "service.json").read_text())["pid"]), signal.SIGKILL)
