"""A job rendered by a service, as if it were rendered here: the same news, the same report, the same errors."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..errors import CANCELLED, Cancelled, ReplateError, from_facts
from ..frames import parse_frames
from ..job import Job
from ..news.progress import Watcher
from ..news.report import Report
from .calling import Call, Gone
from .detached import start
from .wire import Message

__all__ = ["render_by"]

_PARTING = 60.0  # seconds for a frame to come to its end after a job was cancelled


def render_by(folder: Path, job: Job, *, watcher: Watcher, cancel: threading.Event) -> Report:
    """Have the service in `folder` render `job`, as `render.render` would.

    A service that does not answer, or ends in the middle, is started again once; where that does not help, the job is
    rendered in this process. Frames that are done by then are recognised by the record beside them.
    """
    errand = _Errand(job, watcher, cancel)
    try:
        return errand.run(folder)
    except Gone as why:
        watcher.fallback(f"the service in {folder} is started again: {why}")
    try:
        start(folder, cancel=cancel)
        return errand.run(folder)
    except Gone as why:
        watcher.fallback(f"rendered in a process of its own, without the service in {folder}: {why}")
    from ..render import render

    return errand.joined(render(job, watcher=watcher, cancel=cancel))


class _Errand:
    """A job on its way to a service and what became of it, over one connection or several."""

    def __init__(self, job: Job, watcher: Watcher, cancel: threading.Event) -> None:
        self.job, self.watcher, self.cancel = job, watcher, cancel
        self._output = ""
        self._done: dict[tuple[str, int], None] = {}  # by output: each view has one
        self._failed: dict[int, ReplateError] = {}

    def run(self, folder: Path) -> Report:
        """Have it rendered. Raises Gone where the service ends first, Cancelled, or what was wrong with the job."""
        with Call(folder, client=f"replate render {os.getpid()}") as call:
            number = call.ask("render", job=json.loads(self.job.to_json()), **_surroundings())
            answer = self._follow(call, number)
        skipped = list(parse_frames(answer["skipped"])) if answer["skipped"] else []
        return self.joined(
            Report(output=answer["output"], device=answer["device"], skipped=skipped, seconds=answer["seconds"])
        )

    def joined(self, report: Report) -> Report:
        """The report of the last part with the frames that came through before it."""
        before = [number for _, number in self._done]
        return replace(
            report,
            done=[*before, *report.done],
            skipped=[frame for frame in report.skipped if frame not in before],
            failed={n: error for n, error in self._failed.items() if n not in report.done} | report.failed,
        )

    def _follow(self, call: Call, number: int) -> Message:
        until = math.inf
        while True:
            if self.cancel.is_set() and until == math.inf:
                call.ask("cancel", which=number)
                self.watcher.note("cancelled: the frame that is in work comes to its end first")
                until = time.monotonic() + _PARTING
            try:
                message = call.hear()
            except Gone as gone:
                raise _cancelled() if self.cancel.is_set() else gone from None
            if message is None and time.monotonic() > until:
                raise _cancelled()
            if message is not None and message.get("id") == number:
                if message["type"] == "failed":
                    raise from_facts(message)
                if message["type"] == "done":
                    return message
                self._tell(message)

    def _tell(self, news: Message) -> None:
        """News of the service in this process's words."""
        facts = {name: value for name, value in news.items() if name not in ("type", "id")}
        match news["type"]:
            case "queued" if news["ahead"]:
                self.watcher.note(f"{news['ahead']} renders come first")
            case "planned":
                self._output = facts["output"]
                self.watcher.planned(facts)
            case "begin":
                self.watcher.begin(news["total"], news["title"])
            case "note":
                (self.watcher.fallback if news.get("fallback") else self.watcher.note)(news["text"])
            case "frame":
                self._frame(news["frame"], news["failed"])
                self.watcher.frame(news["frame"], failed=news["failed"], seconds=news.get("seconds"))
            case "spent":
                self.watcher.spent(facts)

    def _frame(self, number: int, failed: str) -> None:
        if failed:
            self._failed[number] = ReplateError(failed, frame=number)
        else:
            self._failed.pop(number, None)
            self._done[self._output, number] = None


def _surroundings() -> Mapping[str, str]:
    """What this process's environment says: where relative paths begin, where generators are, which colours count."""
    return {
        "folder": str(Path.cwd()),
        "generators": os.environ.get("REPLATE_GENERATORS", ""),
        "ocio": os.environ.get("OCIO", ""),
    }


def _cancelled() -> Cancelled:
    return Cancelled(CANCELLED)
