"""Small jobs of every node to do faults to, and what their results are held against."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import scene

from replate.errors import ReplateError
from replate.frame import Frame
from replate.media import open_sink, open_source

__all__ = ["FRAMES", "NODES", "Job", "jobs"]

FRAMES = range(1001, 1009)
NODES = {"style": "silver", "effect": "light", "removal": "fill"}
SIZE = (90, 160)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A render of `FRAMES`; `truth` is the folder of the undisturbed result, `seconds` how long that took."""

    words: tuple[str, ...]
    name: str
    truth: Path
    seconds: float

    def command(self, folder: Path) -> list[str]:
        """The command line that renders into `folder`."""
        return [sys.executable, "-m", "replate", "render", *(word.format(out=folder) for word in self.words)]

    def data(self, folder: Path) -> dict[str, Any]:
        """The same as a host asks a service for it."""
        node, plate, *_ = self.words
        masked = {"mask": self.words[-1]} if "--mask" in self.words else {}
        options = {"device": "cpu", "threads": 1}
        inputs, output = {"plate": plate, **masked}, str(folder / self.name)
        return {
            "replate": 1,
            "node": node,
            "generator": NODES[node],
            "inputs": inputs,
            "output": output,
            "options": options,
        }

    def run(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """The whole render into `folder`, undisturbed."""
        return subprocess.run(self.command(folder), capture_output=True, text=True, timeout=600, check=False)

    def finished(self, folder: Path) -> list[int]:
        """The frames that have their final name in `folder`."""
        return [number for number in FRAMES if (folder / (self.name % number)).exists()]

    def wrong(self, folder: Path, numbers: Sequence[int]) -> list[str]:
        """A sentence for each of these frames that is not, pixel by pixel, that of the undisturbed render."""
        return [problem for number in numbers if (problem := self._wrong(folder, number))]

    def _wrong(self, folder: Path, number: int) -> str:
        try:
            made, right = (_read(place / (self.name % number)) for place in (folder, self.truth))
        except ReplateError as error:
            return f"half a file: {error}"
        return "" if made == right else f"frame {number} of {folder / self.name} has other pixels"

    def left(self, folder: Path) -> list[str]:
        """What lies in `folder` that a render should not leave behind."""
        return [f"{path} is left" for path in folder.glob("*") if ".part" in path.name or path.name.endswith(".lock")]


def jobs(folder: Path, *, suffixes: Sequence[str] = (".exr", ".png")) -> Iterator[Job]:
    """Every node, to every kind of file, each rendered once undisturbed when its turn comes."""
    plate, mask = _plates(folder)
    return (_job(folder, node, suffix, plate, mask) for suffix in suffixes for node in NODES)


def _plates(folder: Path) -> tuple[str, str]:
    """A shot and a mask that moves in it."""
    plate, mask = str(folder / "plate.%04d.exr"), str(folder / "mask.%04d.exr")
    with open_sink(plate) as plates, open_sink(mask) as masks:
        for number, picture in zip(FRAMES, scene(len(FRAMES), size=SIZE), strict=True):
            hole = np.zeros((*SIZE, 1), np.float32)
            hole[30:50, 4 * (number - FRAMES[0]) :][:, 40:70] = 1
            plates.write(Frame.of(picture, "RGB", number=number, space="ACEScg"))
            masks.write(Frame.of(hole, "Y", number=number))
    return plate, mask


def _job(folder: Path, node: str, suffix: str, plate: str, mask: str) -> Job:
    name, truth = f"{node}.%04d{suffix}", folder / f"{node}{suffix}"
    words = (node, plate, f"{{out}}/{name}", "--generator", NODES[node], "--device", "cpu", "--threads", "1")
    masked = ("--mask", mask) if node == "removal" else ()
    job = Job(words=(*words, *masked), name=name, truth=truth, seconds=0.0)
    started = time.monotonic()
    job.run(truth).check_returncode()
    return Job(words=job.words, name=name, truth=truth, seconds=time.monotonic() - started)


def _read(path: Path) -> list[bytes]:
    """The pixels of every part, with their windows and channels."""
    with open_source(str(path)) as source:
        parts = source.read(source.frames[0]).parts
    return [repr((part.data_window, part.channels)).encode() + part.pixels.tobytes() for part in parts]
