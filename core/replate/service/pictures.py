"""Pixels that client and service share: files that both have mapped, in memory where the system has a folder there.

A file that its client has let go of is written again, because it is the first touch of a page that costs: at 1080p
2 ms in place of 30.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Cancelled, OutputError, UsageError

__all__ = ["Pictures"]

_MOST = 8  # pictures that one client may hold at a time


@dataclass(eq=False)
class _Slot:
    path: Path
    memory: mmap.mmap
    free: bool = False


class Pictures:
    """The shared files of one client; any thread may use them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders, self._slots = folders, dict[str, _Slot]()
        self._lock, self._closed = threading.Lock(), False

    def give(self, size: int) -> tuple[str, Path, mmap.mmap]:
        """A picture of so many bytes to write: its name, its file and its memory.

        Raises UsageError where the client lets go of none, OutputError where there is no room.
        """
        name, slot = self._slot(size)
        return name, slot.path, slot.memory

    def release(self, names: Iterable[str]) -> None:
        """The client has no more use for these."""
        with self._lock:
            for name in names:
                if name in self._slots:
                    self._slots[name].free = True

    def close(self) -> None:
        """The client is gone. Mappings end by themselves when nobody writes to them any more."""
        with self._lock:
            self._closed = True
            for slot in self._slots.values():
                slot.path.unlink(missing_ok=True)
            self._slots.clear()

    def _slot(self, size: int) -> tuple[str, _Slot]:
        with self._lock:
            if self._closed:
                raise Cancelled("the client is gone")
            for name, slot in self._slots.items():
                if slot.free and len(slot.memory) == size:
                    slot.free = False
                    return name, slot
            self._make_room()
            name = secrets.token_hex(8)
            slot = self._slots[name] = self._make(name, size)
            return name, slot

    def _make_room(self) -> None:
        """Give up files of another size that nobody uses."""
        for name in [name for name, slot in self._slots.items() if slot.free]:
            self._slots.pop(name).path.unlink(missing_ok=True)
        if len(self._slots) >= _MOST:
            raise UsageError(f"{_MOST} pictures are held by this client; close those that are no longer shown")

    def _make(self, name: str, size: int) -> _Slot:
        """In the first folder that has the room."""
        for folder in self._folders[:-1]:
            with contextlib.suppress(OutputError):
                return _make_in(folder, name, size)
        return _make_in(self._folders[-1], name, size)


def _make_in(folder: Path, name: str, size: int) -> _Slot:
    path = folder / f"{name}.pixels"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.ftruncate(handle, size)
            _reserve(handle, size)
            return _Slot(path, mmap.mmap(handle, size))
        finally:
            os.close(handle)
    except OSError as error:
        path.unlink(missing_ok=True)
        message = f"a picture of {size} bytes has no room in {folder}: {error.strerror}; free some memory"
        raise OutputError(message, path=path) from error


def _reserve(handle: int, size: int) -> None:
    """Have the room now: a mapped page that finds none when it is written ends the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
