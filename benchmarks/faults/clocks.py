"""Clocks that jump, and servers that are slow or give up in the middle of a file."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from . import Row, Trial
from .jobs import FRAMES, Job, both
from .places import again, ended
from .running import after_first_frame, render
from .sharing import recorded

__all__ = ["jumps", "reads"]

DECADE = 10 * 365 * 86400  # seconds
LAST = f"plate.{FRAMES[-1]}.exr"


def jumps(trial: Trial) -> Iterator[Row]:
    """A clock that is somewhere else at every look, files of the future, a kill, and the same command again."""
    lost: list[str] = []
    kinds = both(trial.folder)
    for plate in kinds[0].plates.iterdir():
        os.utime(plate, (time.time() + DECADE,) * 2)
    for turn in range(trial.times):
        for job in kinds:
            folder = trial.folder / f"{turn}{Path(job.name).suffix}"
            render(job, folder, partial(_jumping, turn, killed=True))
            code, said = render(job, folder, partial(_jumping, turn))
            lost += [f"it ended with {code}: {said}"] if code else []
            made = Counter(recorded(folder / f".{job.name}.replate.jsonl"))
            lost += [f"{folder}: frame {frame} was made {count} times" for frame, count in made.items() if count > 1]
            lost += job.unfinished(folder)
    what = "the clock jumps by up to ten years at every look, input files are of the future, and a `SIGKILL`"
    yield Row(fault=what, tried=trial.times * len(kinds), lost=lost)


def _jumping(seed: int, *, killed: bool = False) -> None:
    """The wall clock only: the system keeps the monotonic one going forward."""
    chance, real = random.Random(seed), time.time
    time.time = lambda: real() + chance.uniform(-DECADE, DECADE)
    time.time_ns = lambda: int(time.time() * 1e9)
    if killed:
        after_first_frame(partial(os.kill, os.getpid(), signal.SIGKILL))


def reads(trial: Trial) -> Iterator[Row]:
    """System calls on an input file that fail or wait, as on a network; by strace, which has to be there."""
    kinds = both(trial.folder)
    for what, fault, codes in (
        ("reading an input file fails: `EIO`", "error=EIO", (1,)),
        ("reading an input file fails: `ESTALE`, as when a server was restarted", "error=ESTALE", (1,)),
        ("reading an input file is interrupted: `EINTR`", "error=EINTR:when=1+3", (0, 1)),
        ("every read of an input file takes 0.2 s longer", "delay_enter=200000", (0,)),
    ):
        lost: list[str] = []
        for turn, job in enumerate(islice(cycle(kinds), trial.times)):
            folder = trial.folder / f"{fault}{turn}"
            code, said = _traced(job, folder, fault)
            lost += ended(code, said, *codes) + job.wrong(folder) + again(job, folder, [])
        yield Row(fault=what, tried=trial.times, lost=lost)


def _traced(job: Job, folder: Path, fault: str) -> tuple[int, str]:
    strace = shutil.which("strace")
    assert strace, "this needs strace"
    calls = "read,pread64,readv,preadv"
    options = ["-f", "-qq", "-o", os.devnull, "-P", str(job.plates / LAST)]
    words = [strace, *options, "-e", f"trace={calls}", "-e", f"inject={calls}:{fault}", *job.command(folder)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    return done.returncode, done.stderr
