"""How far a training is: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

__all__ = ["Meter"]


class Meter(AbstractContextManager["Meter"]):
    """Shows a share of work done; lines appear at most every `interval` seconds. One that does not speak shows
    nothing."""

    def __init__(
        self, title: str, *, console: Console | None = None, interval: float = 10.0, speaks: bool = True
    ) -> None:
        self.console = console or Console(quiet=not speaks)
        self._interval = interval
        self._first: tuple[float, float] | None = None
        self._last = 0.0
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self.console, disable=not self.console.is_terminal)
        self._task = self._bar.add_task(title, total=1.0)

    def __enter__(self) -> Meter:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def update(self, done: float, text: str) -> None:
        """Say that the share `done` (0..1) of the work is behind us."""
        self._bar.update(self._task, completed=done, description=text)
        now = time.monotonic()
        self._first = self._first or (now, done)
        if not self.console.is_terminal and (done >= 1 or now - self._last >= self._interval):
            self._last = now
            self.console.print(f"Progress: {100 * done:.1f}%  {text}  {self._left(now, done)}", soft_wrap=True)

    def say(self, text: str) -> None:
        """A line of its own."""
        self.console.print(text, soft_wrap=True, markup=False)

    def _left(self, now: float, done: float) -> str:
        assert self._first is not None
        start, before = self._first
        if done <= before:
            return "time left unknown"
        seconds = (now - start) * (1 - done) / (done - before)
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s left"
