"""A bundle run on this machine, by Open Job Description's own sessions. Needs the extra `farm`."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openjd.model import StepDependencyGraph

from ..errors import CANCELLED, Cancelled, ReplateError
from ..frames import count_frames, format_frames
from ..news.progress import Watcher
from .ledger import FarmReport, Ledger
from .opening import Bundle, open_bundle
from .seat import Seat
from .shares import Share
from .tasks import Tasks

__all__ = ["LOG", "FarmReport", "conclude", "run"]

LOG = "sessions.log"
"""What all commands of the last run printed, in the bundle's folder."""

_LOOK = 0.2  # seconds; while a thread is waited for, Python hears no signal


def run(
    bundle: Path,
    *,
    sessions: Sequence[Share],
    watcher: Watcher,
    cancel: threading.Event,
    again: int = 1,
) -> FarmReport:
    """Run every step of a bundle, as many tasks at a time as there are `sessions`.

    A task goes to whichever session is free. One that fails is tried `again` so many times, at the end, and the others
    go on; what fails then is in the report, and steps that depend on it are left. Once `cancel` is set the commands
    are told, all environments are left, and nothing more is begun; what is done is kept. Raises InputError for what is
    no bundle.
    """
    opened = open_bundle(bundle)
    report = FarmReport(bundle=str(bundle), sessions=[share.name for share in sessions])
    ledger, started = Ledger(report, watcher), time.monotonic()
    with _root() as root, _logged(bundle / LOG):
        for step in _in_order(opened.job):
            if not ledger.broken.union(report.left).isdisjoint(_before(step)):
                report.left.append(step.name)
                continue
            tasks = Tasks(step, again=again)
            seats = [
                Seat(share, step, bundle=opened, tasks=tasks, ledger=ledger, cancel=cancel, root=Path(root))
                for share in sessions[: None if tasks.frames else 1]
            ]
            ledger.begin(_title(opened, step.name, len(seats)), tasks.frames)
            _work(seats, cancel)
            report.cancelled = cancel.is_set()
            if report.cancelled:
                break
    report.seconds = time.monotonic() - started
    return report


def conclude(report: FarmReport) -> str:
    """One sentence on how it went. Raises ReplateError where something failed, Cancelled where the user stopped it."""
    if report.cancelled:
        raise Cancelled(CANCELLED)
    if not report.failed:
        return f"{count_frames(len(report.done))} done in {report.seconds:.1f} s: {report.bundle}"
    number, reason = next(iter(sorted(report.failed.items())))
    failed = format_frames(sorted(filter(None, report.failed)))
    what = f"frames {failed} failed" if failed else "a step failed"
    left = f"; not begun: {', '.join(report.left)}" if report.left else ""
    raise ReplateError(
        f"{report.bundle}: {what}{left}; the first: {reason}; {LOG} there has it all", frame=number or None
    )


def _in_order(job: Any) -> Iterator[Any]:
    """The steps, each behind those that it depends on."""
    return iter(StepDependencyGraph(job=job).topo_sorted())


def _before(step: Any) -> set[str]:
    return {each.dependsOn for each in step.dependencies or ()}


def _work(seats: Sequence[Seat], cancel: threading.Event) -> None:
    """Until every session has ended; an interruption ends them first."""
    for seat in seats:
        seat.start()
    try:
        while any(seat.is_alive() for seat in seats):
            for seat in seats:
                seat.join(_LOOK)
    except BaseException:
        cancel.set()
        raise
    finally:
        for seat in seats:
            seat.join()


def _title(bundle: Bundle, step: str, sessions: int) -> str:
    side_by_side = "" if sessions == 1 else f" in {sessions} sessions"
    return f"{bundle.job.name}: {step}{side_by_side}"


def _root() -> tempfile.TemporaryDirectory[str]:
    """Where sessions have their folders. What a command that was killed still holds there is no failure of the job."""
    return tempfile.TemporaryDirectory(prefix="replate-farm-", ignore_cleanup_errors=True)


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """What the sessions say goes to a file and nowhere else. Their logger must listen: progress comes by way of it."""
    logger = logging.getLogger("openjd")
    handler = logging.FileHandler(path, mode="w", encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(threadName)s %(message)s"))
    before, passed_on = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
        logger.setLevel(before)
        logger.propagate = passed_on
