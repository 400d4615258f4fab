"""The queue, and what computes: one thread, the main one.

One thread, because there is one colour configuration in a process and because two networks on one device are slower
than one after the other. Renders wait for each other; previews go first, and between two frames of a render.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from ..errors import Cancelled, MemoryLimitError, as_sentence, to_facts
from ..memory import check_room_for_libraries
from .tasks import Glance, Task

if TYPE_CHECKING:
    from .warm import Bench

__all__ = ["Worker"]

log = logging.getLogger(__name__)
_REPLACED = "a newer preview took the place of this one"
_NOT_BEGUN = "cancelled before it began"


class Worker:
    """Does tasks in turn, in the thread that calls `work`; the other methods are for any. Each is answered once."""

    def __init__(self, *, on_rest: Callable[[], None] = lambda: None) -> None:
        self.bench: Bench | None = None
        self.running = list[Task]()
        self._on_rest, self._stopped = on_rest, False
        self._previews, self._renders = deque[Task](), deque[Task]()
        self._changed = threading.Condition()
        logging.getLogger("replate").addHandler(_Notes(self.running))
        self._ended = threading.Event()

    def work(self) -> None:
        """Do what is asked for, until `stop`."""
        with suppress(Exception):  # said to whoever asks for something
            self._ready()
        while (task := self._next()) is not None:
            self._do(task)
            if not self.busy:
                self._on_rest()
        self._ended.set()

    @property
    def waiting(self) -> int:
        """How many tasks have not begun."""
        return len(self._previews) + len(self._renders)

    @property
    def busy(self) -> bool:
        """Whether anything is done or waited for."""
        return bool(self.running) or self.waiting > 0

    def submit(self, task: Task) -> None:
        """Queue a task. One that a viewer waits for takes the place of its last one."""
        with self._changed:
            if isinstance(task, Glance):
                self._replace(task)
                self._previews.append(task)
            else:
                ahead = [each for each in (*self.running, *self._renders) if not isinstance(each, Glance)]
                task.say("queued", ahead=len(ahead))
                self._renders.append(task)
            self._changed.notify()

    def cancel(self, client: object, number: int | None = None) -> None:
        """End one task of a client, or all of them."""
        with self._changed:
            for task in (*self._previews, *self._renders, *self.running):
                if task.client is client and number in (None, task.id):
                    self._end(task, _NOT_BEGUN)

    def stop(self, *, seconds: float) -> bool:
        """End everything; False where `work` is still at a frame after so many seconds."""
        with self._changed:
            self._stopped = True
            for task in (*self._previews, *self._renders, *self.running):
                self._end(task, "the service was stopped")
            self._changed.notify()
        return self._ended.wait(seconds)

    def _replace(self, newer: Glance) -> None:
        for task in (*self._previews, *self.running):
            if (task.client, task.viewer, type(task)) == (newer.client, newer.viewer, type(newer)):
                self._end(task, _REPLACED)

    def _end(self, task: Task, why: str) -> None:
        task.cancel.set()
        for queue in (self._previews, self._renders):
            if task in queue:
                queue.remove(task)
                task.say("failed", **to_facts(Cancelled(why)))

    def _ready(self) -> Bench:
        """What pictures are made with; loading it takes longer than all else."""
        check_room_for_libraries()
        from .warm import Bench

        self.bench = self.bench or Bench()
        return self.bench

    def _next(self) -> Task | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self.waiting)
            if self._stopped:
                return None
            task = (self._previews or self._renders).popleft()
            self.running.append(task)
            return task

    def _do(self, task: Task) -> None:
        """One task from beginning to end, whatever happens in it."""
        try:
            bench = self._ready()
            if self.running == [task]:  # not in the middle of another
                bench.settle(task.job.option("ocio"))
                bench.between = partial(self._between, task.colour)
            answer = {"type": "done", **task.work(bench)}
        except BaseException as error:
            log.info("%s %d failed", type(task).__name__, task.id, exc_info=error)
            answer = {"type": "failed", **to_facts(as_sentence(error))}
            if self.bench and isinstance(as_sentence(error), MemoryLimitError):
                self.bench.forget()
        with self._changed:
            self.running.remove(task)
        task.say(**answer)

    def _between(self, colour: object) -> None:
        """Previews that a render can be interrupted for: those that see colour as it does."""
        while True:
            with self._changed:
                task = next((each for each in self._previews if each.colour == colour), None)
                if task is None or self._stopped:
                    return
                self._previews.remove(task)
                self.running.append(task)
            self._do(task)


class _Notes(logging.Handler):
    """What the command line would print as a warning is a note to the client whose task is being done."""

    def __init__(self, running: Sequence[Task]) -> None:
        super().__init__(logging.WARNING)
        self._running = running

    def emit(self, record: logging.LogRecord) -> None:
        for task in self._running[-1:]:
            if not record.name.startswith("replate.service"):
                task.say("note", text=record.getMessage())
