"""The machine as an installation sees it: which system, whose home, what its environment says."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["System"]


@dataclass(frozen=True)
class System:
    """`name` is linux, mac or windows. `root` is where absolute places begin: a folder in tests."""

    name: str
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path("/")

    @classmethod
    def here(cls) -> System:
        """The one that this process runs on."""
        name = {"win32": "windows", "darwin": "mac"}.get(sys.platform, "linux")
        return cls(name, Path.home(), dict(os.environ))

    def place(self, text: str) -> Path | None:
        """A folder as it is written: ~/x, /x or NAME:/x, which begins at what $NAME says; None where that is unset."""
        name, _, rest = text.rpartition(":/")
        if name:
            value = self.environment.get(name)
            return Path(value) / rest if value else None
        return self.home / text[2:] if text.startswith("~/") else self.root / text.lstrip("/")

    def first(self, *texts: str) -> Path:
        """The first of these places that the environment allows; the last of them always does."""
        return next(place for place in map(self.place, texts) if place is not None)

    def paths(self, name: str) -> list[Path]:
        """The folders that a variable of the environment lists."""
        separator = ";" if self.name == "windows" else ":"
        return [Path(text) for text in self.environment.get(name, "").split(separator) if text]

    def found(self, *patterns: str) -> Iterator[Path]:
        """What is there of these patterns, each a place whose later parts may hold wildcards."""
        for pattern in patterns:
            fixed = pattern.split("*")[0].rpartition("/")[0] + "/"
            if (folder := self.place(fixed)) is not None and folder.is_dir():
                yield from sorted(folder.glob(pattern[len(fixed) :]))
