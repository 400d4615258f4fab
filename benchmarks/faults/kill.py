"""SIGKILL."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from random import Random

from . import Row, Trial
from .jobs import FRAMES, Job, jobs

__all__ = ["random_moments", "wait_for_moment"]


def random_moments(trial: Trial) -> Iterator[Row]:
    """Kill a render at a random moment, from the first instruction to the last; then the same command again."""
    lost, seconds, kills = list[str](), list[float](), 0
    for turn, job in zip(count(), cycle(jobs(trial.folder)), strict=False):
        if kills == trial.times:
            break
        folder = trial.folder / f"turn{turn}"
        kills += _killed(job, folder, trial.chance)
        lost += job.wrong(folder)
        started = time.monotonic()
        lost += resumed(job, folder)
        seconds.append(time.monotonic() - started)
    what = "`SIGKILL` at a random moment of a render, every node, EXR and PNG"
    yield Row(fault=what, tried=kills, lost=lost, seconds=seconds)


def resumed(job: Job, folder: Path) -> list[str]:
    """Give the same command again; what is then not as it should be, in sentences."""
    done = job.run(folder)
    failed = [f"the same command ended with {done.returncode}: {done.stderr.strip()}"] if done.returncode else []
    return failed + job.unfinished(folder)


def wait_for_moment(process: subprocess.Popen[str], job: Job, chance: Random) -> None:
    """Wait for a moment of a render that tells how it goes: soon after so many frames, or any time of its start. It may
    have ended by then."""
    after, then = chance.randrange(len(FRAMES)), chance.random() / 10
    assert process.stdout is not None
    progress = (line for line in process.stdout if line.startswith("Progress:"))
    for _ in zip(range(after), progress, strict=False):
        pass
    time.sleep(then if after else 10 * then * job.seconds)


def _killed(job: Job, folder: Path, chance: Random) -> bool:
    """Kill a render at a random moment; False where it had ended before."""
    with subprocess.Popen(job.command(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        wait_for_moment(process, job, chance)
        ended = process.poll() is not None
        process.kill()
    return not ended
