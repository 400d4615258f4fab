"""What a path that names nothing may have meant, in words, from what lies in its folder."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path

from ..errors import InputError

__all__ = ["close_folder", "close_name", "find_neighbours", "list_names"]

# A minus is a sign where it follows a separator, and is a separator itself where it follows the name.
_NUMBERED = re.compile(r"(?P<prefix>.*?)(?P<number>(?:(?<![^._])-)?\d+)(?P<suffix>\D*\.\w+)", re.ASCII)
_ALIKE = 0.6  # as difflib has it


@dataclass(frozen=True, slots=True)
class _Shot:
    """Files of one name but for their numbers, as they are written; a lone file has no number."""

    prefix: str
    suffix: str
    numbers: list[str]

    def __str__(self) -> str:
        if not self.numbers:
            return self.prefix + self.suffix
        digits, values = min(map(len, self.numbers)), sorted(map(int, self.numbers))
        span = f"{values[0]}-{values[-1]}" if len(values) > 1 else f"{values[0]}"
        return f"{self.prefix}{'#' * digits}{self.suffix} ({span})"


def list_names(folder: Path) -> list[str]:
    """The names in a folder in order, hidden ones left out; InputError where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith("."))
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be read: {error.strerror}", path=folder) from error


def find_neighbours(path: Path) -> str | None:
    """The sequences beside `path` that it may have meant, such as `shot.####.exr (1001-1100)`."""
    if not path.parent.is_dir():
        return None
    stem, suffix = path.stem.rstrip("._-"), path.suffix.lower()
    found = [
        str(shot)
        for shot in _shots(path.parent)
        if shot.numbers and shot.suffix.lower() == suffix and shot.prefix.rstrip("._-") == stem
    ]
    return " and ".join(found) or None


def close_name(path: Path) -> str:
    """`; did you mean shot.####.dpx (1001-1100)?` where the folder has something of a similar name, else nothing."""
    prefix, _, suffix = _split(path.name)

    def likeness(shot: _Shot) -> tuple[float, bool]:
        return SequenceMatcher(None, _plain(shot.prefix), _plain(prefix)).ratio(), shot.suffix == suffix

    best = max(_shots(path.parent), key=likeness, default=None) if path.parent.is_dir() else None
    return f"; did you mean {best}?" if best and likeness(best)[0] >= _ALIKE else ""


def close_folder(folder: Path) -> str:
    """`; did you mean /shots/plate?` where a folder of a similar name exists, else nothing."""
    missing = [each for each in (folder, *folder.parents) if not each.is_dir()]
    if not missing or not missing[-1].parent.is_dir():
        return ""
    first = missing[-1]
    close = get_close_matches(first.name, (name for name in list_names(first.parent) if (first.parent / name).is_dir()))
    return f"; did you mean {first.parent / close[0]}?" if close else ""


def _plain(name: str) -> str:
    """A name without what file systems disagree on: capitals, and how an accent is put together."""
    return unicodedata.normalize("NFC", name).casefold()


def _shots(folder: Path) -> Iterable[_Shot]:
    """The sequences and lone files of a folder."""
    shots: dict[tuple[str, str], _Shot] = {}
    for name in list_names(folder):
        prefix, number, suffix = _split(name)
        shot = shots.setdefault((prefix, suffix), _Shot(prefix, suffix, []))
        shot.numbers.extend([number] if number else [])
    return shots.values()


def _split(name: str) -> tuple[str, str, str]:
    """What stands before the number of a file, the number, and the rest; a lone file ends with its suffix."""
    match = _NUMBERED.fullmatch(name)
    path = Path(name)
    return (match["prefix"], match["number"], match["suffix"]) if match else (path.stem, "", path.suffix)
