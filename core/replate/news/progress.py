"""Who is told how a piece of work goes. In which words a terminal or a farm is told is said in `dialects`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import ReplateError

__all__ = ["Watcher", "one_line"]

_BREAKS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Watcher:
    """Told how a piece of work goes; this base class stays silent."""

    def planned(self, facts: Mapping[str, Any]) -> None:
        """What is about to be made: `output`, `node`, `generator`, `generator_sha256`, `device`, and as frame ranges
        `frames`, still to do, and `skipped`, already done."""

    def begin(self, total: int, title: str) -> None:
        """Work on `total` frames starts."""

    def note(self, text: str) -> None:
        """Something the user should know: a reason, a skipped frame."""

    def fallback(self, text: str) -> None:
        """Something went otherwise than was asked for, at a price: smaller tiles, another device."""
        self.note(text)

    def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
        """Frame `number` is through; `failed` is the sentence if it went wrong, `seconds` what each stage took."""

    def share(self, done: float, text: str) -> None:
        """The share `done` (0..1) of work that is not counted in frames is behind us."""

    def spent(self, facts: Mapping[str, Any]) -> None:
        """What it took, however it went: `device` at the end, `seconds`, `peak_memory` in bytes."""

    def fail(self, error: ReplateError) -> None:
        """The work ends here, with this error."""

    def close(self) -> None:
        """No more news."""


def one_line(text: str) -> str:
    """`text` without line breaks and control characters: a path or a message of a library may hold any."""
    return _BREAKS.sub(" ", text).strip()
