"""What the benchmarks share: options, plates, clocks and tables.

Every figure is a ratio of two things measured in one run, or an error; seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from replate.catalogue import shipped

Picture = npt.NDArray[np.float32]
HD = (1080, 1920)
WAYS = ("telea", "pyramid", "removal")
"""Fills of holes: Telea's, the pyramid, and the node."""


@dataclass(frozen=True)
class Table:
    """Rows under headings; the last column says whether the row holds what was promised."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.headings, ["---"] * len(self.headings), *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def parser() -> argparse.ArgumentParser:
    """The options that the benchmarks know."""
    options = argparse.ArgumentParser()
    options.add_argument(
        "--looks", nargs="+", default=[path.stem for path in shipped("style")], help="names or ONNX files"
    )
    options.add_argument("--plates", nargs="+", type=Path, default=[], help="folders of frames; none: synthetic ones")
    options.add_argument("--against", type=Path, help="a foreign ONNX style network to race")
    options.add_argument("--exr", type=Path, help="a folder of real EXR files")
    options.add_argument("--damaged", type=Path, help="a folder of EXR files that are damaged")
    options.add_argument("--footage", type=Path, help="a folder of movies whose first 70 frames are one shot each")
    options.add_argument("--clips", nargs="+", type=Path, default=[], help="movies of one shot, to learn looks on")
    options.add_argument("--features", type=Path, help="SqueezeNet 1.1 as ONNX")
    options.add_argument("--davis", type=Path, help="a folder of clips of 24 frames and the masks of their objects")
    options.add_argument("--scene", type=Path, help="a folder that benchmarks/blender_scene.py has rendered into")
    options.add_argument("--cases", nargs="+", default=[], help="removal: only cases whose names contain one of these")
    options.add_argument("--frames", default="", help="removal: only these frames, as in 1001-1004")
    options.add_argument("--ways", nargs="+", default=WAYS, help="removal: fills to compare, the one on trial last")
    options.add_argument("--set", nargs="+", default=[], metavar="NAME=VALUE", help="removal: the node's parameters")
    options.add_argument("--takes", type=Path, help="a folder of simulated takes; none: one is simulated")
    options.add_argument("--generator", default="", help="removal: another generator than the node's own")
    options.add_argument("--out", type=Path, help="removal: a folder for what was made and sheets of it")
    options.add_argument("--threads", type=int, default=0, help="CPU threads for networks; 0: all cores")
    return options


def show(measure: Callable[[argparse.Namespace], Table | str]) -> None:
    """Run one benchmark from the command line."""
    print(measure(parser().parse_args()))


def holds(good: bool) -> str:
    """A verdict as a word."""
    return "yes" if good else "**no**"


@dataclass
class Clock:
    """Seconds of wall time, and of CPU time in this process and the processes that it waited for."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def clock() -> Iterator[Clock]:
    """Measure the block."""
    result, wall, cpu = Clock(), time.perf_counter(), _cpu()
    yield result
    result.wall, result.cpu = time.perf_counter() - wall, _cpu() - cpu


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def race(runners: dict[str, Callable[[], Any]], *, rounds: int = 7) -> dict[str, Clock]:
    """Median clocks of functions that take turns, so that a busy machine is busy for all; one round warms up."""
    laps: dict[str, list[Clock]] = {name: [] for name in runners}
    for _ in range(rounds + 1):
        for name, run in runners.items():
            with clock() as lap:
                run()
            laps[name].append(lap)
    return {name: _median(lap[1:]) for name, lap in laps.items()}


def _median(laps: Sequence[Clock]) -> Clock:
    return Clock(median(lap.wall for lap in laps), median(lap.cpu for lap in laps))


def scene(count: int, *, size: tuple[int, int] = HD, seed: int = 1) -> list[Picture]:
    """Scene-linear frames H x W x 3: a textured backdrop that drifts, with lamps far above 1 and deep shade."""
    height, width = size
    random = np.random.default_rng(seed)
    full = (width + 64, height + 64)
    noise = [
        cv2.resize(random.normal(size=(2**n, 2**n, 3)) / n, full, interpolation=cv2.INTER_CUBIC) for n in range(2, 9)
    ]
    light = np.exp2(np.clip(3 * np.sum(noise, axis=0) - 3, -9, 3))
    lamps = cv2.GaussianBlur((random.random(full[::-1]) < 2e-5).astype(np.float32), (0, 0), 4)
    backdrop = (light + 4000 * lamps[..., None]).astype(np.float32)
    shifts = [np.float32([[1, 0, -0.7 * t], [0, 1, -0.4 * t]]) for t in range(count)]
    return [cv2.warpAffine(backdrop, shift, (width, height), borderMode=cv2.BORDER_REFLECT) for shift in shifts]


def footage(folder: Path, *, limit: int = 0) -> list[Picture]:
    """The pictures of a folder in name order, H x W x 3 RGB, display-referred 0..1."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".png"})
    pictures = [cv2.cvtColor(cv2.imread(os.fspath(path)), cv2.COLOR_BGR2RGB) for path in files[: limit or None]]
    return [picture.astype(np.float32) / 255 for picture in pictures]
