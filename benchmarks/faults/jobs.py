"""Small jobs of every node to do faults to, and what their results are held against."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from common import scene

from replate.errors import ReplateError
from replate.frame import Frame
from replate.media import MOVIE_SUFFIXES, open_sink, open_source

__all__ = ["FRAMES", "NODES", "Job", "as_movie", "both", "jobs", "of_truth"]

FRAMES = range(1001, 1009)
NODES = {"style": "silver", "effect": "light", "removal": "fill"}
SIZE = (90, 160)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A render of `frames` from the folder `plates` to `name`, a sequence or a movie.

    `truth` is the folder of the undisturbed result, `seconds` how long that took.
    """

    words: tuple[str, ...]
    plates: Path
    name: str
    truth: Path
    seconds: float = 0.0
    frames: Sequence[int] = FRAMES

    def command(self, folder: Path) -> list[str]:
        """The command line that renders into `folder`."""
        words = (word.format(out=folder, plates=self.plates) for word in self.words)
        return [sys.executable, "-m", "replate", "render", *words]

    def data(self, folder: Path) -> dict[str, Any]:
        """The same as a host asks a service for it."""
        node, plate, output, *_ = words = [word.format(out=folder, plates=self.plates) for word in self.words]
        masked = {"mask": words[words.index("--mask") + 1]} if "--mask" in words else {}
        return {
            "replate": 1,
            "node": node,
            "generator": NODES[node],
            "inputs": {"plate": plate, **masked},
            "output": output,
            "options": {"device": "cpu", "threads": 1},
        }

    def run(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """The whole render into `folder`, undisturbed."""
        return subprocess.run(self.command(folder), capture_output=True, text=True, timeout=600, check=False)

    def files(self) -> list[str]:
        """The names of what is made."""
        return [self.name % number for number in self.frames] if "%" in self.name else [self.name]

    def wrong(self, folder: Path) -> list[str]:
        """A sentence for each file that is there and is not, pixel by pixel, that of the undisturbed render."""
        found = [name for name in self.files() if (folder / name).exists()]
        return [problem for name in found if (problem := _differs(folder / name, self.truth / name))]

    def left(self, folder: Path) -> list[str]:
        """A sentence for whatever else lies there: parts, locks, kept frames."""
        known = {*self.files(), f".{self.name}.replate.jsonl"}
        return [f"{path} is left" for path in folder.glob("*") if path.name not in known]

    def unfinished(self, folder: Path) -> list[str]:
        """A sentence for whatever is missing, wrong, or left behind once the render has ended well."""
        missing = [f"there is no {folder / name}" for name in self.files() if not (folder / name).exists()]
        return missing + self.wrong(folder) + self.left(folder)


def jobs(folder: Path, *, suffixes: Sequence[str] = (".exr", ".png")) -> Iterator[Job]:
    """Every node, to every kind of file, each rendered once undisturbed when its turn comes."""
    plates = folder / "plates"
    with open_sink(f"{plates}/plate.%04d.exr") as shot, open_sink(f"{plates}/mask.%04d.exr") as masks:
        for number, picture in zip(FRAMES, scene(len(FRAMES), size=SIZE), strict=True):
            hole = np.zeros((*SIZE, 1), np.float32)
            hole[30:50, 4 * (number - FRAMES[0]) :][:, 40:70] = 1
            shot.write(Frame.of(picture, "RGB", number=number, space="ACEScg"))
            masks.write(Frame.of(hole, "Y", number=number))
    for suffix in suffixes:
        for node in NODES:
            yield of_truth(_job(plates, node, f"{node}.%04d{suffix}"), folder / f"{node}{suffix}")


def of_truth(job: Job, truth: Path) -> Job:
    """The job, rendered to a folder undisturbed."""
    started = time.monotonic()
    job.run(truth).check_returncode()
    return replace(job, truth=truth, seconds=time.monotonic() - started)


def as_movie(job: Job, name: str) -> Job:
    """The same as a movie; without its truth."""
    return replace(job, words=tuple(word.replace(job.name, name) for word in job.words), name=name)


def both(folder: Path) -> list[Job]:
    """A sequence and a movie of one node."""
    whole = next(jobs(folder))
    return [whole, of_truth(as_movie(whole, "style.mov"), folder / "right.mov")]


def _job(plates: Path, node: str, name: str) -> Job:
    words = (node, "{plates}/plate.%04d.exr", f"{{out}}/{name}", "--generator", NODES[node])
    masked = ("--mask", "{plates}/mask.%04d.exr") if node == "removal" else ()
    alike = ("--device", "cpu", "--threads", "1")
    return Job(words=(*words, *masked, *alike), plates=plates, name=name, truth=plates)


def _differs(path: Path, right: Path) -> str:
    try:
        return "" if _read(path) == _read(right) else f"{path} has other pixels"
    except (ReplateError, av.FFmpegError) as error:
        return f"half a file: {error}"


def _read(path: Path) -> list[bytes]:
    """The pixels of every part of a picture, with window and channels; the packets of a movie, with their times."""
    if path.suffix in MOVIE_SUFFIXES:
        with av.open(str(path)) as movie:
            return [repr((packet.pts, packet.dts)).encode() + bytes(packet) for packet in movie.demux()]
    with open_source(str(path)) as source:
        parts = source.read(source.frames[0]).parts
    return [repr((part.data_window, part.channels)).encode() + part.pixels.tobytes() for part in parts]
