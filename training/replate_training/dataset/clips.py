"""What there is to take pictures from: movies, numbered files, stills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from replate.errors import InputError
from replate.frame import Frame
from replate.frames import format_frames
from replate.media import open_source
from replate.media.pattern import parse_pattern

from ..material.files import MOVIES, STILLS

__all__ = ["Clip", "Reader", "find_clips"]

_NUMBERED = re.compile(r"(.*?)(\d{1,9})", re.DOTALL)


class Reader(Protocol):
    """An open clip: the numbers of its pictures in order, and each of them."""

    frames: tuple[int, ...]
    notes: tuple[str, ...]

    def read(self, number: int) -> Frame:
        """The picture; raises InputError."""

    def close(self) -> None:
        """Let go of open files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Pictures in an order: a movie, or `files` by number. `source` is what the user named, `path` where this is."""

    source: str
    path: str
    name: str
    files: tuple[tuple[int, Path], ...] = ()

    def open(self) -> Reader:
        """To read from; raises InputError for what is no movie."""
        return _Files(self) if self.files else open_source(self.path)

    def file(self, number: int) -> Path:
        """Where the picture of a number lies."""
        return dict(self.files).get(number, Path(self.path))


class _Files:
    """Files, each on its own: they may differ in size, space and kind."""

    def __init__(self, clip: Clip) -> None:
        self._files = dict(clip.files)
        self.frames = tuple(self._files)
        holes = [number for a, b in pairwise(self.frames) for number in range(a + 1, b)]
        told = len(holes) < len(self.frames)
        self.notes: tuple[str, ...] = (f"no file for {format_frames(holes)}",) if holes and told else ()

    def read(self, number: int) -> Frame:
        if not self._files[number].exists():
            raise InputError("it is gone, or a link to nothing")
        with open_source(str(self._files[number])) as still:
            return still.read(still.frames[0])

    def close(self) -> None:
        """Nothing stays open."""


def find_clips(sources: Iterable[str]) -> list[Clip]:
    """Everything to look at in files, folders with their sub-folders, and patterns (`shot.%04d.exr`), in that order.

    Raises InputError for a source that is not there or holds nothing, UsageError for a path that means several things.
    """
    found, seen = list[Clip](), set[str]()
    for source in sources:
        mine = list(_clips_of(source))
        if not mine:
            raise InputError(f"no pictures or movies in {source}; check the path", path=source)
        found += [clip for clip in mine if clip.path not in seen]
        seen |= {clip.path for clip in mine}
    return found


def _clips_of(source: str) -> Iterator[Clip]:
    pattern = parse_pattern(source)
    if pattern is not None:
        files = {n: path for n, path in pattern.find().items() if not pattern.frames or n in pattern.frames}
        name = pattern.prefix.rstrip("._- ") or pattern.folder.name
        yield Clip(source=source, path=source, name=name, files=tuple(sorted(files.items())))
    elif Path(source).is_dir():
        yield from _in_folder(source, Path(source))
    else:
        if not Path(source).is_file():
            open_source(source)  # which says what is wrong, and what may have been meant
        yield _single(source, Path(source))


def _in_folder(source: str, folder: Path) -> Iterator[Clip]:
    groups: dict[tuple[Path, str, str], dict[int, Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.name.startswith(".") or path.is_dir():
            continue
        if path.suffix.lower() in MOVIES:
            groups[path, "", ""] = {}
        elif path.suffix.lower() in STILLS:
            match = _NUMBERED.fullmatch(path.stem)
            key = (path.parent, match[1], path.suffix) if match else (path, "", "")
            number = int(match[2]) if match else 1
            if number in groups.setdefault(key, {}):  # a.1.png and a.01.png
                key = (path, "", "")
            groups.setdefault(key, {})[number] = path
    for (place, prefix, suffix), files in groups.items():
        if len(files) > 1:
            name = prefix.rstrip("._- ") or place.name
            yield Clip(
                source=source, path=str(place / f"{prefix}#{suffix}"), name=name, files=tuple(sorted(files.items()))
            )
        else:
            yield _single(source, next(iter(files.values()), place))


def _single(source: str, path: Path) -> Clip:
    movie = path.suffix.lower() in MOVIES
    match = _NUMBERED.fullmatch(path.stem)
    files = () if movie else ((int(match[2]) if match else 1, path),)
    return Clip(source=source, path=str(path), name=path.stem, files=files)
