"""Where a host's node keeps its pictures, and which of them are up to date; standard library only.

    FOLDER/plate/plate.%04d.exr     what the host rendered of an input
    FOLDER/result/style.%04d.exr    what came back
    FOLDER/made.jsonl               from what each of them was made, a line a picture

A folder belongs to one node of one script. Lines are only ever added, so that tasks of a farm can share it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ServiceError
from .jobs import Job, at, numbers

__all__ = ["Place", "digests", "files", "frame_file"]

RESULT = "result"
_NUMBER = re.compile(r"%(0?\d+)?d|#+|@+|\$F\d?|\$\{F\d?\}|%V|%v|\[|\]")
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
        key, found = self._key(pattern), dict[int, str]()
        for line in self._lines():
            if line.get("of") == key:
                found[int(line["frame"])] = str(line["from"])
        return {frame: said for frame, said in found.items() if self.picture(pattern, frame).is_file()}

    def old(self, pattern: str, wanted: Mapping[int, str]) -> tuple[int, ...]:
        """Those of the frames in `wanted` (frame -> digest) that are missing or were made from something else."""
        made = self.made(pattern)
        return tuple(frame for frame, said in wanted.items() if made.get(frame) != said)

    def ready(self, pattern: str) -> None:
        """Make the folder that the files of a pattern go to; raises ServiceError where that cannot be."""
        try:
            Path(pattern).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(Path(pattern).parent, error) from error

    def clear(self) -> None:
        """Remove what was put here, and nothing else: pictures and notes, then folders that are empty."""
        keys = {str(line.get("of")) for line in self._lines()}
        for pattern in (self.folder / key for key in keys):
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

    def _lines(self) -> Iterable[dict[str, Any]]:
        try:
            text = self._notes.read_text(encoding="utf-8")
        except OSError:
            return
        for line in text.splitlines():
            try:
                yield json.loads(line)
            except ValueError:  # one that was cut short by a crash, or is being written
                continue


def digests(
    job: Job, frames: Iterable[int] | None = None, *, upstream: Mapping[str, str] | None = None
) -> dict[int, str]:
    """What frames of a job are made from, as short texts that differ where the pictures might; all of the job's frames
    where none are named.

    Files count by size and date; of a sequence all of them, since a node may look at a frame's neighbours. `upstream`
    has the host's own words for what it renders itself, by input: the files of those do not count, because they are
    written anew without being different.
    """
    words = dict(upstream or {})
    steady = {
        "node": job["node"],
        "generator": [job.get("generator", ""), *files(job.get("generator", ""))],
        "inputs": {name: [path, *files(path)] for name, path in job["inputs"].items() if name not in words},
        "options": {name: value for name, value in job.get("options", {}).items() if name not in _UNSEEN},
        "upstream": words,
    }
    wanted = numbers(job["frames"]) if frames is None else frames
    return {frame: _digest({**steady, "params": _values(job, frame)}) for frame in wanted}


def _values(job: Job, frame: int) -> dict[str, Any]:
    values = {name: at(setting, frame) for name, setting in job.get("params", {}).items()}
    return {name: value if isinstance(value, str) else float(value) for name, value in values.items()}


def _digest(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def files(path: str) -> list[tuple[str, int, int]]:
    """Name, size and date (ns) of each file that a path or a pattern stands for; none for what is no file."""
    given = Path(path)
    try:
        names = [given] if given.is_file() else sorted(given.parent.glob(_glob(given.name))) if path else []
        return [(each.name, stat.st_size, stat.st_mtime_ns) for each in names for stat in [each.stat()]]
    except OSError:
        return []


def frame_file(pattern: str, frame: int) -> Path:
    """The file of one frame of a pattern with %04d or ####; the pattern itself where it names one file."""
    given = Path(pattern)
    token = _FRAME.search(given.name)
    if token is None:
        return given
    width = int(token[1] or 0) if token[0].startswith("%") else len(token[0])
    return given.with_name(f"{given.name[: token.start()]}{frame:0{width}d}{given.name[token.end() :]}")


def _glob(name: str) -> str:
    """A pattern's name for glob; whatever may stand for a frame number counts, so at most too many files do."""
    return _NUMBER.sub("*", name)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _unwritable(folder: Path, error: OSError) -> ServiceError:
    reason = error.strerror or error
    return ServiceError(f"the cache folder {folder} cannot be written ({reason}); choose another", path=str(folder))
