"""Pictures that were made already, kept by what they were made from, so that going back to one costs nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...client import Picture
from ...host.places import files
from .curves import from_data, value_at
from .home import alive

__all__ = ["Film", "Stamps", "made_from"]

_MOST = 2**30  # bytes
_PREFIX = "replate-panel-"
_UNSEEN = ("device", "threads", "tile", "overwrite", "display", "compression", "bits")  # not in a preview's pixels

Facts = dict[str, Any]


class Film:
    """Pictures as files in a folder of its own, the last ones that fit into `most` bytes."""

    def __init__(self, *, most: int = _MOST) -> None:
        _sweep()
        self._folder = tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
        self._held: OrderedDict[str, Facts] = OrderedDict()
        self._most, self._bytes = most, 0

    def __contains__(self, key: str) -> bool:
        return key in self._held

    def take(self, key: str) -> Facts | None:
        """What there is to say of a picture, None where it is not here."""
        facts = self._held.get(key)
        if facts is not None:
            self._held.move_to_end(key)
        return facts

    def put(self, key: str, picture: Picture) -> Facts:
        """Keep a picture; the oldest go where there are too many. Raises OSError where the disk is full."""
        path = Path(self._folder.name) / key
        path.write_bytes(picture.pixels)
        if key not in self._held:
            self._bytes += picture.pixels.nbytes
        self._held[key] = {**picture.facts, "file": str(path)}
        self._held.move_to_end(key)
        while self._bytes > self._most and len(self._held) > 1:
            self._drop(next(iter(self._held)))
        return self._held[key]

    def clear(self) -> None:
        """Forget everything, as when the plate is another one."""
        for key in list(self._held):
            self._drop(key)

    def close(self) -> None:
        """Nothing is left on the disk."""
        self._held.clear()
        self._folder.cleanup()

    def _drop(self, key: str) -> None:
        path = Path(self._held.pop(key)["file"])
        self._bytes -= path.stat().st_size
        path.unlink()  # who has it mapped keeps it


def _sweep() -> None:
    """Remove what panels left that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        process = folder.name.removeprefix(_PREFIX).partition("-")[0]
        gone = process.isdecimal() and int(process) != os.getpid() and not alive(int(process))
        if os.name != "nt" and gone:
            shutil.rmtree(folder, ignore_errors=True)


class Stamps:
    """What the files of a job look like; looked at once, until `forget` says that they may have changed."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[str, int, int]]] = {}

    def of(self, paths: Iterable[str]) -> list[Any]:
        """Name, size and date of every file that the paths stand for."""
        return [self._of(path) for path in paths]

    def forget(self) -> None:
        """Look again."""
        self._seen.clear()

    def _of(self, path: str) -> list[tuple[str, int, int]]:
        if path not in self._seen:
            self._seen[path] = files(path)
        return self._seen[path]


def made_from(
    job: Mapping[str, Any], frames: Sequence[int], kinds: Mapping[str, str], stamps: Stamps, *extra: Any
) -> dict[int, str]:
    """For each frame a short text that differs where its preview might: settings at the frame, files, `extra`.

    `kinds` are those of the knobs, by name. An empty sequence of frames gives none.
    """
    steady = [job["node"], job["generator"], sorted(job["inputs"].items()), extra]
    steady += [stamps.of([*job["inputs"].values(), job["generator"]])]
    steady += [{name: value for name, value in job["options"].items() if name not in _UNSEEN}]
    start = hashlib.sha256(json.dumps(steady, sort_keys=True).encode())
    settings = {name: from_data(data) for name, data in job["params"].items()}
    return {frame: _digest(start, settings, frame, kinds) for frame in frames}


def _digest(start: Any, settings: Mapping[str, Any], frame: int, kinds: Mapping[str, str]) -> str:
    values = {name: value_at(setting, frame, kinds.get(name, "")) for name, setting in settings.items()}
    mine = start.copy()
    mine.update(json.dumps([frame, values], sort_keys=True).encode())
    return str(mine.hexdigest()[:24])
