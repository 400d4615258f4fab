"""Several processes at one output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from . import Row, Trial
from .jobs import FRAMES, Job, as_movie, jobs
from .running import after_first_frame, start, wait_until_stopped

__all__ = ["at_once", "recorded"]

PROCESSES = 3


def at_once(trial: Trial) -> Iterator[Row]:
    """The same command three times at once; then again, with one of them killed; then commands that must be refused."""
    kinds = list(islice(jobs(trial.folder), min(trial.times, 6)))
    lost: list[str] = []
    for turn, job in enumerate(islice(cycle(kinds), trial.times)):
        lost += _together(job, trial.folder / f"shared{turn}")
    yield Row(fault="the same command in three processes at once", tried=trial.times, lost=lost)
    lost, seconds = [], []
    for turn, job in enumerate(islice(cycle(kinds), trial.times)):
        folder, after = trial.folder / f"bereft{turn}", trial.chance.randrange(1, len(FRAMES) // 2)
        lost += _together(job, folder, killed_after=after, seconds=seconds)
    what = "`SIGKILL` for one of three processes at one output; the others make its frames"
    yield Row(fault=what, tried=trial.times, lost=lost, seconds=seconds)
    lost = [sentence for turn in range(trial.times) for sentence in _refused(kinds[0], trial.folder / f"refused{turn}")]
    yield Row(fault="another command at an output that is being made", tried=trial.times, lost=lost)


def _together(job: Job, folder: Path, *, killed_after: int = 0, seconds: list[float] | None = None) -> list[str]:
    """Three processes at once, the first one killed after so many of its frames; what is not as it should be."""
    processes = [_started(job.command(folder)) for _ in range(PROCESSES)]
    if killed_after:
        _wait_for_frames(processes[0], killed_after)
        processes[0].kill()
    killed = time.monotonic()
    ends = [(process.communicate()[0], process.returncode) for process in processes]
    if seconds is not None:
        seconds.append(time.monotonic() - killed)
    wrong = [said for said, code in ends[bool(killed_after) :] if code != 0]
    if not killed_after:
        made = Counter(recorded(folder / f".{job.name}.replate.jsonl"))
        wrong += [f"{job.name}: frame {frame} was made {count} times" for frame, count in made.items() if count > 1]
    return wrong + job.unfinished(folder)


def _refused(job: Job, folder: Path) -> list[str]:
    """Other settings at a sequence, anything at a movie, while the first process stands still in the middle."""
    lost = []
    folder.mkdir()
    for first, more in ((job, ("--set", "mix=0.5")), (as_movie(job, "out.mov"), ())):
        out = folder / Path(first.name).suffix[1:]
        run = start(first, out, partial(after_first_frame, _stand_still))
        wait_until_stopped(run)
        late = replace(first, words=(*first.words, *more)).run(out)
        if late.returncode != 2 or "is being rendered" not in late.stderr:
            lost.append(f"the second command ended with {late.returncode}: {late.stderr}")
        os.kill(run.process.pid or 0, signal.SIGCONT)
        code, said = run.end()
        lost += [f"the first command ended with {code}: {said}"] if code else first.left(out)
    return lost + job.unfinished(folder / "exr")


def _stand_still() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _started(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _wait_for_frames(process: subprocess.Popen[str], count: int) -> None:
    assert process.stdout is not None
    progress = (line for line in process.stdout if line.startswith("Progress:"))
    for _ in zip(range(count), progress, strict=False):
        pass


def recorded(manifest: Path) -> Iterator[str]:
    """The frames that were finished, once for each time."""
    for line in manifest.read_text().splitlines():
        entry = json.loads(line)
        if entry["size"] >= 0:
            yield entry["frame"]
