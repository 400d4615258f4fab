"""A job rendered for a host: progress to show, cancel, and a note of what was made; standard library only.

baked = bake(service, job, place, on_progress=show, cancelled=pressed)   # in this thread
baking = Baking(service, job, place).start()                             # or in its own: ask it now and then
while not baking.over: show(baking.progress)
baked = baking.result()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..client import Service
from ..errors import ServiceError
from .jobs import Job, numbers
from .places import Place, digests

__all__ = ["Baked", "Baking", "Progress", "bake", "preview"]


@dataclass(frozen=True)
class Progress:
    """How far a render is, and a line to show. `total` is 0 until that is known."""

    done: int = 0
    total: int = 0
    text: str = "Waiting for Replate"

    @property
    def fraction(self) -> float:
        """0 to 1."""
        return self.done / self.total if self.total else 0.0

    def after(self, news: Mapping[str, Any]) -> Progress:
        """The progress once the service has said this."""
        if news["type"] == "begin":
            return Progress(0, int(news["total"]), str(news["title"]))
        if news["type"] == "frame":
            done = self.done + 1
            return Progress(done, self.total, f"Frame {news['frame']}, {done} of {max(done, self.total)}")
        return Progress(self.done, self.total, str(news.get("text", self.text)))


@dataclass(frozen=True)
class Baked:
    """What came of a render: the pattern of its pictures, the frames that are there now, and remarks to show."""

    output: str
    frames: tuple[int, ...]
    notes: tuple[str, ...] = ()


OnProgress = Callable[[Progress], None]


def bake(
    service: Service,
    job: Job,
    place: Place,
    *,
    upstream: Mapping[str, str] | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Baked:
    """Render a job whose output is a result of `place`, and note what each frame was made from.

    Frames that are up to date are not made again. Raises ServiceError, one sentence: for what is wrong with the job,
    for the first frame that failed (the others are made), and with exit code 130 where the user cancelled. Frames that
    came through are noted all the same.
    """
    # Before, not after: what changes in between makes a frame old.
    wanted = digests(job, upstream=upstream)
    listener = _Listener(on_progress, place, job["output"], wanted)
    place.claim(job["output"], wanted)
    report = service.render(job, on_news=listener, cancelled=cancelled)
    there = (*numbers(report["skipped"]), *numbers(report["done"]))
    place.note(job["output"], {frame: wanted[frame] for frame in place.old(job["output"], wanted) if frame in there})
    if report["failed"]:
        raise ServiceError(f"frames {report['failed']} failed: {report['reason']}")
    return Baked(job["output"], tuple(sorted(there)), tuple(listener.notes))


def preview(
    service: Service,
    job: Job,
    place: Place,
    frame: int,
    *,
    viewer: str = "",
    upstream: Mapping[str, str] | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Baked:
    """One frame of a job to its output, before all renders; otherwise as `bake`."""
    wanted = digests(job, [frame], upstream=upstream)
    listener = _Listener(on_progress, place, job["output"], wanted)
    place.claim(job["output"], wanted)
    service.preview_to(job["output"], job, frame, viewer=viewer, on_news=listener, cancelled=cancelled)
    place.note(job["output"], wanted)
    return Baked(job["output"], (frame,), tuple(listener.notes))


class _Listener:
    """Takes what the service says in between."""

    def __init__(self, on_progress: OnProgress | None, place: Place, output: str, wanted: Mapping[int, str]) -> None:
        self.progress, self.notes = Progress(), list[str]()
        self._show, self._place, self._output, self._wanted = on_progress, place, output, wanted

    def __call__(self, news: Mapping[str, Any]) -> None:
        self.progress = self.progress.after(news)
        if news["type"] == "note":
            self.notes.append(str(news["text"]))
        if news["type"] == "frame" and not news.get("failed") and news["frame"] in self._wanted:
            self._place.note(self._output, {news["frame"]: self._wanted[news["frame"]]})
        if self._show is not None:
            self._show(self.progress)


class Baking:
    """`bake`, or with a `frame` its `preview`, in a thread of its own, for hosts that must go on drawing; any thread
    may look at it."""

    def __init__(
        self,
        service: Service,
        job: Job,
        place: Place,
        *,
        frame: int | None = None,
        upstream: Mapping[str, str] | None = None,
    ) -> None:
        self.progress = Progress()
        self._baked: Baked | None = None
        self._error: ServiceError | None = None
        self._cancel = threading.Event()
        given: dict[str, Any] = {"upstream": upstream, "on_progress": self._show, "cancelled": self._cancel.is_set}
        work = partial(bake if frame is None else partial(preview, frame=frame), service, job, place, **given)
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)

    def start(self) -> Baking:
        """Begin; returns itself."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Ask for its end; what is finished stays."""
        self._cancel.set()

    @property
    def over(self) -> bool:
        """Whether there is a result, or an error."""
        return not self._thread.is_alive() and (self._baked is not None or self._error is not None)

    def result(self) -> Baked:
        """What came of it, waited for; raises its ServiceError."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._baked is not None
        return self._baked

    def _show(self, progress: Progress) -> None:
        self.progress = progress

    def _run(self, work: Callable[[], Baked]) -> None:
        try:
            self._baked = work()
        except ServiceError as error:
            self._error = error
        except Exception as error:  # a host that waits for the end must see one
            self._error = ServiceError(
                f"Replate failed unexpectedly ({type(error).__name__}: {error}); please report it"
            )
