"""Where data came from: a note beside them, so that it gets onto the card of whatever is trained on them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["note", "origin"]


def note(data: Path) -> Path:
    """The note of a file or folder: `.NAME.origin` beside it."""
    return data.with_name(f".{data.name}.origin")


def origin(data: Path) -> str:
    """What the note says ("debian:NAME, ..."); nothing where there is none."""
    path = note(data)
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""
