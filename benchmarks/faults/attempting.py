"""Trying what may bring a process down: in forked processes that have little memory and little time."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from replate.errors import MemoryLimitError, ReplateError, as_sentence

__all__ = ["ROOM", "SECONDS", "Outcome", "attempts"]

ROOM = 2**30
"""Bytes of address space that a try may take beside what there is: what a lying length asks for counts."""

SECONDS = 5
"""Of processor time that a try may take; those of the clock say nothing on a busy machine."""

_STUCK = 180.0  # seconds of the clock after which something waits that will never come
_TOGETHER = 25  # tries in one process, so that what one breaks silently another may meet
_UNFORESEEN = "something unforeseen"

Try = Callable[[], str]


@dataclass(frozen=True)
class Outcome:
    """`verdict` is "read" (`told` is a digest of what was read), "refused" (a sentence), "unforeseen" (an error that
    nobody made into a sentence), "crash" (a signal), "hang" or "memory"; `seconds` are of processor time, `memory` is
    bytes of address space."""

    verdict: str
    told: str
    seconds: float = 0.0
    memory: int = 0

    @property
    def good(self) -> bool:
        """Whether the process lived and said what is to be said."""
        return self.verdict in ("read", "refused")


def attempts(tries: Sequence[Try]) -> Iterator[Outcome]:
    """What each try, which returns a digest of what it read or raises, comes to.

    They share a process until one ends it; what was loaded before is there in every process for nothing.
    """
    left = iter(range(len(tries)))
    while batch := [tries[place] for place in islice(left, _TOGETHER)]:
        while batch:
            outcomes = _together(batch)
            yield from outcomes
            batch = batch[len(outcomes) :]


def _together(tries: Sequence[Try]) -> list[Outcome]:
    """Outcomes of the first tries, one at least: up to the one that ended the process."""
    out, into = os.pipe()
    process = os.fork()
    if not process:
        os.close(out)
        _do(tries, into)
    os.close(into)
    outcomes = [Outcome(**json.loads(line)) for line in _heard(out, process)]
    status = os.waitpid(process, 0)[1]
    if len(outcomes) < len(tries):
        outcomes.append(_ended(status))
    return outcomes


def _ended(status: int) -> Outcome:
    if not os.WIFSIGNALED(status):
        return Outcome("crash", f"exit {os.WEXITSTATUS(status)}")
    number = signal.Signals(os.WTERMSIG(status))
    hung = number in (signal.SIGXCPU, signal.SIGKILL)
    return Outcome("hang" if hung else "crash", number.name, seconds=float(SECONDS) if hung else 0.0)


def _heard(out: int, process: int) -> list[bytes]:
    """The lines that the process says until it ends, or is ended because it has not said one for too long."""
    said, until = b"", time.monotonic() + _STUCK
    with contextlib.closing(os.fdopen(out, "rb", buffering=0)) as pipe:
        while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
            if not (part := pipe.read(65536)):
                break
            said, until = said + part, time.monotonic() + _STUCK
        else:
            os.kill(process, signal.SIGKILL)
    return said.splitlines()


def _do(tries: Sequence[Try], into: int) -> None:
    """In the forked process; it ends here."""
    with contextlib.suppress(BaseException):
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for each in tries:
            os.write(into, json.dumps(asdict(_measured(each))).encode() + b"\n")
    os._exit(0)


def _measured(read: Try) -> Outcome:
    before, started = _taken("VmSize"), time.process_time()
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (before + ROOM, most))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(started) + SECONDS + 1, most))
    outcome = _outcome(read)
    seconds, memory = time.process_time() - started, _taken("VmPeak") - before
    return Outcome(outcome.verdict, outcome.told, round(seconds, 3), max(0, memory))


def _outcome(read: Try) -> Outcome:
    try:
        return Outcome("read", read())
    except Exception as error:
        told = as_sentence(error)
        if isinstance(told, MemoryLimitError):
            return Outcome("memory", str(told))
        foreseen = isinstance(error, ReplateError) and _UNFORESEEN not in str(told) and "\n" not in str(told)
        return Outcome("refused" if foreseen else "unforeseen", str(told)[:1000])


def _taken(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(what)).split()[1])
