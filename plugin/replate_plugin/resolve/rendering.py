"""A shot and a choice as a job, rendered by the service into files that are new."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..client import Service
from ..errors import ServiceError
from ..host import jobs
from ..host.baking import Progress
from ..host.declared import Node
from .choice import Choice
from .clips import Shot
from .loader import loader
from .versions import output, record

__all__ = ["Files", "draft", "job", "render"]

Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class Files:
    """A result: a movie or a still by its path, or the frames of a sequence."""

    path: str
    frames: range
    job: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def is_sequence(self) -> bool:
        """Whether it is a pattern of files, a frame each."""
        return "%" in Path(self.path).name


def draft(shot: Shot, node: Node, choice: Choice) -> dict[str, Any]:
    """The job for a shot, without an output."""
    return jobs.make(
        node,
        inputs={"plate": shot.path, **choice.inputs},
        output="",
        frames=shot.frames,
        generator=choice.generator,
        values=choice.values(node),
        options=choice.options,
    )


def job(shot: Shot, node: Node, choice: Choice) -> dict[str, Any]:
    """The job for a shot, with an output of its own."""
    made = draft(shot, node, choice)
    return {**made, "output": output(shot, choice, made)}


def render(
    service: Service, made: dict[str, Any], frames: range, *, watch: Watch, cancelled: Callable[[], bool]
) -> Files:
    """Have it done; beside the result lies what it is made from. Raises ServiceError."""
    _leave_notes(made, frames)
    progress, notes = Progress(), list[str]()

    def listen(news: dict[str, Any]) -> None:
        nonlocal progress
        progress = progress.after(news)
        notes.extend([str(news["text"])] if news["type"] == "note" else [])
        watch(progress)

    report = service.render(made, on_news=listen, cancelled=cancelled)
    if report["failed"]:
        raise ServiceError(f"frames {report['failed']} failed: {report['reason']}")
    return Files(made["output"], frames, made, tuple(notes))


def _leave_notes(made: dict[str, Any], frames: range) -> None:
    """The job, for the command line and the farm, and for a sequence a Loader for Fusion."""
    path = made["output"]
    notes = record(path)
    try:
        notes.parent.mkdir(parents=True, exist_ok=True)
        notes.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        if "%" in Path(path).name:
            notes.with_suffix(".setting").write_text(loader(path, frames), encoding="utf-8")
    except OSError as error:
        where = f"{notes.parent} cannot be written ({error.strerror})"
        raise ServiceError(f"{where}; choose another folder for results", path=path) from error
