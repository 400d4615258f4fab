"""Read, infer, write: three stages side by side, with bounded queues between them.

Reading and writing release the interpreter lock inside OpenImageIO, so while the generator works on frame n, frame
n+1 is decoded and frame n-1 is compressed. At most `depth` frames wait on either side: memory does not grow with the
length of the shot.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .errors import Cancelled, MemoryLimitError, ReplateError

__all__ = ["Outcome", "Stages", "flow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """The three functions of a render. `read` and `write` run in their own threads, `infer` in the caller's."""

    read: Callable[[int], Any]
    infer: Callable[[int, Any], Any]
    write: Callable[[int, Any], None]


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
    cancel: threading.Event | None = None,
) -> Generator[Outcome, None, None]:
    """Yield an Outcome a frame, in the order of `frames`; a frame that fails does not stop the others.

    Raises Cancelled once `cancel` is set (frames already being written are finished first) and MemoryLimitError,
    after which no further frame could succeed.
    """
    cancel = cancel or threading.Event()
    pending = iter(frames)
    with ThreadPoolExecutor(1, "read") as reader, ThreadPoolExecutor(1, "write") as writer:
        reads: deque[tuple[int, Future[Any]]] = deque()
        writes: deque[tuple[int, Future[Any]]] = deque()
        try:
            while _refill(reads, pending, reader, stages, depth) or writes:
                if cancel.is_set():
                    raise Cancelled("cancelled; finished frames are kept, the same command goes on from there")
                if reads:
                    frame, read = reads.popleft()
                    writes.append((frame, _advance(frame, read, writer, stages)))
                if len(writes) > depth or not reads:
                    yield _settle(*writes.popleft())
        finally:
            reader.shutdown(cancel_futures=True)
            writer.shutdown()


def _refill(
    reads: deque[tuple[int, Future[Any]]],
    pending: Iterator[int],
    reader: ThreadPoolExecutor,
    stages: Stages,
    depth: int,
) -> bool:
    """Keep `depth` frames on their way in; False when nothing is left to read."""
    while len(reads) < depth and (frame := next(pending, None)) is not None:
        reads.append((frame, reader.submit(stages.read, frame)))
    return bool(reads)


def _advance(frame: int, read: Future[Any], writer: ThreadPoolExecutor, stages: Stages) -> Future[Any]:
    """Infer one frame and hand it to the writer; a failure travels in the returned future."""
    try:
        return writer.submit(stages.write, frame, stages.infer(frame, read.result()))
    except Exception as error:
        failed: Future[Any] = Future()
        failed.set_exception(error)
        return failed


def _settle(frame: int, write: Future[Any]) -> Outcome:
    error = write.exception()
    if error is None:
        return Outcome(frame)
    if isinstance(error, MemoryError):
        error = MemoryLimitError(f"frame {frame} does not fit into memory; use a machine with more", frame=frame)
    if isinstance(error, MemoryLimitError):
        raise error
    return Outcome(frame, _as_sentence(frame, error))


def _as_sentence(frame: int, error: BaseException) -> ReplateError:
    """An unforeseen error, told like the others; its traceback stays reachable as `__cause__`, for REPLATE_DEBUG."""
    if isinstance(error, ReplateError):
        return error
    sentence = ReplateError(
        f"frame {frame} failed: {type(error).__name__}: {' '.join(str(error).split())}", frame=frame
    )
    sentence.__cause__ = error
    return sentence
