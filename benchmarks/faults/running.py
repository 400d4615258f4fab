"""Renders in processes that are forked with everything loaded, and into which a fault can be put.

What is put in is a function that the child calls before it reads its command line: a hook, a limit, or a stop behind
the first frame. So a fault comes at the very moment that it is meant for, however busy the machine is, and Replate
needs no word for it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import replate.cli
import replate.render
from replate.keeping.results import Results

from .jobs import Job

__all__ = ["Run", "after_first_frame", "render", "start", "wait_until_stopped"]

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__, "typer._adapters"])  # which typer loads late, and which takes half the time
PATIENCE = 600  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """A render in a process of its own."""

    process: ForkServerProcess
    log: Path

    def end(self) -> tuple[int, str]:
        """Wait for it: exit code, and what it said on standard error."""
        self.process.join(PATIENCE)
        assert self.process.exitcode is not None, "it hangs"
        return self.process.exitcode, self.log.read_text()


def start(job: Job, folder: Path, prepare: Callable[[], Any] | None = None) -> Run:
    """Render into `folder`; `prepare` is called in the child before anything else."""
    log = folder.with_name(f"{folder.name}.log")
    process = FORKS.Process(target=_child, args=(job.command(folder)[3:], log, prepare))
    process.start()
    return Run(process, log)


def render(job: Job, folder: Path, prepare: Callable[[], Any] | None = None) -> tuple[int, str]:
    """The same, to its end."""
    return start(job, folder, prepare).end()


def _child(words: list[str], log: Path, prepare: Callable[[], Any] | None) -> None:
    for stream, path in ((1, os.devnull), (2, str(log))):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), stream)
    sys.stderr, sys.argv = os.fdopen(2, "w", buffering=1), ["replate", *words]
    if prepare:
        prepare()
    replate.cli.main()


def after_first_frame(do: Callable[[], Any]) -> None:
    """Have something done in this process when its first frame is finished."""
    settle, waiting = Results.settle, [do]

    def settle_and_do(*given: Any) -> None:
        settle(*given)
        if waiting:
            waiting.pop()()

    Results.settle = settle_and_do  # type: ignore[method-assign]


def wait_until_stopped(run: Run) -> None:
    """Until a process has stopped itself by SIGSTOP; only Linux tells."""
    until = time.monotonic() + PATIENCE
    while ") T " not in Path(f"/proc/{run.process.pid}/stat").read_text():
        assert time.monotonic() < until and run.process.is_alive(), run.log.read_text()
        time.sleep(0.01)
