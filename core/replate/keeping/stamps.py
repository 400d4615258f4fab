"""What tells one state of a file from another, without reading it all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Stamp", "Stamps", "identity", "stamp"]

_SETTLED = 2 * 10**9  # nanoseconds: what changed just now may change again within one tick of a file system
_BEGINNING = 8192  # bytes: of compressed EXR these hold where each chunk lies, which another picture changes


class Stamp(NamedTuple):
    """`changed` is the latest of a file's dates in nanoseconds; one of them nobody can set back."""

    place: tuple[int, int]
    size: int
    modified: int
    changed: int


def stamp(path: Path) -> Stamp | None:
    """The state of a file or folder now; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    dates = state.st_mtime_ns, max(state.st_mtime_ns, state.st_ctime_ns)
    return Stamp((state.st_dev, state.st_ino), state.st_size, *dates)


def identity(path: Path) -> str:
    """What tells the content of a file from another's, on every machine that sees it; its name where it cannot be read.

    Name, size, date of change, and a hash of how it begins: a copy may bring its date along.
    """
    state = stamp(path)
    if state is None:
        return path.name
    return f"{path.name} {state.size} {state.modified} {_beginning(path, state)}"


@lru_cache(maxsize=65536)
def _beginning(path: Path, _: Stamp) -> str:
    """A hash of the first bytes, remembered for this state of the file."""
    try:
        with path.open("rb") as file:
            return hashlib.blake2b(file.read(_BEGINNING), digest_size=8).hexdigest()
    except OSError:
        return ""


class Stamps:
    """The states of some files when this was made."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)
        self._found, self._at = tuple(map(stamp, self._paths)), time.time_ns()

    @property
    def hold(self) -> bool:
        """Whether nothing has changed since, beyond doubt: a later change would show in the dates."""
        settled = all(found is not None and found.changed + _SETTLED < self._at for found in self._found)
        return settled and tuple(map(stamp, self._paths)) == self._found
