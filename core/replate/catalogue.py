"""Which generators there are: shipped ones, those in the user's folders, and any file by its path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from .errors import GeneratorError, UsageError
from .network.onnxfile import read_card
from .params import nearest

__all__ = ["available", "find", "folders", "is_path", "own_folder", "shipped"]

SUFFIX = ".onnx"
SHIPPED = Path(__file__).parent / "generators"


def folders(given: str | None = None) -> list[Path]:
    """Where generators are looked for, the first hit wins: $REPLATE_GENERATORS, the user's own, the shipped ones.

    `given` stands in for that variable.
    """
    own = os.environ.get("REPLATE_GENERATORS", "") if given is None else given
    first = [Path(each) for each in own.split(os.pathsep) if each]
    return [*first, own_folder(), SHIPPED]


def own_folder() -> Path:
    """Where a user's own generators are; it need not exist."""
    return platformdirs.user_data_path("replate") / "generators"


def available(given: str | None = None) -> list[tuple[str, Path]]:
    """(name, file) of every generator in the `folders`, by name."""
    found: dict[str, Path] = {}
    for name, path in _files(given):
        found.setdefault(name, path)
    return sorted(found.items())


def shipped(kind: str = "") -> list[Path]:
    """The generators that come with Replate, or those for one node; by name, without their half-precision twins for the
    GPU."""
    found = [path for path in sorted(SHIPPED.glob(f"*{SUFFIX}")) if not path.stem.endswith(".fp16")]
    return [path for path in found if not kind or _kind(path) == kind]


def is_path(name_or_path: str) -> bool:
    """Whether a generator is given by its file and not by its name."""
    path = Path(name_or_path)
    return path.suffix.lower() == SUFFIX or len(path.parts) > 1


def find(name_or_path: str | os.PathLike[str], given: str | None = None) -> Path:
    """The file of a generator given by name or by path; see `folders` for `given`.

    Raises GeneratorError where a path leads to no file, UsageError for a name that is not known, with the nearest.
    """
    text = os.fspath(name_or_path)
    path = Path(text).expanduser()
    if is_path(text):
        if not path.is_file():
            raise GeneratorError(f"there is no generator file {path}; check the path", path=path)
        return path
    known = dict(available(given))
    if text not in known:
        raise UsageError(f"unknown generator '{text}'{nearest(text, known)}", parameter="generator")
    return known[text]


def _kind(path: Path) -> str:
    card = read_card(path)
    return "" if card is None else card.kind


def _files(given: str | None) -> Iterator[tuple[str, Path]]:
    for folder in folders(given):
        for path in sorted(folder.glob(f"[!.]*{SUFFIX}")):  # hidden: one that is still being written
            yield path.stem, path
