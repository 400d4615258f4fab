"""A farm session's service that is killed while it renders a chunk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from replate.service.detached import start
from replate.service.place import Place

from . import Row, Trial
from .jobs import jobs

__all__ = ["killed"]


def killed(trial: Trial) -> Iterator[Row]:
    """Kill the service at a random moment; the command that gave it the chunk starts another, and goes on."""
    run, lost, seconds = trial.folder / "run", list[str](), list[float]()
    for turn, job in enumerate(islice(cycle(jobs(trial.folder)), trial.times)):
        folder = trial.folder / f"turn{turn}"
        start(run)
        words = [*job.command(folder), "--service", str(run), "--progress", "none"]
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as chunk:
            time.sleep(trial.chance.random() * job.seconds)
            _kill(run)
            began = time.monotonic()
            said = chunk.communicate()[1]
        seconds.append(time.monotonic() - began)
        lost += [f"the command ended with {chunk.returncode}: {said}"] if chunk.returncode else []
        lost += job.unfinished(folder)
    Place.stop(run, seconds=60)
    what = "`SIGKILL` of a farm session's service at a random moment of a chunk, every node, EXR and PNG"
    yield Row(fault=what, tried=trial.times, lost=lost, seconds=seconds)


def _kill(run: Path) -> None:
    """The service, as a crash would end it."""
    os.kill(int(json.loads((run / "service.json").read_text())["pid"]), signal.SIGKILL)
