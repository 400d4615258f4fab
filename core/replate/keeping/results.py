"""Where a plan's frames go: which are there already, who makes which, and what is done with each."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import CANCELLED, Cancelled, UsageError
from ..frames import count_frames
from ..news.progress import Watcher
from ..news.report import Report
from ..pipeline import Outcome, Stages
from ..plan import Plan
from .manifest import State
from .sharing import Sharing

__all__ = ["Results"]

_A_MOMENT = 0.1  # seconds between two looks at what other processes are making


class Results:
    """The files of a sequence, or a still; other processes may be making some of them.

    `prints` holds the fingerprint of every frame of the plan.
    """

    def __init__(self, plan: Plan, prints: Mapping[int, str], report: Report, watcher: Watcher) -> None:
        self.plan, self.prints, self.report, self.watcher = plan, prints, report, watcher
        self.sharing = Sharing(Path(plan.sink.name), prints)
        self._others: list[int] = []  # frames that other processes are making

    def todo(self) -> list[int]:
        """The frames that are not done yet."""
        states = {frame: self._state(frame) for frame in self.plan.frames}
        self._refuse_foreign([self.plan.sink.target(frame) for frame, state in states.items() if state == "foreign"])
        if self.plan.job.option("overwrite"):
            return list(self.plan.frames)
        return self._not_done(states)

    def count(self, todo: Sequence[int]) -> int:
        """How many of `todo` are news to the user, one by one."""
        return len(todo)

    def rounds(self, todo: Sequence[int], cancel: threading.Event | None) -> Iterator[Iterator[int]]:
        """The frames of `todo` as this process gets hold of them: first all that nobody makes, then what is left over.

        A frame that is taken is this process's until `settle`. Raises Cancelled while waiting for others.
        """
        left: Sequence[int] = todo
        while left:
            self._others = []
            yield self._taken(left)
            if self._others and left is todo:  # the first round
                self.watcher.note("another process is at work here, too; what it makes is left to it and waited for")
            left = self._others
            if left and (cancel or threading.Event()).wait(_A_MOMENT):
                raise Cancelled(CANCELLED)

    def stages(self, stages: Stages) -> Stages:
        """What a frame goes through here."""
        return stages

    def write(self, frame: int, made: Any) -> None:
        """Put a frame in place; called from the writer's thread."""
        key, manifest = str(frame), self.plan.manifest
        manifest.claim(key)
        self.plan.sink.write(made)
        manifest.record(key, self.plan.sink.target(frame), self.prints[frame])

    def settle(self, outcome: Outcome, seconds: Mapping[str, float]) -> None:
        """Note how a frame went, and the `seconds` of each stage; others may then have it."""
        self.sharing.let_go(outcome.frame)
        if outcome.error is None:
            self.report.done.append(outcome.frame)
        else:
            self.report.failed[outcome.frame] = outcome.error
        self.watcher.frame(outcome.frame, failed=str(outcome.error or ""), seconds=seconds)

    def finish(self) -> None:
        """All frames are through."""
        self.plan.sink.close()

    def tidy(self) -> None:
        """Nothing is to be done: what a kill has left is removed."""
        self.sharing.tidy()

    def _state(self, frame: int) -> State:
        return self.plan.manifest.state(str(frame), self.plan.sink.target(frame), self.prints[frame])

    def _not_done(self, states: Mapping[int, State]) -> list[int]:
        """What is left to be made, and what the user should know of the rest."""
        self.report.skipped = [frame for frame, state in states.items() if state == "done"]
        stale = sum(state == "stale" for state in states.values())
        if self.report.skipped:
            done = len(self.report.skipped)
            self.watcher.note(f"already done with these settings: {done} of {count_frames(len(states))}")
        if stale:
            self.watcher.note(f"rendered again, because made with other settings: {count_frames(stale)}")
        return [frame for frame, state in states.items() if state != "done"]

    def _refuse_foreign(self, targets: Sequence[Path]) -> None:
        """Somebody else's picture is not ours to replace unless the user says so."""
        if targets and not self.plan.job.option("overwrite"):
            raise UsageError(
                f"{targets[0]} exists and was not made by this job; add --overwrite to replace it or name another "
                "output",
                path=targets[0],
            )

    def _taken(self, frames: Sequence[int]) -> Iterator[int]:
        for frame in frames:
            if not self.sharing.take(frame):
                self._others.append(frame)
            elif self._is_made(frame):
                self.sharing.let_go(frame)
                self.report.skipped.append(frame)
                self.watcher.frame(frame)
            else:
                yield frame

    def _is_made(self, frame: int) -> bool:
        """Whether another process has made it since this one began."""
        manifest, key = self.plan.manifest, str(frame)
        state = manifest.state_now(key, self.plan.sink.target(frame), self.prints[frame])
        return state == "done" and key in manifest.news
