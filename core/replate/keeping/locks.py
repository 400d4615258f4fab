"""Files that several processes write to: locks, which the system lets go when a process ends, and whole lines."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

__all__ = ["append", "holding", "lock_byte", "lock_file", "unlock_byte"]

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
    import msvcrt


def lock_file(handle: int) -> bool:
    """Lock a whole open file; False where somebody else has it, in this process or another."""
    if fcntl is None:
        return lock_byte(handle, 0)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def lock_byte(handle: int, at: int, *, wait: bool = False) -> bool:
    """Lock one byte of a file open for writing, which need not have it; False where another process does.

    Of these locks NFS knows, too. A process loses all that it has on a file when it closes it, by any of its handles.
    Raises OSError where the file system has no locks.
    """
    try:
        if fcntl is None:
            os.lseek(handle, at, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            fcntl.lockf(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, at)
    except (BlockingIOError, PermissionError):
        return False
    return True


def unlock_byte(handle: int, at: int) -> None:
    """Let go of one byte."""
    if fcntl is None:
        os.lseek(handle, at, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
    else:
        fcntl.lockf(handle, fcntl.LOCK_UN, 1, at)


@contextlib.contextmanager
def holding(handle: int, at: int) -> Iterator[None]:
    """Wait for one byte, and hold it for the block; where the file system has no locks the block goes without."""
    try:
        lock_byte(handle, at, wait=True)
    except OSError:
        yield
        return
    try:
        yield
    finally:
        unlock_byte(handle, at)


def append(handle: int, line: str) -> None:
    """Write a line at the end of a file, behind what a kill or a full disk may have left of one; raises OSError."""
    size = os.lseek(handle, 0, os.SEEK_END)
    os.lseek(handle, max(0, size - 1), os.SEEK_SET)
    cut_off = os.read(handle, 1) not in (b"", b"\n")
    text = ("\n" * cut_off + line + "\n").encode()
    if os.write(handle, text) < len(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
