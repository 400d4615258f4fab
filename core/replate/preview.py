"""One frame of a job, made as `render` makes it and kept in memory."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace

from .errors import InputError
from .eyes import per_view
from .frame import Frame
from .job import Job
from .news.progress import Watcher
from .picture.pictures import take
from .pipeline import flow
from .plan import Plan, prepare
from .render import stages
from .workshop import Workshop

__all__ = ["preview"]


def preview(
    job: Job,
    frame: int,
    *,
    watcher: Watcher | None = None,
    cancel: threading.Event | None = None,
    workshop: Workshop | None = None,
) -> Frame:
    """The picture that `render` would write for `frame`, before it is stored: R G B A in the plate's space.

    Of several views, layers or pictures it is the first that the job works on; a part that is one plain picture
    comes with its other channels. Nothing is written. Raises what `prepare` finds wrong and whatever is wrong with
    this frame, Cancelled, or MemoryLimitError.
    """
    job = next(iter(per_view(replace(job, frames=str(frame))).values()))
    with prepare(job, workshop=workshop) as plan:
        if not plan.frames:
            plate = plan.sources["plate"].path
            raise InputError(f"an input of {plate} lacks frame {frame}; choose another", frame=frame, path=plate)
        plan.check()
        return _shown(plan, _made(plan, frame, watcher or Watcher(), cancel))


def _made(plan: Plan, frame: int, watcher: Watcher, cancel: threading.Event | None) -> Frame:
    made = dict[int, Frame]()
    way = stages(plan, {frame: plan.fingerprint(frame)}, watcher, write=made.__setitem__)
    with closing(flow([frame], way, cancel=cancel)) as outcomes:  # its threads read from what is closed next
        for outcome in outcomes:
            if outcome.error:
                raise outcome.error
    return made[frame]


def _shown(plan: Plan, frame: Frame) -> Frame:
    """The first picture that was worked on; both eyes where they share it."""
    if not plan.sink.layered:
        return frame
    return take(frame, replace(plan.choice.of(frame.parts)[0], half=""))
