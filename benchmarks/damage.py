"""Damaged EXR files.

Every file in the folder `--damaged` is rendered by `replate render style` in a process of its own that may take 1 GiB
more address space than a sound file of 8 x 8 pixels takes. To hold: exit code 3, or 1 where only pixels are bad, and a
sentence, in under 5 seconds.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from common import Table, holds, show

from replate.frame import Frame
from replate.media import open_sink

BOUND_S, ROOM = 5.0, 2**30


def measure(options: argparse.Namespace) -> Table:
    """A row for each file."""
    files = sorted(options.damaged.iterdir()) if options.damaged else []
    with TemporaryDirectory() as folder:
        limit = _address_space(Path(folder)) + ROOM
        rows = [_row(file, Path(folder) / f"{number:02d}.exr", limit) for number, file in enumerate(files)]
    return Table(("file", "exit code", "seconds", "what it says", "holds"), rows)


def _row(file: Path, link: Path, limit: int) -> list[str]:
    link.symlink_to(file)  # many of these have no ending
    started = time.perf_counter()
    done = _replate(link, link.with_name("out.exr"), limit)
    seconds = time.perf_counter() - started
    said = done.stderr.strip().splitlines()
    good = (
        done.returncode in (1, 3)
        and said[-1].startswith("replate: ")
        and "Traceback" not in done.stderr
        and seconds < BOUND_S
    )
    words = said[-1].rpartition("cannot be read: ")[2] if said else ""
    return [file.name[-32:], str(done.returncode), f"{seconds:.1f}", words.replace("|", " "), holds(good)]


def _address_space(folder: Path) -> int:
    """The largest address space of a render that goes well, in bytes."""
    sound = folder / "sound.exr"
    with open_sink(str(sound)) as sink:
        sink.write(Frame.of(np.full((8, 8, 3), 0.18, np.float32), number=1))
    code = "import sys; from replate.cli import main\ntry: main()\nfinally: print(open('/proc/self/status').read())"
    command = [sys.executable, "-c", code, *_words(sound, folder / "sound-out.exr")]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return int(next(line for line in lines if line.startswith("VmPeak")).split()[1]) * 1024


def _replate(plate: Path, output: Path, limit: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "replate", *_words(plate, output)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )


def _words(plate: Path, output: Path) -> list[str]:
    return ["render", "style", str(plate), str(output), "--generator", "silver", "--set", "mix=0"]


if __name__ == "__main__":
    show(measure)
