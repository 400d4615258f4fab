"""What is left to be done of a step, handed out to several sessions. Needs the extra `farm`."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openjd.model import StepParameterSpaceIterator

from ..frames import parse_openjd

__all__ = ["Task", "Tasks"]

_GROWTH = 2.0  # of one chunk over the one before, at most: the first ones are slow


@dataclass(eq=False, kw_only=True)
class Task:
    """One command of a step. `frames` are those of its chunk, none where the step has no chunks."""

    values: Mapping[str, Any]
    range: str = ""
    frames: tuple[int, ...] = ()
    tries: list[str] = field(default_factory=list)
    """Why it failed, each time that it did."""


class Tasks:
    """The tasks of one step, in order; one that failed comes once more, up to `again` times, when the others are out.

    Any thread may call.
    """

    def __init__(self, step: Any, *, again: int) -> None:
        self.again = again
        self._lock, self._failed = threading.Lock(), deque[Task]()
        self._space: StepParameterSpaceIterator | None = None
        self._name: str | None = None
        self._fresh: Iterator[Task] = iter([Task(values={})])
        if step.parameterSpace is not None:
            self._space = StepParameterSpaceIterator(space=step.parameterSpace)
            self._name = self._space.chunks_parameter_name
            self._fresh = map(self._task, self._space)
        self._seconds = _target(step, self._name)
        self.frames = _count(step) if self._name else 0
        """How many frames there are; 0 where the step is not made of chunks."""

    def take(self) -> Task | None:
        """The next one, None where none is left."""
        with self._lock:
            fresh = next(self._fresh, None)
            return fresh or (self._failed.popleft() if self._failed else None)

    def finished(self, task: Task, seconds: float) -> None:
        """A task went well; later chunks may be made larger or smaller to last as long as they are wanted to."""
        with self._lock:
            if self._space is not None and self._space.chunks_adaptive and task.frames:
                fitting = len(task.frames) * min(self._seconds / max(seconds, 1e-3), _GROWTH)
                self._space.chunks_default_task_count = max(1, int(fitting))

    def failed(self, task: Task, reason: str) -> bool:
        """A task went wrong; whether it will be tried again."""
        task.tries.append(reason)
        if len(task.tries) > self.again:
            return False
        with self._lock:
            self._failed.append(task)
        return True

    def _task(self, values: Mapping[str, Any]) -> Task:
        if self._name is None:
            return Task(values=values)
        range_ = str(values[self._name].value)
        return Task(values=values, range=range_, frames=parse_openjd(range_))


def _count(step: Any) -> int:
    """How many frames a chunked step has in all."""
    return len(StepParameterSpaceIterator(space=step.parameterSpace, chunks_task_count_override=1))


def _target(step: Any, name: str | None) -> float:
    """The seconds that a chunk should take, 0 where that is left open."""
    if name is None:
        return 0.0
    return float(step.parameterSpace.taskParameterDefinitions[name].chunks.targetRuntimeSeconds or 0)
