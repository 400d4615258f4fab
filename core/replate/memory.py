"""How much memory this process may use, and how an error says that it was not enough."""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = [
    "LARGE_PAGES",
    "at_hand",
    "hold_room_for_matrices",
    "keep_freed",
    "need",
    "peak",
    "share",
    "speaks_of_memory",
]

LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""What the environment of a process has to say when it starts, so that its memory comes in pages of 2 MiB where the
system lets it; only glibc, from 2.35, listens. Networks go through whole pictures: looking up small pages takes up to a
sixth of a light one's time."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # malloc.h
_LARGEST = 2**25  # the most that glibc takes from what it keeps
_UNKNOWN = 8 * 2**30  # a system that does not tell

_LIBRARIES = 3 * 2**28  # address space that all that a render loads takes
_MATRICES = {False: 2**26, True: 2**28}  # what OpenBLAS takes for each thread: 32 MiB in NumPy, 128 in OpenCV

# Libraries have no error type of their own for it, or hide Python's inside another.
_WORDS = (
    "memoryerror",
    "failed to allocate",
    "unable to allocate",
    "cannot allocate memory",  # the C library, and all that hand on its words
    "bad allocation",
    "bad_alloc",
    "out of memory",
    "out_of_memory",
    "not enough memory",
    "insufficient memory",
    "alloc_failed",
    "smaller than requested bytes",  # ONNX Runtime's arena at its limit
    "arena alloc failed",  # protobuf
    "failed to serialize proto",
    "failed to map segment",  # the system's loader, with a library
    "can't start new thread",
    "unable to run compression routine",  # OpenEXR
)


def share(most: int) -> int:
    """Bytes for one use among several: `most`, or a quarter of the memory at hand where that is less."""
    return min(most, at_hand() // 4)


def at_hand(root: Path = Path("/")) -> int:
    """Bytes that this process may use at all: the machine's memory, its container's, or its own limit.

    Not what is free at the moment: whatever follows from this figure is the same every time on one machine.
    """
    return min((_machine(), *_of_groups(root), *_of_process()))


def peak() -> int | None:
    """The most bytes that this process has held at a time, None where the system does not tell.

    Linux is asked for its own: what `getrusage` says there begins with what the parent had taken.
    """
    for line in _lines(Path("/proc/self/status")):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def keep_freed(most: int) -> None:
    """Have the C library keep up to `most` freed bytes for the next picture; only glibc can be told.

    Else it gives them back, and the first touch of each new page takes a third of a light network's time.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            tell = ctypes.CDLL(None).mallopt
            tell(_MMAP_THRESHOLD, _LARGEST)
            tell(_TRIM_THRESHOLD, most)


def need(size: int) -> None:
    """Raise MemoryError where `size` bytes more are not to be had: asked before a library that would end the process,
    or print, where it finds none."""
    try:
        mmap.mmap(-1, max(1, size)).close()
    except OSError as error:
        raise MemoryError(f"{size} bytes are not to be had") from error


def check_room_for_libraries() -> None:
    """Raise MemoryError where what a render loads finds no room: some libraries then end the process."""
    if "numpy" not in sys.modules:
        need(_LIBRARIES)


def hold_room_for_matrices(*, in_opencv: bool = False) -> None:
    """Have OpenBLAS, of which NumPy and OpenCV have one each, take now the room that it works in, and keeps.

    Where it finds none later, NumPy's ends the process and OpenCV's crashes it. Raises MemoryError.
    """
    import numpy as np

    need(_MATRICES[in_opencv])
    square = np.ones((128, 128))  # smaller ones need no room
    if in_opencv:
        import cv2

        cv2.gemm(square, square, 1, None, 0)
    else:
        np.matmul(square, square)


def speaks_of_memory(words: str) -> bool:
    """Whether a library's message says that memory ran out."""
    return any(word in words.lower() for word in _WORDS)


def _machine() -> int:
    if not hasattr(os, "sysconf"):
        return _UNKNOWN
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _of_groups(root: Path) -> Iterator[int]:
    """The limits of the control groups that this process is in, inner and outer, of either version.

    In a container the group's name may be the host's, but its limit then lies at the top of what is mounted.
    """
    mounted = root / "sys/fs/cgroup"
    for line in _lines(root / "proc/self/cgroup"):
        _, kinds, name = line.split(":", 2)
        if kinds == "":
            folder, file = mounted, "memory.max"
        elif "memory" in kinds.split(","):
            folder, file = mounted / "memory", "memory.limit_in_bytes"
        else:
            continue
        group = Path(name.strip("/"))
        for each in (group, *group.parents):
            yield from (int(line) for line in _lines(folder / each / file) if line.isdecimal())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def _of_process() -> Iterator[int]:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            yield soft
