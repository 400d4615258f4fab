"""The options of every command that somebody waits for, and the watcher that they choose."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from ..errors import as_sentence
from ..params import Param
from .dialects import DIALECTS
from .progress import Watcher

__all__ = ["WATCHING", "cancel_on_signal", "watching"]

AUTO, NONE = "auto", "none"

WATCHING = (
    Param(
        name="progress",
        kind="choice",
        default=AUTO,
        choices=(AUTO, *DIALECTS, NONE),
        help="How progress is told; auto: openjd in an Open Job Description session, a bar on a terminal, else plain.",
    ),
    Param(name="quiet", kind="bool", default=False, help="Progress and failures only, no notes."),
    Param(name="verbose", kind="bool", default=False, help="Also what was loaded, and the seconds of each frame."),
)
"""The options of every command that somebody waits for."""


@contextmanager
def watching(
    progress: str = AUTO, *, quiet: bool = False, verbose: bool = False, stream: TextIO | None = None
) -> Iterator[Watcher]:
    """A watcher that speaks the dialect `progress` on standard output, where farms read it; it also tells what is
    logged, and how the block fails. Raises UsageError for an unknown dialect."""
    stream = stream or sys.stdout
    watcher = _watcher(str(WATCHING[0].check(progress)), stream, quiet)
    with _telling_logs(watcher, logging.INFO if verbose else logging.WARNING):
        try:
            yield watcher
        except (Exception, KeyboardInterrupt) as error:
            watcher.fail(as_sentence(error))
            raise
        finally:
            watcher.close()


def _watcher(dialect: str, stream: TextIO, quiet: bool) -> Watcher:
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")  # a file's name may hold what the terminal cannot show
    if dialect == NONE:
        return Watcher()
    if dialect == AUTO:
        in_session = "OPENJD_SESSION_WORKING_DIR" in os.environ
        dialect = "openjd" if in_session else "bar" if stream.isatty() else "plain"
    return DIALECTS[dialect](stream, quiet=quiet)


@contextmanager
def _telling_logs(watcher: Watcher, level: int) -> Iterator[None]:
    """What Replate's modules log from `level` on is a note."""
    logger, handler = logging.getLogger("replate"), _Notes(watcher)
    before, passed_on = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
        logger.propagate = passed_on


class _Notes(logging.Handler):
    def __init__(self, watcher: Watcher) -> None:
        super().__init__()
        self._watcher = watcher

    def emit(self, record: logging.LogRecord) -> None:
        self._watcher.note(record.getMessage())


def cancel_on_signal() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set; a second Ctrl-C does not wait."""
    cancel = threading.Event()

    def stop(number: int, _: object) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return cancel
