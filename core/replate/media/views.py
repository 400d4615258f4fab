"""Views in files of their own, as Nuke names them: `shot.%V.%04d.exr`, `%V/shot.%04d.exr`, `shot_%v.%04d.exr`.

`%V` stands for the view's name (`left`), `%v` for its first letter (`l`); both may stand in folder names, and more
than once. A view's name begins with a letter.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from .pattern import FRAME, split_frames

__all__ = ["has_view", "views_of", "with_view"]

_VIEW = re.compile(r"%[Vv]")
_TOKEN = re.compile(f"{_VIEW.pattern}|{FRAME.pattern}")
# Where names hold nothing but the letter: the two that nobody means otherwise.
_BY_LETTER = {"l": "left", "r": "right"}


def has_view(path: str) -> bool:
    """Whether the path names a file for each view."""
    return _VIEW.search(path) is not None


def with_view(path: str, view: str) -> str:
    """The path of one view; unchanged where it names no view."""
    return _VIEW.sub(lambda token: view if token[0] == "%V" else view[:1], path)


def views_of(path: str) -> tuple[str, ...]:
    """The views that a path has on disk, in alphabetical order, which is left before right.

    A path with nothing but `%v` tells letters only: l is called left, r right, others by their letter. Raises
    InputError where there is no view; empty for a path that names none.
    """
    if not has_view(path):
        return ()
    name, _ = split_frames(Path(path).name)
    wanted = Path(path).with_name(name).as_posix()
    names = re.compile(_expression(wanted))
    on_disk = glob.iglob(_wildcards(wanted))  # noqa: PTH207  (leaves out hidden files)
    files = (names.fullmatch(Path(file).as_posix()) for file in on_disk)
    found = {view for match in files if match and (view := _view(match))}
    if not found:
        raise InputError(f"no view has a file that matches {path}; check the folder and where the %V stands", path=path)
    return tuple(sorted(found, key=str.casefold))


def _view(match: re.Match[str]) -> str:
    """The view of a file; empty where its letter and its name are not the same view's."""
    known = match.groupdict()
    letter = known.get("letter") or ""
    view = known.get("view") or _BY_LETTER.get(letter, letter)
    return view if view.startswith(letter) else ""


def _wildcards(path: str) -> str:
    """A glob for the files of all views and frames."""
    return "".join(glob.escape(literal) + {"": "", "%v": "?"}.get(token, "*") for literal, token in _cut(path))


def _expression(path: str) -> str:
    """A regular expression that tells the view of a file; a view that stands there twice is the same one."""
    words = {"%V": r"(?P<view>[^\W\d][\w-]*?)", "%v": r"(?P<letter>[^\W\d])", "": ""}
    again = {"%V": "(?P=view)", "%v": "(?P=letter)"}
    pieces = list[str]()
    for literal, token in _cut(path):
        pieces += [re.escape(literal), words.get(token, r"-?\d+")]
        if token in again:
            words[token] = again[token]
    return "".join(pieces)


def _cut(path: str) -> Iterator[tuple[str, str]]:
    """Each token with what stands before it, then what is left and no token; folders have no frame numbers."""
    start, name = 0, path.rfind("/")
    for token in _TOKEN.finditer(path):
        if token.start() > name or _VIEW.match(token[0]):
            yield path[start : token.start()], token[0]
            start = token.end()
    yield path[start:], ""
