"""What the user sees while frames are made: a bar with ETA on a terminal, one line a frame elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Bar", "Lines", "Watcher", "watcher_for"]


class Watcher:
    """Told how a piece of work goes; this base class stays silent."""

    def begin(self, total: int, title: str) -> None:
        """Work on `total` frames starts."""

    def note(self, text: str) -> None:
        """Something the user should know: a reason, a fallback, a skipped frame."""

    def frame(self, number: int, *, failed: str = "") -> None:
        """Frame `number` is through; `failed` is the sentence if it went wrong."""

    def close(self) -> None:
        """No more news."""

    def __enter__(self) -> Watcher:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class Lines(Watcher):
    """One flushed line a frame, without colour or carriage returns, in words that farms listen for."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.done = self.total = 0
        self.started = time.monotonic()

    def begin(self, total: int, title: str) -> None:
        self.total, self.done, self.started = total, 0, time.monotonic()
        self._say(title)

    def note(self, text: str) -> None:
        self._say(text)

    def frame(self, number: int, *, failed: str = "") -> None:
        self.done += 1
        left = (time.monotonic() - self.started) / self.done * (self.total - self.done)
        state = f"failed: {failed}" if failed else "done"
        self._say(f"Progress: {100 * self.done // self.total}% frame {number} {state}, {_clock(left)} left")

    def _say(self, text: str) -> None:
        print(text, file=self.stream, flush=True)


class Bar(Watcher):
    """A bar with frame count and ETA (rich)."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.progress: Progress | None = None

    def begin(self, total: int, title: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self.close()  # a bar of an earlier view or clip
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=Console(file=self.stream))
        self.task = self.progress.add_task(title, total=total)
        self.progress.start()

    def note(self, text: str) -> None:
        if self.progress is None:
            print(text, file=self.stream, flush=True)
        else:
            self.progress.console.print(text, markup=False, highlight=False)

    def frame(self, number: int, *, failed: str = "") -> None:
        if failed:
            self.note(f"frame {number} failed: {failed}")
        if self.progress is not None:
            self.progress.advance(self.task)

    def close(self) -> None:
        if self.progress is not None:
            self.progress.stop()
            self.progress = None


def watcher_for(stream: TextIO | None = None) -> Watcher:
    """A bar on a terminal, lines elsewhere; news goes to standard output, where farms read it."""
    stream = stream or sys.stdout
    return Bar(stream) if stream.isatty() else Lines(stream)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
