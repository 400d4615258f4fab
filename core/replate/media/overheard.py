"""What a library says on standard output instead of to us.

OpenEXR's Python module prints "Warning: Exception raised ..." where it should raise. The words are wanted for the
error, and a farm that parses standard output must not see them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["overheard"]


class _Ear:
    """Stands in for `sys.stdout`: keeps what threads that listen write, passes everything else on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[int, list[str]] = {}
        self._mouth = sys.stdout

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mouth, name)

    def write(self, text: str) -> int:
        """Keep or pass on."""
        heard = self._heard.get(threading.get_ident())
        if heard is None:
            return self._mouth.write(text)
        heard.append(text)
        return len(text)

    def start(self) -> list[str]:
        """Listen to this thread; the words come into the list."""
        with self._lock:
            if not self._heard:
                self._mouth, sys.stdout = sys.stdout, self
            return self._heard.setdefault(threading.get_ident(), [])

    def stop(self) -> None:
        """Let this thread speak again."""
        with self._lock:
            self._heard.pop(threading.get_ident(), None)
            if not self._heard and sys.stdout is self:
                sys.stdout = self._mouth


_ear = _Ear()


@contextmanager
def overheard() -> Iterator[list[str]]:
    """The words that this thread writes to standard output inside the block; nobody else hears them."""
    words = _ear.start()
    try:
        yield words
    finally:
        _ear.stop()
