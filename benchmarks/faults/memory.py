"""Too little memory, from less than it takes to start up to enough."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import Row, Trial
from .jobs import Job, jobs

__all__ = ["limits"]

LEAST, MOST = 2**28, 7 * 2**28
"""Bytes of address space."""


def limits(trial: Trial) -> Iterator[Row]:
    """Every node within so much address space, in equal steps: all is rendered, or one sentence says why not."""
    for job in jobs(trial.folder, suffixes=(".exr",)):
        lost, codes = list[str](), list[int]()
        for number in range(trial.times):
            limit = LEAST + (MOST - LEAST) * number // max(1, trial.times - 1)
            done = _within(job, limit, folder := trial.folder / f"{job.words[0]}{number}")
            codes.append(done.returncode)
            lost += [f"within {limit >> 20} MiB {sentence}" for sentence in _wrong(job, folder, done)]
        ends = f"{codes.count(0)} rendered, {codes.count(4)} ended with exit code 4"
        what = f"{job.words[0]} within {LEAST >> 20} to {MOST >> 20} MiB of address space"
        yield Row(fault=f"{what} ({ends})", tried=trial.times, lost=lost)


def _within(job: Job, limit: int, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["prlimit", f"--as={limit}", *job.command(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def _wrong(job: Job, folder: Path, done: subprocess.CompletedProcess[str]) -> list[str]:
    """What is not as it should be, whether the render came through or not."""
    said = done.stderr.splitlines()
    right = not said if done.returncode == 0 else len(said) == 1 and "memory" in said[0]
    wrong = [] if right and done.returncode in (0, 4) else [f"it ended with {done.returncode}: {' | '.join(said)}"]
    return wrong + (job.wrong(folder) + job.left(folder) if done.returncode else job.unfinished(folder))
