"""Read, infer, write: three stages side by side, with bounded queues between them.

Reading and writing release the interpreter lock inside their libraries, so while the generator works on frame n, frame
n+1 is decoded and frame n-1 is compressed. At most `depth` frames wait on either side, and fewer where they are large:
memory grows neither with the length of the shot nor, beyond the frame itself, with the size of its frames.
"""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from .errors import CANCELLED, Cancelled, MemoryLimitError, ReplateError, was_memory
from .memory import need, share
from .room import Room

__all__ = ["Outcome", "Stages", "flow"]


_MOST = 5 * 2**28  # two frames of 8192 x 4320 in RGBA float
_LEFT = 2**25  # bytes for what is small: where that finds none, libraries end the process


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The three functions of a render. `read` and `write` run in their own threads, `infer` in the caller's.

    `size` tells how many bytes something takes that `read` or `infer` returned. `spare` is called, in the caller's
    thread, when memory ran out at a frame; that is then made once more with no frame around, except where it was being
    written and the output is `ordered`, whose frames cannot be written twice.
    """

    read: Callable[[int], Any]
    infer: Callable[[int, Any], Any]
    write: Callable[[int, Any], None]
    size: Callable[[Any], int] = lambda _: 0
    spare: Callable[[int], None] = lambda _: None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One frame that is through: finished, or failed with `error`."""

    frame: int
    error: ReplateError | None = None


def flow(
    frames: Iterable[int],
    stages: Stages,
    *,
    depth: int = 2,
    room: int | None = None,
    cancel: threading.Event | None = None,
) -> Generator[Outcome, None, None]:
    """Yield an Outcome a frame, in the order of `frames`; a frame that fails does not stop the others.

    `room` is how many bytes all frames from reading to writing may take, by default a share of the memory at hand; a
    frame that is larger goes through alone. Raises Cancelled once `cancel` is set (frames already being written are
    finished first) and MemoryLimitError, after which no further frame could succeed.
    """
    cancel = cancel or threading.Event()
    pending = iter(frames)
    with _Line(stages, share(_MOST) if room is None else room) as line:
        reads: deque[tuple[int, Future[Any]]] = deque()
        writes: deque[tuple[int, Future[None]]] = deque()
        while _refill(reads, pending, line, depth) or writes:
            if cancel.is_set():
                raise Cancelled(CANCELLED)
            if reads:
                frame, write = reads[0][0], line.infer(*reads.popleft())
                if write is None:
                    pending = chain(line.alone(frame, reads), pending)
                else:
                    writes.append((frame, write))
            while writes and (not reads or len(writes) > depth or _is_first(writes[0][1], reads[0][1])):
                frame, written = writes.popleft()
                error = written.exception()
                if error is not None and not stages.ordered and line.may_do_better(error):
                    pending = chain(line.alone(frame, reads), pending)
                else:
                    yield _settle(frame, error)


def _refill(reads: deque[tuple[int, Future[Any]]], pending: Iterator[int], line: _Line, depth: int) -> bool:
    """Keep `depth` frames on their way in; False when nothing is left to read."""
    while len(reads) < depth and (frame := next(pending, None)) is not None:
        reads.append((frame, line.read(frame)))
    return bool(reads)


def _is_first(write: Future[None], read: Future[Any]) -> bool:
    """Whether a frame is written by the time the next one can be inferred."""
    wait((write, read), return_when=FIRST_COMPLETED)
    return write.done()


class _Line:
    """The stages with a thread each for reading and writing, and the room that frames take on their way through."""

    def __init__(self, stages: Stages, room: int) -> None:
        self.stages, self.room = stages, Room(room)
        self.reader, self.writer = ThreadPoolExecutor(1, "read"), ThreadPoolExecutor(1, "write")
        for thread in (self.reader, self.writer):
            thread.submit(int)  # starts it now: later there may be no memory for it

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.room.close()
        self.reader.shutdown(cancel_futures=True)
        self.writer.shutdown()

    def read(self, frame: int) -> Future[Any]:
        """Have a frame read as soon as there is room for it."""
        return self.reader.submit(self._read, frame)

    def infer(self, frame: int, read: Future[Any]) -> Future[None] | None:
        """Infer one frame and hand it to the writer; a failure travels in the returned future.

        None where memory ran out and the frame may do better alone.
        """
        try:
            need(_LEFT)
            result = self.stages.infer(frame, read.result())
            self.room.measure(self.stages.size(result))
            return self.writer.submit(self._write, frame, result)
        except Exception as error:
            self.room.leave(frame)
            if self.may_do_better(error):
                return None
            failed: Future[None] = Future()
            failed.set_exception(error)
            return failed

    def may_do_better(self, error: BaseException) -> bool:
        """Whether a frame failed because memory ran out, and had others around it."""
        return self.room.most > 0 and was_memory(error)

    def alone(self, frame: int, ahead: deque[tuple[int, Future[Any]]]) -> list[int]:
        """Let one frame through at a time from now on; those to read again, as nothing is kept of them."""
        self.room.most = 0
        numbers = [frame]
        while ahead:
            number, read = ahead.popleft()
            numbers.append(number)
            if not read.cancel():
                read.add_done_callback(partial(self._forget, number))
        self.stages.spare(frame)
        return numbers

    def _forget(self, frame: int, _: Future[Any]) -> None:
        self.room.leave(frame)

    def _read(self, frame: int) -> Any:
        self.room.enter(frame)
        need(_LEFT)
        found = self.stages.read(frame)
        self.room.measure(self.stages.size(found))
        return found

    def _write(self, frame: int, result: Any) -> None:
        try:
            need(_LEFT)
            self.stages.write(frame, result)
        finally:
            self.room.leave(frame)


def _settle(frame: int, error: BaseException | None) -> Outcome:
    if error is None:
        return Outcome(frame)
    _let_go(error)
    if was_memory(error):
        raise MemoryLimitError(_out_of_memory(frame, error), frame=frame) from error
    return Outcome(frame, _as_sentence(frame, error))


def _let_go(error: BaseException | None) -> None:
    """Keep an error's traceback but not the pictures that its functions were holding."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


def _out_of_memory(frame: int, error: BaseException) -> str:
    if isinstance(error, MemoryLimitError):
        return f"frame {frame}: {error}"
    return f"frame {frame} does not fit into memory; free some, or use a machine with more"


def _as_sentence(frame: int, error: BaseException) -> ReplateError:
    """An unforeseen error, told like the others; its traceback stays reachable as `__cause__`, for REPLATE_DEBUG."""
    if isinstance(error, ReplateError):
        return error
    sentence = ReplateError(
        f"frame {frame} failed: {type(error).__name__}: {' '.join(str(error).split())}", frame=frame
    )
    sentence.__cause__ = error
    return sentence
