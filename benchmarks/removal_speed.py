"""Speed and memory of removal.

A backdrop that drifts, with grain, and a disk over a twelfth of the picture that moves across it; the node's default
window, half-float EXR. Seconds a frame of a run of frames in one process, and of one frame alone, with its whole
window to read and to align; the most memory that a process had resident, of one frame of 4K, too; and which functions
the time goes into, their own time over that of the node, OpenCV's included. Seconds depend on the machine. To hold: 1 s
a frame at 432 x 240.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from common import HD, Clock, Table, clock, holds, scene, show
from memory import watched
from removing import Shot, room, settings

from replate.frame import Frame
from replate.job import Job
from replate.media import open_sink
from replate.nodes import node_named
from replate.render import render

BOUND = 1.0
SMALL, UHD = (240, 432), (2160, 3840)
RUN = 8
"""Frames that are made one after the other."""
NODE = "removal"
_LONGEST, _MARGIN = 8, 64  # functions that are named; pixels by which the backdrop is larger than a plate

Shares = list[tuple[str, float]]


def measure(options: argparse.Namespace) -> str:
    """Both tables."""
    with room(options.out) as folder:
        made = [_measured(options, folder, size) for size in (SMALL, HD)]
        large = _remembered(options, folder)
    times = Table(
        ("plate", "frames in a window", "of a run", "CPU", "alone", "CPU", "memory", "holds"),
        [*(row for row, _ in made), large],
    )
    shares = [dict(parts) for _, parts in made]
    names = dict.fromkeys(name for share in shares for name in share)
    rows = [[name, *(f"{100 * share.get(name, 0):.0f} %" for share in shares)] for name in names]
    return f"{times}\n\n{Table(('where', *(_words(size) for size in (SMALL, HD))), rows)}"


def _remembered(options: argparse.Namespace, folder: Path) -> list[str]:
    """The memory that one frame of 4K takes."""
    job = _job(options, folder, UHD, 1)
    return [_words(UHD), f"{_window(options)}", "", "", "", "", _most(job, options), ""]


def _window(options: argparse.Namespace) -> int:
    return len(node_named(NODE).offsets(settings(options)))


def _job(options: argparse.Namespace, folder: Path, size: tuple[int, int], count: int) -> Job:
    """So many frames one after the other, each with its whole window."""
    reach = node_named(NODE).offsets(settings(options))[-1]
    shot, first = _shot(folder / _words(size), size, 2 * reach + count), 1 + reach
    return Job(
        node=NODE,
        inputs={name: shot.pattern(name) for name in ("plate", "mask")},
        output=shot.pattern("out"),
        generator=options.generator,
        params=settings(options),
        frames=f"{first}-{first + count - 1}",
        options={"overwrite": True},
    )


def _measured(options: argparse.Namespace, folder: Path, size: tuple[int, int]) -> tuple[list[str], Shares]:
    job = _job(options, folder, size, RUN)
    first = job.frames.partition("-")[0]
    with clock() as run:
        render(job)
    with clock() as alone:
        render(replace(job, frames=first))
    profile = cProfile.Profile()
    profile.runcall(render, job)
    figures = [f"{_window(options)}", *_seconds(run, RUN), *_seconds(alone, 1), _most(job, options)]
    return [_words(size), *figures, holds(run.wall / RUN <= BOUND) if size == SMALL else ""], _shares(profile)


def _seconds(spent: Clock, frames: int) -> list[str]:
    return [f"{seconds / frames:.2f} s" for seconds in (spent.wall, spent.cpu)]


def _most(job: Job, options: argparse.Namespace) -> str:
    """Resident at most in a process that does the job."""
    given = [word for pair in options.set for word in ("--set", pair)]
    given += ["--generator", options.generator] if options.generator else []
    words = [NODE, job.inputs["plate"], "{out}", "--mask", job.inputs["mask"], "--frames", job.frames, *given]
    return f"{watched(words)[-1].peak / 2**20:.0f} MiB"


def _shot(folder: Path, size: tuple[int, int], count: int) -> Shot:
    folder.mkdir(parents=True, exist_ok=True)
    (height, width), shot = size, Shot(folder, "exr")
    backdrop = scene(1, size=(height + _MARGIN, width + _MARGIN))[0]
    with open_sink(shot.pattern("plate")) as sink:
        for number in range(1, count + 1):
            shift = np.float32([[1, 0, -0.7 * (number % 80)], [0, 1, -0.4 * (number % 80)]])
            plate = cv2.warpAffine(backdrop, shift, (width, height), flags=cv2.INTER_LINEAR)
            plate *= 1 + 0.02 * np.random.default_rng(number).standard_normal(plate.shape, dtype=np.float32)
            sink.write(Frame.of(plate, "RGB", number=number, space="ACEScg", formats=("half",) * 3))
            mask, middle = np.zeros(size, np.uint8), (round(width * (0.3 + 0.4 * number / count)), height // 2)
            cv2.circle(mask, middle, round(0.16 * (height * width) ** 0.5), 255, -1)
            cv2.imwrite(str(folder / f"mask.{number:04d}.png"), mask)
    return shot


def _shares(profile: cProfile.Profile) -> Shares:
    """The functions that took longest themselves, and their part of the node's time."""
    found = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    whole = sum(spent[3] for where, spent in found.items() if where[2] == "process" and "/nodes/" in where[0])
    longest = sorted(found.items(), key=lambda item: -item[1][2])[:_LONGEST]
    return [(_called(*where), spent[2] / max(whole, 1e-9)) for where, spent in longest]


def _called(file: str, _: int, name: str) -> str:
    """A function's name as one reads it: module.function, or what the library calls it."""
    return name.strip("{}<>").replace("built-in method ", "") if file == "~" else f"{Path(file).stem}.{name}"


def _words(size: tuple[int, int]) -> str:
    return f"{size[1]} x {size[0]}"


if __name__ == "__main__":
    show(measure)
