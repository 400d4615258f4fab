"""Start.

Wall seconds of whole processes, files in the disk cache: `replate --help`, and `replate render` of one frame, from the
shell and back (median of seven). These are the only absolute times here, and they want an idle machine. To hold: 0.3 s
for the help, 2.5 s for the first frame.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from tempfile import TemporaryDirectory

from common import Clock, Table, holds, race, scene, show
from exactness import write

BOUNDS = {"replate --help": 0.3, "first frame, 1080p EXR": 2.5}


def measure(options: argparse.Namespace) -> Table:
    """A row for each command."""
    with TemporaryDirectory() as folder:
        plate = f"{folder}/plate.0001.exr"
        write(scene(1), f"{folder}/plate.%04d.exr")
        look = options.looks[-1]
        first = ["render", "style", plate, f"{folder}/out.0001.exr", "--generator", look, "--overwrite"]
        commands = dict(zip(BOUNDS, (["--help"], first), strict=True))
        clocks = race({name: lambda command=command: _replate(*command) for name, command in commands.items()})
    return Table(("command", "wall", "CPU", "holds"), [_row(name, lap) for name, lap in clocks.items()])


def _row(name: str, lap: Clock) -> list[str]:
    return [name, f"{lap.wall:.2f} s", f"{lap.cpu:.2f} s", holds(lap.wall <= BOUNDS[name])]


def _replate(*arguments: str) -> None:
    command = [sys.executable, "-m", "replate", *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    show(measure)
