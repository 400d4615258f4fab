"""What the fake Nuke is doing: who runs in which thread, what was said, what waits for the main thread."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["host"]


class Host:
    """One running Nuke. `reset` starts another."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """A Nuke that has just been started."""
        self.busy = False
        self.messages: list[str] = []
        self.lines: list[str] = []
        self.tasks: list[Any] = []
        self.executed: list[tuple[str, int, int]] = []
        self.cancel_at: int | None = None
        self.cancel_tasks = False
        self.before_render: list[Callable[[], None]] = []
        self.on_load: list[Callable[[], None]] = []
        self.context: list[tuple[Any, Any]] = []
        self.groups: list[Any] = []
        self.undo_off = 0
        self.menus: dict[str, Any] = {}
        self._queue: queue.Queue[Callable[[], Any]] = queue.Queue()

    def main(self, what: str) -> None:
        """Nuke crashes, or worse, where this is done in another thread."""
        assert threading.current_thread() is threading.main_thread(), f"{what} outside the main thread"

    def later(self, call: Callable[[], Any]) -> None:
        """Have the main thread do it when it has time."""
        assert threading.current_thread() is not threading.main_thread(), "NUKE hangs: this is the main thread"
        self._queue.put(call)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Nuke renders, or is in a callback; it does one thing at a time."""
        if self.busy:
            raise RuntimeError("I'm already executing something else")
        self.busy = True
        try:
            yield
        finally:
            self.busy = False

    def idle(self, until: Callable[[], bool], *, seconds: float = 500) -> None:
        """What the artist's Nuke does between two clicks, until something holds."""
        end = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < end, f"it does not come about; said: {self.messages} {self.lines}"
            try:
                self._queue.get(timeout=0.02)()
            except queue.Empty:
                continue


host = Host()
