"""Folders, files and disks that fail while a render is at work."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from . import Row, Trial
from .jobs import FRAMES, Job, both, of_truth
from .running import after_first_frame, render

__all__ = ["again", "disks", "ended", "files", "limits"]

LAST = f"plate.{FRAMES[-1]}.exr"
IN_A_NAMESPACE = """
mount -t tmpfs -o "$1" none "$2" && cd / || exit 99
out=$2 room=$3; shift 3
"$@" >&2; echo "ended $?"
mount -o "remount,$room" none "$out"
"$@" >&2; echo "ended $?"
mkdir "$out.found" && cp -a "$out/." "$out.found"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """What is done to the folders of plates and of results behind the first frame, and what mends it.

    `code` is what the render then has to end by. Where the plates become `others`, the result has to be theirs.
    """

    what: str
    do: Callable[[Path, Path], Any]
    mend: Callable[[Path, Path], Any] = lambda plates, out: None
    code: int = 1
    others: bool = False


def _remove(plates: Path, out: Path) -> None:
    (plates / LAST).rename(plates / "kept")


def _cut_off(plates: Path, out: Path) -> None:
    shutil.copy2(plates / LAST, plates / "kept")
    os.truncate(plates / LAST, (plates / LAST).stat().st_size // 2)


def _put_back(plates: Path, out: Path) -> None:
    (plates / "kept").replace(plates / LAST)


def _exchange(plates: Path, out: Path) -> None:
    """Another picture of the same date."""
    date = (plates / LAST).stat().st_mtime_ns
    shutil.copy(plates / f"plate.{FRAMES[0]}.exr", plates / LAST)
    os.utime(plates / LAST, ns=(date, date))


def _remove_results(plates: Path, out: Path) -> None:
    gone = out.rename(out.with_name("gone"))  # at once: a frame that is being written then has no place to go to
    shutil.rmtree(gone, ignore_errors=True)


BLOWS = (
    Blow(what="an input file is removed", do=_remove, mend=_put_back),
    Blow(what="an input file is half there, as while it is written", do=_cut_off, mend=_put_back),
    Blow(what="an input file becomes another picture of the same date", do=_exchange, code=0, others=True),
    Blow(what="the folder of the results is removed", do=_remove_results),
)


def files(trial: Trial) -> Iterator[Row]:
    """Each blow to a sequence and to a movie, in the middle of a render; then it is mended, and the same once more."""
    kinds = both(trial.folder)
    for number, blow in enumerate(BLOWS):
        lost: list[str] = []
        seconds: list[float] = []
        for turn in range(trial.times):
            for kind in kinds:
                lost += _struck(blow, kind, trial.folder / f"{number}-{turn}{Path(kind.name).suffix}", seconds)
        yield Row(
            fault=f"in the middle of a render {blow.what}", tried=trial.times * len(kinds), lost=lost, seconds=seconds
        )


def _struck(blow: Blow, job: Job, folder: Path, seconds: list[float]) -> list[str]:
    job = replace(job, plates=Path(shutil.copytree(job.plates, folder / "plates")))
    out = folder / "out"
    code, said = render(job, out, partial(after_first_frame, partial(blow.do, job.plates, out)))
    lost = ended(code, said, blow.code)
    if blow.others:
        job = of_truth(job, folder / "right")
    elif out.is_dir():
        lost += job.wrong(out)
    blow.mend(job.plates, out)
    return lost + again(job, out, seconds)


def limits(trial: Trial) -> Iterator[Row]:
    """Few file handles, from none to spare up; and results that may not grow large, as by a quota."""
    kinds = both(trial.folder)
    spare = trial.chance.sample(range(12), min(trial.times, 12))
    for what, few in (("file handles to spare", _few_handles), ("times 2 kB for a file", _small_files)):
        lost: list[str] = []
        for job in kinds:
            for count in spare:
                folder = trial.folder / f"{few.__name__}{count}{Path(job.name).suffix}"
                code, said = render(job, folder, partial(few, count))
                lost += [] if code == 0 else ended(code, said, 1, 3)
                lost += job.wrong(folder) + again(job, folder, [])
        yield Row(fault=f"between 0 and 11 {what}", tried=len(spare) * len(kinds), lost=lost)


def _few_handles(spare: int) -> None:
    taken = len([*Path("/proc/self/fd").iterdir()]) - 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (taken + spare, taken + spare))


def _small_files(size: int) -> None:
    most = 2000 * size + 1000  # which leaves room for the sentence
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def disks(trial: Trial) -> Iterator[Row]:
    """A disk that is full, and one that is read-only, mounted for the render alone; then there is room again."""
    kinds = both(trial.folder)
    for what, before, after in (
        ("the disk is full", "size={}k", "size=1g"),
        ("the target is read-only", "ro,size={}k", "rw,size=1g"),
    ):
        lost: list[str] = []
        for turn, job in enumerate(islice(cycle(kinds), trial.times)):
            size = trial.chance.randrange(16, 160, 4)
            lost += _mounted(job, trial.folder / f"{what[-4:]}{turn}", before.format(size), after)
        yield Row(fault=what, tried=trial.times, lost=lost)


def _mounted(job: Job, folder: Path, before: str, after: str) -> list[str]:
    folder.mkdir()
    words = ["unshare", "-rm", "sh", "-c", IN_A_NAMESPACE, "sh", before, str(folder), after, *job.command(folder)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    ends = [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("ended")]
    if ends != [1, 0]:
        return [f"{job.name} with {before} ended with {ends}: {done.stderr}"]
    return job.unfinished(folder.with_name(f"{folder.name}.found"))


def ended(code: int, said: str, *codes: int) -> list[str]:
    """What is wrong with how a render ended that had to fail."""
    last = (said.splitlines() or [""])[-1]  # libraries may have had their say before
    sentence = last.startswith("replate: ") and "unforeseen" not in last and "Traceback" not in said
    return [] if code in codes and (sentence or not code) else [f"it ended with {code}, not {codes}: {said}"]


def again(job: Job, out: Path, seconds: list[float]) -> list[str]:
    """Give the same command again; what is then not as it should be."""
    started = time.monotonic()
    code, said = render(job, out)
    seconds.append(time.monotonic() - started)
    return ([f"the same command ended with {code}: {said}"] if code else []) + job.unfinished(out)
