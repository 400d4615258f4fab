"""Real EXR files, through and back.

Every file in the folder `--exr` that can be read goes through `replate render style` at mix 0, and what comes out is
compared by OpenEXR itself: every channel of every part bit for bit, every attribute by value. What is added says how
the file was made (`replate:...`). To hold: nothing differs.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import OpenEXR
from common import Table, holds, show

from replate.errors import ReplateError
from replate.job import Job
from replate.render import render

PROVENANCE = "replate:"


def measure(options: argparse.Namespace) -> Table:
    """A row for each file; files that cannot be read are what `damage` is about."""
    headings = ("file", "parts", "channels", "pixels", "attributes that differ", "holds")
    return Table(headings, list(_rows(options)))


def _rows(options: argparse.Namespace) -> Iterator[list[str]]:
    files = sorted(options.exr.rglob("*.exr")) if options.exr else []
    with TemporaryDirectory() as folder:
        for file in files:
            output = Path(folder) / "out.exr"
            job = Job(
                node="style",
                inputs={"plate": str(file)},
                output=str(output),
                generator=options.looks[0],
                params={"mix": 0.0},
                options={"overwrite": True},
            )
            try:
                failed = render(job).failed
            except ReplateError as error:
                yield [file.name, "", "", str(error).rpartition(": ")[2], "", holds(False)]
                continue
            if failed:
                yield [file.name, "", "", str(next(iter(failed.values()))), "", holds(False)]
                continue
            yield _compared(file, output)


def _compared(before: Path, after: Path) -> list[str]:
    old, new = (OpenEXR.File(str(path), separate_channels=True).parts for path in (before, after))
    channels = [len(part.channels) for part in old]
    if any(channel.xSampling > 1 for part in old for channel in part.channels.values()):
        return [before.name, str(len(old)), str(sum(channels)), "luminance-chroma", "", ""]
    equal = len(old) == len(new) and all(_same_pixels(a, b) for a, b in zip(old, new, strict=True))
    changed = sorted({name for a, b in zip(old, new, strict=False) for name in _changed(a.header, b.header)})
    words = [before.name, str(len(old)), str(sum(channels)), "bit-equal" if equal else "differ", ", ".join(changed)]
    return [*words, holds(equal and not changed)]


def _same_pixels(before: Any, after: Any) -> bool:
    if list(before.channels) != list(after.channels):
        return False
    pairs = [(before.channels[name].pixels, after.channels[name].pixels) for name in before.channels]
    return all(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes() for a, b in pairs)


def _changed(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name in before.keys() | after.keys():
        if name == "channels" or name.startswith(PROVENANCE):
            continue
        if name not in before or name not in after or not _same(before[name], after[name]):
            yield name


def _same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b) or str(a) == str(b)


if __name__ == "__main__":
    show(measure)
