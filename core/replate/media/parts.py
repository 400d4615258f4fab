"""Files that get their name only when they are complete."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import OutputError

__all__ = ["complete_or_nothing", "make_folder", "part_path", "put_in_place", "remove_leftovers"]

_HOST = re.sub(r"[^A-Za-z0-9]+", "_", platform.node())


def make_folder(path: Path) -> None:
    """The folder that `path` goes to, created and writable; OutputError in a sentence else."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made: {error.strerror}", path=folder) from error
    remove_leftovers(folder)
    if not os.access(folder, os.W_OK):
        raise OutputError(f"the folder {folder} is read-only; choose another output or make it writable", path=folder)


def part_path(path: Path) -> Path:
    """The hidden name beside `path` that this process writes under; it keeps the ending, which tells the format."""
    return path.with_name(f".{path.stem}.part.{_HOST}-{os.getpid()}{path.suffix}")


def remove_leftovers(folder: Path) -> None:
    """Clear away what a killed process of this machine left; other machines may be at work on theirs."""
    for part in folder.glob(f".*.part.{_HOST}-*"):
        process = part.name.rpartition(f".part.{_HOST}-")[2].partition(".")[0]
        if process.isdecimal() and not _is_running(int(process)):
            part.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":  # there, signal 0 is Ctrl-C
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's process
    return not _is_dead(Path(f"/proc/{process}/stat"))


def _is_dead(state: Path) -> bool:
    """Whether a process is there for nothing but its parent, which has not looked; only Linux tells."""
    try:
        return state.read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def put_in_place(part: Path, path: Path) -> None:
    """Give a complete file its final name, in one step."""
    try:
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OutputError(f"{path} cannot be written: {error.strerror}", path=path) from error


@contextmanager
def complete_or_nothing(path: Path) -> Iterator[Path]:
    """A hidden name to write under; the file gets its own when the block is left, and vanishes if that fails."""
    part = part_path(path)
    try:
        yield part
        put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)
