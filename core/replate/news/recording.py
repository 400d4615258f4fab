"""A render's report as a file, for programs: what was made, skipped and lost, by what, and what it took.

It is written from the news alone, so that it is the same whether the render happens here or in a service.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import Cancelled, OutputError, ReplateError, as_sentence
from ..frames import parse_frames
from .progress import Watcher

__all__ = ["FORMAT", "Recorder", "recording", "write_json"]

FORMAT = 1
"""Of the file; raised when a reader of the one before could no longer follow."""


class Recorder(Watcher):
    """Keeps what it is told, and tells it on."""

    def __init__(self, watcher: Watcher) -> None:
        self._next = watcher
        self._facts: dict[str, Any] = {"node": "", "generator": "", "generator_sha256": "", "device": ""}
        self._output = ""
        self._frames: dict[tuple[str, int], dict[str, Any]] = {}
        self._fallbacks: list[str] = []
        self._notes: list[str] = []
        self._peak: int | None = None
        self._started, self._clock = datetime.now(UTC), time.monotonic()

    def planned(self, facts: Mapping[str, Any]) -> None:
        self._facts |= {name: facts[name] for name in self._facts}
        self._output = facts["output"]
        for name, state in (("frames", "left"), ("skipped", "skipped")):
            for number in parse_frames(facts[name]) if facts[name] else ():
                self._note_frame(number, state)
        self._next.planned(facts)

    def begin(self, total: int, title: str) -> None:
        self._next.begin(total, title)

    def note(self, text: str) -> None:
        self._notes.append(text)
        self._next.note(text)

    def fallback(self, text: str) -> None:
        self._fallbacks.append(text)
        self._next.fallback(text)

    def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
        took = {name: round(each, 4) for name, each in (seconds or {}).items()}
        if failed:
            self._note_frame(number, "failed", reason=failed, seconds=took)
        else:  # without seconds it is another process that has made it
            self._note_frame(number, "done" if took else "skipped", **({"seconds": took} if took else {}))
        self._next.frame(number, failed=failed, seconds=seconds)

    def share(self, done: float, text: str) -> None:
        self._next.share(done, text)

    def spent(self, facts: Mapping[str, Any]) -> None:
        self._facts["device"] = facts["device"]
        self._peak = max(self._peak or 0, facts["peak_memory"] or 0) or None
        self._next.spent(facts)

    def fail(self, error: ReplateError) -> None:
        self._next.fail(error)

    def close(self) -> None:
        self._next.close()

    def report(self, state: str, error: ReplateError | None = None) -> dict[str, Any]:
        """The report so far as plain data; see docs/errors.md."""
        return {
            "replate_report": FORMAT,
            "version": __version__,
            "state": state,
            "exit_code": error.exit_code if error else 0,
            "error": str(error or ""),
            "started": self._started.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._clock, 3),
            "peak_memory": self._peak,
            **self._facts,
            "fallbacks": self._fallbacks,
            "notes": self._notes,
            "frames": list(self._frames.values()),
        }

    def _note_frame(self, number: int, state: str, **facts: Any) -> None:
        """The last word on a frame counts, but one that was made here stays made."""
        key = self._output, number
        if state != "skipped" or self._frames.get(key, {}).get("state") != "done":
            self._frames[key] = {"frame": number, "output": self._output, "state": state, **facts}


@contextmanager
def recording(watcher: Watcher, path: Path | None) -> Iterator[Watcher]:
    """A watcher whose news go to `watcher` and, at the end of the block, as a report to `path`; None: to no file.

    The file is there from the beginning, with the state "running". Raises OutputError where it cannot be written.
    """
    if path is None:
        yield watcher
        return
    recorder = Recorder(watcher)
    write_json(path, recorder.report("running"))
    try:
        yield recorder
    except (Exception, KeyboardInterrupt) as error:
        told = as_sentence(error)
        with suppress(OutputError):  # the first error is the one to tell
            write_json(path, recorder.report("cancelled" if isinstance(told, Cancelled) else "failed", told))
        raise
    write_json(path, recorder.report("done"))


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a file of indented JSON whole or not at all. Raises OutputError."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", errors="replace")
        part.replace(path)
    except OSError as error:
        message = f"the report {path} cannot be written: {error.strerror}; choose another place with --report"
        raise OutputError(message, path=path) from error
