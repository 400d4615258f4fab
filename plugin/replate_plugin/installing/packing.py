"""This package as a host gets it: without the parts of other hosts, and with a record of where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..starting import answer

__all__ = ["Origin", "packed", "under"]

_PACKAGE = Path(__file__).parents[1]
_DOCKS = ("nuke",)  # hosts that bring Qt and show the panel in a pane of their own


@dataclass(frozen=True)
class Origin:
    """The installation that a copy belongs to: its Python, version and declarations (`replate nodes --json`)."""

    python: str
    version: str
    declarations: str

    @classmethod
    def of(cls, python: str) -> Origin:
        """That of a Python. Raises ServiceError where Replate does not run in it."""
        said = answer("--version", program=python)
        return cls(python, said.split()[-1], answer("nodes", "--json", program=python))


def packed(host: str, origin: Origin) -> dict[str, bytes]:
    """The package by path, as far as this host needs it."""
    parts = ["host", host, *(["panel"] if host in _DOCKS else [])]
    files = [*_PACKAGE.glob("*.py"), *(path for part in parts for path in (_PACKAGE / part).rglob("*.py"))]
    sources = {path.relative_to(_PACKAGE).as_posix(): path.read_bytes() for path in sorted(files)}
    return {**sources, "python.txt": origin.python.encode(), "declarations.json": origin.declarations.encode()}


def under(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """The same files inside a folder."""
    return {f"{folder}/{name}": data for name, data in files.items()}
