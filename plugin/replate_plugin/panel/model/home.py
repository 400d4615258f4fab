"""Where the panel keeps what is its own: settings, presets, the queue, drawn masks, looks in training."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["Home", "alive", "read_json", "usual", "write_json"]


def usual() -> Path:
    """$REPLATE_PANEL, else the system's folder for what programs keep for a user."""
    if given := os.environ.get("REPLATE_PANEL"):
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "replate" / "panel"


class Home:
    """The folders of one user's panel; they appear when something is put there."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or usual()
        self.settings = self.folder / "settings.json"
        self.presets = self.folder / "presets"
        self.queue = self.folder / "queue"
        self.masks = self.folder / "masks"
        self.looks = self.folder / "looks"


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file; empty where there is none, or none that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Whole or not at all, whatever happens in between. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
            file.write("\n")
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def alive(process: int) -> bool:
    """Whether another process of this number runs; this one's own does not count."""
    if process == os.getpid() or os.name == "nt":  # Windows has no way to ask that harms nothing
        return False
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return process > 0
