"""What clients have computed: renders and previews, by the functions that the command line calls.

What is heavy is imported in the worker's thread, so that a service answers before it has loaded that.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..frames import format_frames
from ..job import Job
from ..news.progress import Watcher
from .pictures import Pictures
from .wire import Message

if TYPE_CHECKING:
    from ..news.report import Report
    from .warm import Bench

__all__ = ["Glance", "Preview", "Render", "Task"]

Tell = Callable[[Message], None]


@dataclass(eq=False, kw_only=True)
class Task(ABC):
    """One request for pictures. `client` and `viewer` say whose it is; `tell` sends a message there, from any thread.

    `cancel` ends it between two frames.
    """

    id: int
    job: Job
    client: object
    tell: Tell
    viewer: str = ""
    cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def colour(self) -> tuple[str, str, int]:
        """The colour configuration, as it is now, and display: one of each counts for the whole process at a time."""
        ocio = self.job.option("ocio")
        edited = Path(ocio).stat().st_mtime_ns if Path(ocio).is_file() else 0
        return ocio, self.job.option("display"), edited

    @abstractmethod
    def work(self, bench: Bench) -> Message:
        """Do it; what the client is told at the end. Raises ReplateError."""

    def say(self, type: str, **facts: Any) -> None:
        """Tell the client something of this task."""
        self.tell({"type": type, "id": self.id, **facts})


class Render(Task):
    """A whole job, frame by frame to its output."""

    def work(self, bench: Bench) -> Message:
        """Every frame that is not done yet."""
        from ..render import render

        watcher = _Teller(self, bench)
        return _summary(render(self.job, watcher=watcher, cancel=self.cancel, workshop=bench.generators))


class Glance(Task):
    """What somebody sits before and waits for: it goes before renders, and a newer one takes its place."""


@dataclass(eq=False, kw_only=True)
class Preview(Glance):
    """One frame: as pixels that the client can read, `width` wide where the plate is wider, or with an `output` as a
    file."""

    frame: int
    pictures: Pictures
    channels: Sequence[str] = ()
    layers: Sequence[str] = ()
    space: str = ""
    output: str = ""
    width: int = 0

    def work(self, bench: Bench) -> Message:
        """The frame, where it is wanted."""
        return self._written(bench) if self.output else self._shared(bench)

    def _shared(self, bench: Bench) -> Message:
        from ..preview import preview
        from .pixels import place, shown
        from .width import at_width

        job, workshop = at_width(self.job, self.width, bench)
        made = preview(job, self.frame, watcher=_Teller(self), cancel=self.cancel, workshop=workshop)
        return place(shown(made, space=self.space), self.pictures, channels=self.channels, layers=self.layers)

    def _written(self, bench: Bench) -> Message:
        from ..render import render

        job = replace(self.job, output=self.output, frames=str(self.frame))
        report = render(job, watcher=_Teller(self), cancel=self.cancel, workshop=bench.previews)
        for error in report.failed.values():
            raise error
        return _summary(report)


class _Teller(Watcher):
    """News for the client; between two frames of a render others have their turn."""

    def __init__(self, task: Task, bench: Bench | None = None) -> None:
        self.task, self.bench = task, bench

    def planned(self, facts: Mapping[str, Any]) -> None:
        self.task.say("planned", **facts)

    def begin(self, total: int, title: str) -> None:
        self.task.say("begin", total=total, title=title)

    def note(self, text: str) -> None:
        self.task.say("note", text=text)

    def fallback(self, text: str) -> None:
        self.task.say("note", text=text, fallback=True)

    def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
        self.task.say("frame", frame=number, failed=failed, seconds=dict(seconds or {}))
        if self.bench is not None:
            self.bench.between()

    def spent(self, facts: Mapping[str, Any]) -> None:
        self.task.say("spent", **facts)


def _summary(report: Report) -> Message:
    failed = list(report.failed)
    return {
        "output": report.output,
        "device": report.device,
        "done": format_frames(report.done),
        "skipped": format_frames(report.skipped),
        "failed": format_frames(failed),
        "reason": str(report.failed[failed[0]]) if failed else "",
        "seconds": report.seconds,
    }
