"""What became of every task and every frame of a bundle, and who is told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..frames import format_frames
from ..news.dialects import frame_of, without_left
from ..news.progress import Watcher

__all__ = ["FarmReport", "Ledger", "TaskReport"]


@dataclass(frozen=True, kw_only=True)
class TaskReport:
    """One task that is through. `tries` counts how often it was begun, `reason` says why the last one failed."""

    step: str
    frames: str
    session: str
    seconds: float
    tries: int
    reason: str = ""


@dataclass(kw_only=True)
class FarmReport:
    """How a bundle went. `failed` has the reason for each frame that was not made, 0 standing for a step as a whole.

    `left` names steps that were not begun, because one before them failed.
    """

    bundle: str
    sessions: list[str]
    tasks: list[TaskReport] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    cancelled: bool = False
    seconds: float = 0.0

    def to_data(self) -> dict[str, Any]:
        """As plain data; see docs/farm.md."""
        return asdict(self) | {"seconds": round(self.seconds, 3), "done": format_frames(sorted(self.done))}


class Ledger:
    """Takes news from several sessions at once. A frame is told of once, when nothing more will happen to it."""

    def __init__(self, report: FarmReport, watcher: Watcher) -> None:
        self.report, self._watcher = report, watcher
        self._lock = threading.Lock()
        self._done = set[int]()
        self._reasons: dict[int, str] = {}
        self._last: int | None = None
        self.broken = set[str]()
        """Steps of which something failed."""

    def begin(self, title: str, frames: int) -> None:
        """A step begins; `frames` is 0 where it is one task."""
        self._done, self._reasons = set(), {}
        if frames:
            self._watcher.begin(frames, title)
        else:
            self._watcher.note(title)

    def note(self, text: str) -> None:
        """Something the user should know."""
        with self._lock:
            self._watcher.note(text)

    def heard(self, task_frames: Sequence[int], progress: float | None, status: str) -> None:
        """What the command of a task says of itself."""
        with self._lock:
            number, reason = frame_of(status)
            if not task_frames:
                # The share of a frame is heard before its status, with that of the frame before.
                if number is None or number != self._last:
                    self._watcher.share((progress or 0.0) / 100, without_left(status))
                self._last = number
                return
            if number is None or number not in task_frames:
                return
            if reason:
                self._reasons[number] = reason
            else:
                self._tell([number])

    def finished(self, task: TaskReport, frames: Sequence[int]) -> None:
        """A task went well: all of its frames are there."""
        with self._lock:
            self.report.tasks.append(task)
            self._tell(frames)

    def lost(self, task: TaskReport, frames: Sequence[int]) -> None:
        """A task will not be tried again; those of its frames that are there stay."""
        with self._lock:
            self.report.tasks.append(task)
            self.broken.add(task.step)
            if not frames:
                self.report.failed[0] = task.reason
                self._watcher.note(f"{task.step} failed: {task.reason}")
            for number in frames:
                if number not in self._done:
                    reason = self._reasons.get(number, task.reason)
                    self.report.failed[number] = reason
                    self._watcher.frame(number, failed=reason)

    def _tell(self, frames: Sequence[int]) -> None:
        for number in frames:
            if number not in self._done:
                self._done.add(number)
                self.report.done.append(number)
                self._watcher.frame(number)
