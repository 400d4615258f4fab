"""SIGKILL."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from . import Row, Trial
from .jobs import FRAMES, Job, jobs

__all__ = ["random_moments"]


def random_moments(trial: Trial) -> Iterator[Row]:
    """Kill a render at a random moment, from the first instruction to the last; then the same command again."""
    lost: list[str] = []
    seconds: list[float] = []
    for turn, job in enumerate(islice(cycle(jobs(trial.folder)), trial.times)):
        folder = trial.folder / f"turn{turn}"
        _kill(job, folder, after=trial.chance.randrange(len(FRAMES)), then=trial.chance.random() / 10)
        lost += job.wrong(folder)
        started = time.monotonic()
        lost += resumed(job, folder)
        seconds.append(time.monotonic() - started)
    what = "`SIGKILL` at a random moment of a render, every node, EXR and PNG"
    yield Row(fault=what, tried=trial.times, lost=lost, seconds=seconds)


def resumed(job: Job, folder: Path) -> list[str]:
    """Give the same command again; what is then not as it should be, in sentences."""
    done = job.run(folder)
    failed = [f"the same command ended with {done.returncode}: {done.stderr.strip()}"] if done.returncode else []
    return failed + job.unfinished(folder)


def _kill(job: Job, folder: Path, *, after: int, then: float) -> None:
    """Kill a render so many seconds after so many frames; where it is none, at any time of its start."""
    with subprocess.Popen(job.command(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        if after:
            progress = (line for line in process.stdout if line.startswith("Progress:"))
            for _ in zip(range(after), progress, strict=False):
                pass
            time.sleep(then)
        else:
            time.sleep(10 * then * job.seconds)
        process.kill()
