"""`replate farm --run`: bundles one after the other, one report of all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import Cancelled, ReplateError, as_sentence
from ..news.progress import Watcher
from ..news.recording import write_json
from ..news.watching import cancel_on_signal
from .running import FarmReport, conclude, run
from .shares import shares_of

__all__ = ["run_here"]

FORMAT = 1
"""Of the report; raised when a reader of the one before could no longer follow."""


def run_here(
    bundles: Sequence[Path], *, sessions: int, gpus: str, again: int, report: Path | None, watcher: Watcher
) -> None:
    """Run them on this machine; the first that fails is told of when the others are through. Raises ReplateError."""
    cancel, shares = cancel_on_signal(), shares_of(sessions=sessions, gpus=gpus)
    reports: list[FarmReport] = []
    first: ReplateError | None = None
    _write(report, reports, None, state="running")
    for bundle in bundles:
        try:
            reports.append(run(bundle, sessions=shares, watcher=watcher, cancel=cancel, again=again))
            watcher.close()
            watcher.note(conclude(reports[-1]))
        except Exception as error:
            first = first or as_sentence(error)
            if cancel.is_set():
                break
            if len(bundles) > 1:  # one that is alone is told of at the end
                watcher.note(str(as_sentence(error)))
    _write(report, reports, first)
    if first is not None:
        raise first


def _write(path: Path | None, reports: Sequence[FarmReport], error: ReplateError | None, *, state: str = "") -> None:
    ended = "done" if error is None else "cancelled" if isinstance(error, Cancelled) else "failed"
    if path is not None:
        facts: dict[str, Any] = {
            "replate_farm_report": FORMAT,
            "version": __version__,
            "state": state or ended,
            "exit_code": error.exit_code if error else 0,
            "error": str(error or ""),
            "bundles": [each.to_data() for each in reports],
        }
        write_json(path, facts)
