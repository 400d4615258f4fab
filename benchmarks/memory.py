"""Memory.

`replate render style` in a process of its own, half-float (1080p) and float (8K) RGBA EXR in and out, on the CPU; the
kernel counts what the process has resident. 8K: the peak over three frames, without the one frame's own pixels as
float; to hold: at most 3 GiB. 1080p: how much the peak of all 200 frames is above that of the first ten, and the
median over the last fifty frames against that over frames 11 to 60; to hold: neither more than the pixels of one frame
as float (32 MiB), because frames do not always wait at the same places.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from common import HD, Picture, Table, holds, scene, show

from replate.frame import Frame
from replate.media import open_sink

UHD8 = (4320, 7680)
"""Height and width of an 8K plate."""
MIB = 2**20
ABOVE_FRAME, GROWTH = 3 * 2**30, 32 * MIB
_AT_ONCE = 3  # processes: the others do not show in what one takes
LARGE, LONG, FIRST = 3, 200, 10
"""Frames of the 8K shot, of the 1080p shot, and those after which memory may not grow."""
MORE = {
    "": (),
    "mask, confidence": ("--mask", "plate:A", "--set", "mask.feather=20", "--set", "confidence=true"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes resident at one moment, the most there were until then, and frames finished."""

    resident: int
    peak: int
    finished: int


def measure(options: argparse.Namespace) -> Table:
    """Rows for the long shot, and for the large plate with every look, alone and with what asks for more."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(_AT_ONCE) as pool:
        large, long = f"{folder}/large.%04d.exr", f"{folder}/long.%04d.exr"
        _write(long, 1, size=HD, kind="half")
        for number in range(2, LONG + 1):
            Path(long % number).symlink_to(long % 1)
        _write(large, LARGE, size=UHD8, kind="float")
        cases = [partial(_long, long, options.looks[-1])]
        cases += [partial(_large, large, name, also) for name in options.looks for also in MORE]
        rows = list(pool.map(lambda case: case(), cases))
    headings = ("plate", "look", "with", "peak", "above the frame", "growth: of the peak", "of the median", "holds")
    return Table(headings, rows)


def _large(plates: str, look: str, also: str) -> list[str]:
    peak = _watched(plates, look, also)[-1].peak
    above = peak - int(np.prod(UHD8)) * 4 * 4
    return [_size(UHD8), Path(look).stem, also, _mib(peak), _mib(above), "", "", holds(above <= ABOVE_FRAME)]


def _long(plates: str, look: str) -> list[str]:
    samples = _watched(plates, look)
    growth = samples[-1].peak - max(each.peak for each in samples if each.finished <= FIRST)
    early, late = (_median(samples, first) for first in (FIRST, LONG - 50))
    good = max(growth, late - early) <= GROWTH
    figures = [_mib(each) for each in (samples[-1].peak, growth, late - early)]
    return [_size(HD), Path(look).stem, "", figures[0], "", *figures[1:], holds(good)]


def _median(samples: Sequence[Sample], first: int) -> int:
    """The middle of what was resident while the fifty frames after `first` were made."""
    return int(median(each.resident for each in samples if first <= each.finished < first + 50))


def _watched(plates: str, look: str, also: str = "") -> list[Sample]:
    words = ["style", plates, "{out}", "--generator", look, "--device", "cpu", *MORE[also]]
    return watched(words)


def watched(words: Sequence[str]) -> list[Sample]:
    """A render of all frames to EXR files, looked at twenty times a second; `{out}` in `words` stands for them."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "replate", "render", *words]
        command = [word.replace("{out}", f"{folder}/out.%04d.exr") for word in command]
        samples = []
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None:
                samples += _sample(process.pid, Path(folder))
                time.sleep(0.05)
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return samples


def _sample(process: int, folder: Path) -> list[Sample]:
    """How it stands; nothing where the process has just ended."""
    told = dict(re.findall(r"(Vm\w+):\s+(\d+) kB", Path(f"/proc/{process}/status").read_text()))
    if "VmHWM" not in told:
        return []
    finished = sum(1 for _ in folder.glob("out.*.exr"))
    return [Sample(int(told["VmRSS"]) * 1024, int(told["VmHWM"]) * 1024, finished)]


def _write(target: str, count: int, *, size: tuple[int, int], kind: str) -> None:
    """A shot whose alpha is a disk with a soft edge."""
    plate = _tiled(scene(1)[0], size)
    with open_sink(target) as sink:
        for number in range(1, count + 1):
            sink.write(Frame.of(plate, tuple("RGBA"), number=number, space="ACEScg", formats=(kind,) * 4))


def _tiled(picture: Picture, size: tuple[int, int]) -> Picture:
    """The 1080p picture repeated to `size`, premultiplied with a disk."""
    height, width = size
    times = (height // HD[0], width // HD[1], 1)
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in size)
    alpha = np.clip(4 - 4 * np.hypot(y[:, None], x), 0, 1)[..., None]
    return np.concatenate([np.tile(picture, times) * alpha, alpha], axis=-1)


def _size(size: tuple[int, int]) -> str:
    return f"{size[1]} x {size[0]}"


def _mib(count: int) -> str:
    return f"{count / MIB:.0f} MiB"


if __name__ == "__main__":
    show(measure)
