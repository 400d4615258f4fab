"""Work away from the widgets' thread, of which only the newest counts."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from ..errors import ServiceError

__all__ = ["Lane"]

Work = Callable[[], Any]
_CANCELLED = 130
_IDLE = 10.0  # seconds


class _Hands:
    """Threads that end when nobody has needed them for a while: to start one takes long on a busy machine."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._lock, self._idle = threading.Lock(), 0

    def do(self, work: Work) -> None:
        """Have it done, at once."""
        with self._lock:
            free = self._idle > 0
            self._idle -= free
        if free:
            self._work.put(work)
        else:
            threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, first: Work) -> None:
        work: Work | None = first
        while work is not None:
            work()
            with self._lock:
                self._idle += 1
            work = self._next()

    def _next(self) -> Work | None:
        try:
            return self._work.get(timeout=_IDLE)
        except queue.Empty:
            with self._lock:
                if self._idle > 0:  # else somebody counts on this thread
                    self._idle -= 1
                    return None
            return self._work.get()


_HANDS = _Hands()


class Lane(QObject):
    """Does `work` in threads of its own. While `wide` pieces are at it, one more waits: the newest.

    `done` carries the token and what came of it; `failed` the token and a ServiceError. Work that was cancelled, or was
    overtaken by something newer that is done already, is not told of.
    """

    done = Signal(object, object)
    failed = Signal(object, object)
    _over = Signal(int, object, object, object)

    def __init__(self, parent: QObject | None = None, *, wide: int = 2, ordered: bool = False) -> None:
        super().__init__(parent)
        self._wide, self._ordered = wide, ordered
        self._count, self._told, self._running = 0, 0, 0
        self._waiting: list[tuple[int, object, Work]] = []
        self._over.connect(self._hear)

    @property
    def busy(self) -> bool:
        """Whether anything is at work or waits."""
        return self._running > 0 or bool(self._waiting)

    def ask(self, token: object, work: Work) -> None:
        """Have it done. An `ordered` lane does everything in turn, others skip what is overtaken."""
        self._count += 1
        kept = self._waiting if self._ordered else []
        self._waiting = [*kept, (self._count, token, work)]
        self._begin()

    def forget(self) -> None:
        """Nothing that was asked for is of interest any more."""
        self._waiting.clear()
        self._told = self._count

    def _begin(self) -> None:
        while self._waiting and self._running < self._wide:
            number, token, work = self._waiting.pop(0)
            self._running += 1
            _HANDS.do(partial(self._work, number, token, work))

    def _work(self, number: int, token: object, work: Work) -> None:
        result, error = None, None
        try:
            result = work()
        except ServiceError as problem:
            error = problem
        except Exception as problem:  # a thread's death would be silence
            error = ServiceError(
                f"the panel failed unexpectedly ({type(problem).__name__}: {problem}); please report it"
            )
        try:
            self._over.emit(number, token, result, error)
        except RuntimeError:  # the panel was closed meanwhile
            return

    def _hear(self, number: int, token: object, result: object, error: ServiceError | None) -> None:
        self._running -= 1
        if number > self._told and not (error and error.exit_code == _CANCELLED):
            self._told = number if not self._ordered else self._told
            if error is None:
                self.done.emit(token, result)
            else:
                self.failed.emit(token, error)
        self._begin()
