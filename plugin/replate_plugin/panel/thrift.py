"""The memory of a panel that is a program of its own."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

__all__ = ["give_back"]

_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 2**18  # bytes, less than any picture that fills a viewer


def give_back() -> None:
    """Have the C library give a picture's memory back as soon as it is freed; only glibc can be told.

    Else each thread that makes pictures keeps some in a heap of its own: tens of MiB after some hundred of them.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)
