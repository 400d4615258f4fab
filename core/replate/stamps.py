"""What tells one state of a file from another, without reading it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

__all__ = ["Stamp", "Stamps", "stamp"]

_SETTLED = 2 * 10**9  # nanoseconds: what changed just now may change again within one tick of a file system


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
