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

from .errors import OutputError

__all__ = ["Manifest", "fingerprint"]

State = Literal["absent", "done", "stale", "foreign"]


def fingerprint(facts: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of `facts`, the same on every machine for the same facts."""
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class Manifest:
    """The record beside one output pattern."""

    def __init__(self, output: str | Path) -> None:
        output = Path(output)
        self.path = output.with_name(f".{output.name}.replate.jsonl")
        text = _text(self.path)
        self._lines = dict(_entries(text))
        self._cut_short = not text.endswith("\n") and text != ""

    def state(self, key: str, target: Path, print_: str) -> State:
        """What is known of `target`: absent, done with these settings, stale (other settings), or foreign."""
        try:
            size = target.stat().st_size
        except OSError:
            return "absent"
        line = self._lines.get(key)
        if line is None:
            return "foreign"
        return "done" if line == (print_, size) else "stale"

    def claim(self, key: str) -> None:
        """Say that a file is about to be written: from now on it is stale, no longer foreign."""
        if key not in self._lines:
            self._append(key, "", -1)

    def record(self, key: str, target: Path, print_: str) -> None:
        """Say that `target` is finished."""
        self._append(key, print_, target.stat().st_size)

    def _append(self, key: str, print_: str, size: int) -> None:
        """One small O_APPEND write, so that parallel renders do not mix lines."""
        line = json.dumps({"frame": key, "settings": print_, "size": size}) + "\n"
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(handle, ("\n" * self._cut_short + line).encode())
            finally:
                os.close(handle)
        except OSError as error:
            message = f"the record of finished frames {self.path} cannot be written: {error.strerror}"
            raise OutputError(message, path=self.path) from error
        self._lines[key], self._cut_short = (print_, size), False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _entries(text: str) -> list[tuple[str, tuple[str, int]]]:
    """The lines that are whole; a line that a kill cut short is skipped."""
    return [entry for line in text.splitlines() if (entry := _parse(line)) is not None]


def _parse(line: str) -> tuple[str, tuple[str, int]] | None:
    try:
        data = json.loads(line)
        return str(data["frame"]), (str(data["settings"]), int(data["size"]))
    except (ValueError, KeyError, TypeError):
        return None
