"""Which frames are done, and with which settings.

Beside the frames of `out.%04d.exr` lies `.out.%04d.exr.replate.jsonl`. A frame is claimed by a JSON line before it is
written, so that a job killed in the middle knows it as its own, and recorded by another when it has its final name. It
counts as done when its last line carries the fingerprint of the settings asked for and the file still has the recorded
size. File dates are never trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from .. import jsontext
from ..errors import OutputError
from .locks import append, holding

__all__ = ["Manifest", "fingerprint"]

State = Literal["absent", "done", "stale", "foreign"]

_BEYOND = 2**40  # a byte that the record does not have


def fingerprint(facts: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of `facts`, the same on every machine for the same facts."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class Manifest:
    """The record beside one output pattern; other processes may be writing to it, too.

    `news` are the keys that others have written of since it was opened.
    """

    def __init__(self, output: str | Path) -> None:
        output = Path(output)
        self.path = output.with_name(f".{output.name}.replate.jsonl")
        self.news: set[str] = set()
        self._lines: dict[str, tuple[str, int]] = {}
        self._read = 0  # bytes, up to the end of a line
        self._catch_up()
        self.news.clear()

    def state(self, key: str, target: Path, print_: str) -> State:
        """What is known of `target`: absent, done with these settings, stale (other settings), or foreign."""
        try:
            size = target.stat().st_size
        except OSError:
            return "absent"
        if key not in self._lines:
            self._catch_up()  # whoever makes it now has claimed it before it was there
        line = self._lines.get(key)
        if line is None:
            return "foreign"
        return "done" if line == (print_, size) else "stale"

    def state_now(self, key: str, target: Path, print_: str) -> State:
        """The same, with what other processes have recorded until now."""
        self._catch_up()
        return self.state(key, target, print_)

    def claim(self, key: str) -> None:
        """Say that a file is about to be written: from now on it is stale, no longer foreign."""
        if key not in self._lines:
            self._append(key, "", -1)

    def record(self, key: str, target: Path, print_: str) -> None:
        """Say that `target` is finished."""
        self._append(key, print_, target.stat().st_size)

    def _append(self, key: str, print_: str, size: int) -> None:
        """One small O_APPEND write under a lock, because NFS has no appending of its own."""
        line = json.dumps({"frame": key, "settings": print_, "size": size})
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
            try:
                with holding(handle, _BEYOND):
                    append(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            message = f"the record of finished frames {self.path} cannot be written: {error.strerror}"
            raise OutputError(message, path=self.path) from error
        self._lines[key] = print_, size

    def _catch_up(self) -> None:
        """Read the lines that were written since; what a kill has cut short is no line until somebody ends it."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                whole = file.read().rpartition(b"\n")
        except OSError:
            return
        self._read += len(whole[0]) + len(whole[1])
        entries = _entries(whole[0].decode("utf-8", errors="replace"))
        self.news.update(key for key, line in entries if self._lines.get(key) != line)
        self._lines.update(entries)


def _entries(text: str) -> list[tuple[str, tuple[str, int]]]:
    """The lines that are whole; a line that a kill cut short is skipped."""
    return [entry for line in text.splitlines() if (entry := _parse(line)) is not None]


def _parse(line: str) -> tuple[str, tuple[str, int]] | None:
    try:
        data = jsontext.parse(line)
        return str(data["frame"]), (str(data["settings"]), int(data["size"]))
    except (ValueError, KeyError, TypeError, OverflowError):
        return None
