"""Which frames are done, and with which settings.

Beside the frames of `out.%04d.exr` lies `.out.%04d.exr.replate.jsonl`: one JSON line a finished frame, appended when
the frame has its final name. A frame counts as done when its last line carries the fingerprint of the settings asked
for and the file still has the recorded size. File dates are never trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

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
        self._lines = dict(_read(self.path))

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

    def record(self, key: str, target: Path, print_: str) -> None:
        """Append that `target` is finished; one small O_APPEND write, so that parallel renders do not mix lines."""
        size = target.stat().st_size
        line = json.dumps({"frame": key, "settings": print_, "size": size}) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)
        self._lines[key] = (print_, size)


def _read(path: Path) -> list[tuple[str, tuple[str, int]]]:
    """The lines that are whole; a line that a kill cut short is skipped."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [entry for line in lines if (entry := _parse(line)) is not None]


def _parse(line: str) -> tuple[str, tuple[str, int]] | None:
    try:
        data = json.loads(line)
        return str(data["frame"]), (str(data["settings"]), int(data["size"]))
    except (ValueError, KeyError, TypeError):
        return None
