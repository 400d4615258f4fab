"""In which words progress is told: a bar with ETA on a terminal, one flushed line a frame elsewhere.

Farms read what a job prints, line by line. So every line is flushed, has neither colour nor carriage returns, and
begins with a farm's word only where that is meant: paths and messages are the user's and may hold anything.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

from .. import __version__
from ..errors import ReplateError
from .progress import Watcher, one_line

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["DIALECTS", "Bar", "Json", "Lines", "Words", "frame_of", "without_left"]

FORMAT = 1  # of `json`; raised when a reader of the one before could no longer follow
_EVERY = 10.0  # seconds between two lines about work that is not counted in frames
_LISTENED_FOR = ("openjd_", "ALF_PROGRESS", "Progress:")
_LEFT = re.compile(r", \d+:\d\d left$")
_FRAME = re.compile(r"frame (?P<number>-?\d+) (?:done|failed: (?P<failed>.*))")
_ERROR = re.compile("(error):", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Lines that a farm listens for: `progress` with {percent} (0..100), {whole} and {status}, `fail` with {text}.

    Open Job Description: <openjd_progress>, <openjd_status> and <openjd_fail> of the 2023-09 specification; Tractor's
    `ALF_PROGRESS` is understood by Deadline, OpenCue and Afanasy, too.
    """

    progress: str
    fail: str = ""


WORDS = {
    "plain": Words(progress="Progress: {whole}% {status}"),
    "openjd": Words(progress="openjd_progress: {percent:.1f}\nopenjd_status: {status}", fail="openjd_fail: {text}"),
    "alfred": Words(progress="ALF_PROGRESS {whole}%"),
    "deadline": Words(progress="Progress: {whole}%"),
}


class Pace:
    """How far the work is, and how long the rest takes at the speed so far."""

    def __init__(self, total: int = 0, *, done: float = 0.0) -> None:
        self.total, self.count = total, 0
        self._began, self._before = time.monotonic(), done

    def step(self) -> float:
        """One frame more; the share that is done."""
        self.count += 1
        return self.count / max(self.count, self.total)

    @classmethod
    def of_share(cls, pace: Pace | None, done: float) -> Pace:
        """For work that is not counted in frames: `pace`, unless that is of frames; `done` is behind us already."""
        return cls(done=done) if pace is None or pace.total else pace

    def left(self, done: float) -> float | None:
        """Seconds for what is not done, where that can be told."""
        if done <= self._before:
            return None
        return (time.monotonic() - self._began) * (1 - done) / (done - self._before)


class Lines(Watcher):
    """One flushed line a frame, in the words of one farm. `quiet` leaves out notes."""

    def __init__(self, stream: TextIO, words: Words = WORDS["plain"], *, quiet: bool = False) -> None:
        self.stream, self.words, self.quiet = stream, words, quiet
        self._pace: Pace | None = None
        self._told = -math.inf

    def begin(self, total: int, title: str) -> None:
        self._pace = Pace(total)
        self.note(title)

    def note(self, text: str) -> None:
        if not self.quiet:
            self._say(text)

    def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
        self._pace = self._pace or Pace()
        state = f"frame {number} failed: {failed}" if failed else f"frame {number} done"  # `frame_of` reads it
        if failed and "{status}" not in self.words.progress:
            self._say(state)
        self._progress(self._pace, self._pace.step(), state)

    def share(self, done: float, text: str) -> None:
        self._pace = Pace.of_share(self._pace, done)
        if done >= 1 or time.monotonic() - self._told >= _EVERY:
            self._told = time.monotonic()
            self._progress(self._pace, done, text)

    def fail(self, error: ReplateError) -> None:
        if self.words.fail:
            self._print(self.words.fail.format(text=error))

    def _progress(self, pace: Pace, done: float, text: str) -> None:
        left = pace.left(done)
        status = _harmless(text) + ("" if left is None else f", {_clock(left)} left")
        percent = 100 * done
        self._print(self.words.progress.format(percent=percent, whole=math.floor(percent + 1e-9), status=status))

    def _say(self, text: str) -> None:
        """A line that no farm takes for one of its words."""
        text = _harmless(text)
        self._print(f"note: {text}" if text.startswith(_LISTENED_FOR) else text)

    def _print(self, lines: str) -> None:
        print(lines, file=self.stream, flush=True)


class Json(Watcher):
    """One object a line, for programs: its `type` is planned, begin, note, frame, progress, spent or fail."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self.stream, self.quiet = stream, quiet
        self._pace: Pace | None = None

    def planned(self, facts: Mapping[str, Any]) -> None:
        self._say("planned", **facts)

    def spent(self, facts: Mapping[str, Any]) -> None:
        self._say("spent", **facts)

    def begin(self, total: int, title: str) -> None:
        self._pace = Pace(total)
        self._say("begin", format=FORMAT, version=__version__, total=total, title=_harmless(title))

    def note(self, text: str) -> None:
        if not self.quiet:
            self._say("note", text=_harmless(text))

    def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
        self._pace = self._pace or Pace()
        facts = {"frame": number, "failed": _harmless(failed), "seconds": dict(seconds or {})}
        self._say("frame", **facts, **self._so_far(self._pace, self._pace.step()))

    def share(self, done: float, text: str) -> None:
        self._pace = Pace.of_share(self._pace, done)
        self._say("progress", text=_harmless(text), **self._so_far(self._pace, done))

    def fail(self, error: ReplateError) -> None:
        self._say("fail", text=str(error), exit_code=error.exit_code, frame=error.frame, path=error.path)

    @staticmethod
    def _so_far(pace: Pace, done: float) -> dict[str, float | None]:
        left = pace.left(done)
        return {"percent": round(100 * done, 2), "seconds_left": None if left is None else round(left, 1)}

    def _say(self, type: str, **facts: Any) -> None:
        print(json.dumps({"type": type, **facts}), file=self.stream, flush=True)


class Bar(Watcher):
    """A bar with frame count and ETA (rich)."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self.stream, self.quiet = stream, quiet
        self.progress: Progress | None = None
        self._counts = False

    def begin(self, total: int, title: str) -> None:
        from rich.progress import MofNCompleteColumn

        self._counts = True
        self._start(total, title, MofNCompleteColumn())

    def note(self, text: str) -> None:
        if not self.quiet:
            self._say(text)

    def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
        if failed:
            self._say(f"frame {number} failed: {failed}")
        if self.progress is not None:
            self.progress.advance(self.task)

    def share(self, done: float, text: str) -> None:
        from rich.progress import TaskProgressColumn

        if self.progress is None or self._counts:
            self._counts = False
            self._start(1, text, TaskProgressColumn())
        assert self.progress is not None
        self.progress.update(self.task, completed=done, description=one_line(text))

    def close(self) -> None:
        if self.progress is not None:
            self.progress.stop()
            self.progress = None

    def _start(self, total: int, title: str, count: Any) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.close()  # a bar of an earlier view or clip
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), count, TimeRemainingColumn())
        self.progress = Progress(*columns, console=Console(file=self.stream), speed_estimate_period=math.inf)
        self.task = self.progress.add_task(one_line(title), total=total)
        self.progress.advance(self.task, 0)  # else the time left were known after two frames, or never for slow ones
        self.progress.start()

    def _say(self, text: str) -> None:
        if self.progress is None:
            print(one_line(text), file=self.stream, flush=True)
        else:
            self.progress.console.print(one_line(text), markup=False, highlight=False)


DIALECTS: dict[str, Callable[..., Watcher]] = {
    "bar": Bar,
    **{name: partial(Lines, words=words) for name, words in WORDS.items()},
    "json": Json,
}
"""By the name that `--progress` has for it."""


def frame_of(status: str) -> tuple[int | None, str]:
    """Number and failure of the frame that a status of `openjd` tells of, None for one that tells of none."""
    found = _FRAME.fullmatch(without_left(status))
    return (int(found["number"]), found["failed"] or "") if found else (None, "")


def without_left(status: str) -> str:
    """A status without the time that is left, for whoever has a better estimate."""
    return _LEFT.sub("", status)


def _harmless(text: str) -> str:
    """One line that a farm does not take for the end of the job: many stop at `Error:`."""
    return _ERROR.sub(r"\1 -", one_line(text))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
