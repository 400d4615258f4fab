"""Where a host's node keeps its pictures, and which of them are up to date; standard library only.

    FOLDER/plate/plate.%04d.exr     what the host rendered of an input
    FOLDER/result/style.%04d.exr    what came back
    FOLDER/made.jsonl               from what each of them was made, a line a picture

A folder belongs to one node of one script. Lines are only ever added, so that tasks of a farm can share it.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import math
import os
import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ServiceError
from .jobs import Job, at, numbers

__all__ = ["Place", "digests", "files", "frame_file"]

File = tuple[str, int, int]
RESULT = "result"
_NUMBER = re.compile(r"%(?:0?\d+)?d|#+|@+|\$F\d?|\$\{F\d?\}|%V|%v")  # at most too many files match
_FRAME = re.compile(r"%0?(\d*)d|#+")
_UNSEEN = ("device", "threads", "tile", "overwrite")  # options that do not show in a picture


class Place:
    """The folder of one node. It appears when something is put there."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).absolute()

    def tap(self, name: str) -> str:
        """The pattern under which the host renders an input, or whatever it calls `name`."""
        return self._pattern(name, name)

    def result(self, node: str) -> str:
        """The pattern of the results of a node."""
        return self._pattern(RESULT, node)

    def picture(self, pattern: str, frame: int) -> Path:
        """One file of a pattern of this place."""
        return Path(pattern % frame)

    def note(self, pattern: str, made: Mapping[int, str]) -> None:
        """Say from what pictures were made: frame -> a digest. Raises ServiceError where that cannot be written."""
        lines = (json.dumps({"of": self._key(pattern), "frame": frame, "from": said}) for frame, said in made.items())
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._notes.open("a", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in lines))
        except OSError as error:
            raise _unwritable(self.folder, error) from error

    def made(self, pattern: str) -> dict[int, str]:
        """From what the pictures of a pattern were made that are there: frame -> the last digest noted."""
        path, noted = Path(pattern), self._noted().get(self._key(pattern), {})
        present = _names(path.parent)
        return {frame: said for frame, said in noted.items() if path.name % frame in present}

    def old(self, pattern: str, wanted: Mapping[int, str]) -> tuple[int, ...]:
        """Those of the frames in `wanted` (frame -> digest) that are missing or were made from something else."""
        made = self.made(pattern)
        return tuple(frame for frame, said in wanted.items() if made.get(frame) != said)

    def claim(self, pattern: str, wanted: Mapping[int, str]) -> tuple[int, ...]:
        """The frames of `wanted` that are `old` and about to be made: until that is noted, nobody knows what they are.

        Makes their folder. Raises ServiceError where it cannot be written.
        """
        self.ready(pattern)
        if old := self.old(pattern, wanted):
            self.note(pattern, dict.fromkeys(old, ""))
        return old

    def drop(self, pattern: str, frames: Iterable[int]) -> None:
        """Remove pictures: what is there may be looked at, as a neighbour or as one of a few that were painted."""
        for frame in frames:
            self.picture(pattern, frame).unlink(missing_ok=True)

    def ready(self, pattern: str) -> None:
        """Make the folder that the files of a pattern go to; raises ServiceError where that cannot be."""
        try:
            Path(pattern).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(Path(pattern).parent, error) from error

    def clear(self) -> None:
        """Remove what was put here, and nothing else: pictures and notes, then folders that are empty."""
        for pattern in (self.folder / key for key in self._noted()):
            prefix, suffix = pattern.name.split("%04d")
            for path in pattern.parent.glob("*"):
                mine = path.name.startswith(prefix) and path.name.endswith(suffix)
                if mine or path.name == f".{pattern.name}.replate.jsonl":
                    path.unlink()
            _remove_empty(pattern.parent)
        self._notes.unlink(missing_ok=True)
        _remove_empty(self.folder)

    @property
    def _notes(self) -> Path:
        return self.folder / "made.jsonl"

    def _pattern(self, folder: str, name: str) -> str:
        return str(self.folder / folder / f"{name}.%04d.exr")

    def _key(self, pattern: str) -> str:
        return Path(pattern).relative_to(self.folder).as_posix()

    def _noted(self) -> Mapping[str, Mapping[int, str]]:
        """Pattern -> frame -> the last digest noted; read again only where the file is another than it was."""
        try:
            state = self._notes.stat()
        except OSError:
            return {}
        return _parsed(self._notes, state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=16)
def _parsed(path: Path, size: int, date: int) -> Mapping[str, Mapping[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError, KeyError):  # one that was cut short by a crash, or is being written
            said = json.loads(line)
            found.setdefault(str(said["of"]), {})[int(said["frame"])] = str(said["from"])
    return found


def digests(
    job: Job,
    frames: Iterable[int] | None = None,
    *,
    upstream: Mapping[str, str] | None = None,
    age: float = 0.0,
) -> dict[int, str]:
    """What frames of a job are made from, as short texts that differ where the pictures might; all of the job's frames
    where none are named.

    Files count by size and date; of a sequence all of them, since a node may look at a frame's neighbours. `upstream`
    has the host's own words for what it renders itself, by input: the files of those do not count, because they are
    written anew without being different. With an `age`, in seconds, files may be taken as they were so long ago.
    """
    words = dict(upstream or {})
    steady = {
        "node": job["node"],
        "generator": [job.get("generator", ""), *files(job.get("generator", ""), age=age)],
        "inputs": {name: [path, *files(path, age=age)] for name, path in job["inputs"].items() if name not in words},
        "options": {name: value for name, value in job.get("options", {}).items() if name not in _UNSEEN},
        "upstream": words,
    }
    base = _digest(steady)
    wanted = numbers(job["frames"]) if frames is None else frames
    return {frame: _digest([base, _values(job, frame)]) for frame in wanted}


def _values(job: Job, frame: int) -> dict[str, Any]:
    values = {name: at(setting, frame) for name, setting in job.get("params", {}).items()}
    return {name: value if isinstance(value, str) else float(value) for name, value in values.items()}


def _digest(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


_seen: dict[str, tuple[float, list[File]]] = {}


def files(path: str, *, age: float = 0.0) -> list[File]:
    """Name, size and date (ns) of each file that a path or a pattern stands for; none for what is no file.

    With an `age`, in seconds, they may be told as they were so long ago: a knob that is dragged asks often.
    """
    when, found = _seen.get(path, (-math.inf, []))
    if not path or time.monotonic() - when <= age:
        return found
    found = _files(Path(path))
    _seen[path] = time.monotonic(), found
    return found


def _files(given: Path) -> list[File]:
    pattern = re.compile(".*".join(re.escape(part) for part in _NUMBER.split(given.name)), re.DOTALL)
    try:
        if given.is_file():
            state = given.stat()
            return [(given.name, state.st_size, state.st_mtime_ns)]
        with os.scandir(given.parent) as entries:
            mine = [(entry.name, entry.stat()) for entry in entries if pattern.fullmatch(entry.name)]
        return sorted((name, state.st_size, state.st_mtime_ns) for name, state in mine)
    except OSError:
        return []


def _names(folder: Path) -> frozenset[str]:
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries)
    except OSError:
        return frozenset()


def frame_file(pattern: str, frame: int) -> Path:
    """The file of one frame of a pattern with %04d or ####; the pattern itself where it names one file."""
    given = Path(pattern)
    token = _FRAME.search(given.name)
    if token is None:
        return given
    width = int(token[1] or 0) if token[0].startswith("%") else len(token[0])
    return given.with_name(f"{given.name[: token.start()]}{frame:0{width}d}{given.name[token.end() :]}")


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _unwritable(folder: Path, error: OSError) -> ServiceError:
    reason = error.strerror or error
    return ServiceError(f"the cache folder {folder} cannot be written ({reason}); choose another", path=str(folder))
