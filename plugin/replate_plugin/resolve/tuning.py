"""A clip taken to the panel, a window of Replate's own where a look is seen while it is tuned, and back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ..errors import ServiceError
from ..host.baking import Progress
from ..host.declared import Node
from ..program import Program
from .choice import Choice
from .clips import Shot
from .desk import Desk
from .rendering import draft
from .versions import results

__all__ = ["tuned"]

_LOOK = 0.1  # seconds between two looks at whether the panel is closed


def tuned(desk: Desk, node: Node, shot: Shot, choice: Choice) -> Choice:
    """The choice as it is when the panel is closed, or as it was where the artist stops waiting.

    Raises ServiceError where there is no file to look at, and where the panel cannot be opened.
    """
    if not shot.path:
        raise ServiceError(f"the panel needs a file: {shot.why}; set the knobs here")
    path = results(shot, choice) / f"{Path(shot.name).stem}_{node.name}_panel.json"
    _write(path, draft(shot, node, choice))
    with desk.progress(f"{node.title}: {shot.name}") as (watch, cancelled):
        watch(Progress(text="Tune it in the panel, then close the panel"))
        panel = Program("panel", str(path), "--back")
        while not panel.is_over():
            if cancelled():
                panel.stop()
                return choice
            time.sleep(_LOOK)
    return _read(path, choice)


def _write(path: Path, job: dict[str, Any]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(job, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise ServiceError(f"{path} cannot be written ({error.strerror}); choose another folder for results") from error


def _read(path: Path, choice: Choice) -> Choice:
    try:
        job = json.loads(path.read_text(encoding="utf-8"))
        return Choice(
            generator=job.get("generator") or choice.generator,
            place=choice.place,
            folder=choice.folder,
            clip=choice.clip,
            inputs={name: given for name, given in job["inputs"].items() if name != "plate"},
            knobs=dict(job.get("params", {})),
            options=dict(job.get("options", {})),
        )
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ServiceError(f"what the panel left in {path} cannot be read ({error}); set the knobs here") from error
