"""Where the data of the shipped looks come from: one table for each set, named as on the cards.

A row is a file of the set: its name there, the package that has it, its path inside, its SHA-256 there, the licence
that the package states, and the pixels to which its short side was brought down. The tables are facts about others'
packages; the pictures themselves are not kept here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from replate.errors import UsageError

__all__ = ["TABLES", "Origin", "Set", "find"]

TABLES = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One file of a set and where it is found; `package` is "debian:NAME" or "pypi:NAME", `short` is in pixels, and
    None where the file is taken as it is."""

    name: str
    package: str
    path: str
    sha256: str
    licence: str
    short: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Data as a card names them: a folder of files, or one file of the same name."""

    name: str
    files: tuple[Origin, ...]

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that hold it, each once."""
        return tuple(dict.fromkeys(each.package for each in self.files))

    @property
    def licences(self) -> dict[str, tuple[str, ...]]:
        """The licences of each package's files."""
        return {
            package: tuple(dict.fromkeys(each.licence for each in self.files if each.package == package))
            for package in self.packages
        }


def find(name: str) -> Set:
    """The table of a set; raises UsageError where its origin is not known."""
    try:
        text = (TABLES / f"{name}.tsv").read_text(encoding="utf-8")
    except OSError:
        raise UsageError(f"where '{name}' comes from is not known; train with your own data instead") from None
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return Set(name=name, files=tuple(_origin(**row) for row in rows))


def _origin(*, short: str, **words: str) -> Origin:
    return Origin(**words, short=int(short) if short else None)
