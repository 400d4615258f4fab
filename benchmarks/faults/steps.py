"""A render whose n-th file operation is its last one, or fails.

Python tells an audit hook of every file that it opens, renames, removes, locks or lists, before it does so. So each
moment between two such operations can be had in turn, without a word in Replate for it, and none is left to chance.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count, product
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any, TypeVar

from . import Row, Trial
from .jobs import Job, as_movie, jobs, of_truth
from .running import render

__all__ = ["errors", "kills"]

T = TypeVar("T")

SHOT = range(1001, 1004)
ERRORS = (errno.ENOSPC, errno.EIO, errno.ESTALE, errno.EMFILE, errno.EACCES)


def kills(trial: Trial) -> Iterator[Row]:
    """SIGKILL before each file operation in turn, of a sequence and of a movie."""
    for job in _small(trial.folder):
        lost: list[str] = []
        moments = _some(range(_operations(job, trial.folder)), trial)
        for at in moments:
            folder = trial.folder / f"{_kind(job)}-kill{at}"
            render(job, folder, partial(_watch, folder, at, 0))
            lost += _resumed(job, folder)
        what = f"`SIGKILL` before each file operation of a render in turn, {_kind(job)}"
        yield Row(fault=what, tried=len(moments), lost=lost)


def errors(trial: Trial) -> Iterator[Row]:
    """Each file operation in turn fails once, in the ways that a disk, a server or the system fails."""
    for job in _small(trial.folder):
        lost: list[str] = []
        faults = _some([*product(range(_operations(job, trial.folder)), ERRORS)], trial)
        for at, error in faults:
            folder = trial.folder / f"{_kind(job)}-{errno.errorcode[error]}-{at}"
            code, said = render(job, folder, partial(_watch, folder, at, error))
            if code not in (0, 1, 2, 3) or "Traceback" in said or "unforeseen" in said or (code and not said):
                lost.append(f"operation {at}, {errno.errorcode[error]}: {code} {said}")
            lost += _resumed(job, folder)
        ways = ", ".join(f"`{errno.errorcode[error]}`" for error in ERRORS)
        yield Row(
            fault=f"each file operation of a render in turn fails: {ways}; {_kind(job)}", tried=len(faults), lost=lost
        )


def _small(folder: Path) -> Iterator[Job]:
    """A sequence and a movie of three frames."""
    whole = next(jobs(folder))
    for job in (whole, as_movie(whole, "style.mov")):
        words = (*job.words, "--frames", f"{SHOT[0]}-{SHOT[-1]}")
        yield of_truth(replace(job, words=words, frames=SHOT), folder / f"right-{_kind(job)}")


def _kind(job: Job) -> str:
    return "movie" if job.name.endswith(".mov") else "sequence"


def _operations(job: Job, folder: Path) -> int:
    """How many an undisturbed render takes."""
    counted = folder / f"{_kind(job)}-counted"
    said = render(job, counted, partial(_watch, counted, sys.maxsize, 0))[1]
    return int(said.rpartition("operations: ")[2])


def _some(faults: Sequence[T], trial: Trial) -> Sequence[T]:
    """All of them, or as many as asked for."""
    return trial.chance.sample(faults, min(len(faults), trial.times))


def _resumed(job: Job, folder: Path) -> list[str]:
    """The same once more, undisturbed; what is then not as it should be."""
    lost = job.wrong(folder)
    code, said = render(job, folder)
    return lost + ([f"the same command ended with {code}: {said}"] if code else []) + job.unfinished(folder)


def _watch(folder: Path, at: int, error: int) -> None:
    """From now on operation number `at` on a file below `folder` fails, or without an error is the last."""
    numbers = count()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        ours = event == "fcntl.lockf" or any(str(each).startswith(str(folder)) for each in arguments[:2])
        if not ours or next(numbers) != at:
            return
        if not error:
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(error, os.strerror(error))

    sys.addaudithook(hook)
    if at == sys.maxsize:
        Finalize(None, lambda: print(f"operations: {next(numbers)}", file=sys.stderr, flush=True), exitpriority=0)
