"""From what is edited to what is rendered: into the queue, or into a job file for the farm."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import ServiceError
from ..host.jobs import ranges
from ..starting import answer
from .desk import Desk
from .model.bundle import Bundle
from .model.document import PAINTED
from .model.home import write_json
from .model.outputs import stem_of
from .model.queue import Ticket

__all__ = ["enqueue", "final_job", "make_bundle", "save_job"]


def final_job(desk: Desk) -> dict[str, Any]:
    """The job as it is rendered, all its frames named. Raises ServiceError where there is no plate."""
    if not desk.facts:
        raise ServiceError("there is no plate to render; open one first")
    job = desk.job()
    return {**job, "frames": job["frames"] or ranges(desk.frames)}


def enqueue(desk: Desk) -> bool:
    """What is edited, at the end of the queue; False where it cannot be, which is said."""
    try:
        job = final_job(desk)
        desk.queue.add(job, _title(desk, job))
    except (ServiceError, OSError) as error:
        desk.say(f"nothing was put into the queue: {error}", bad=True)
        return False
    desk.runner.wake()
    return True


def save_job(desk: Desk, path: Path) -> None:
    """Write a job file; a drawn mask is written beside it, so that the farm has it, too."""
    try:
        _write(final_job(desk), path, drawn=desk.document.inputs.get("mask") == PAINTED)
    except (ServiceError, OSError) as error:
        desk.say(f"the job was not saved: {error}", bad=True)
    else:
        desk.say(f"Saved. On the farm, or in a terminal: replate render --job {path}")


def make_bundle(desk: Desk, bundle: Bundle) -> Callable[[], Ticket]:
    """What is edited, for the farm: what makes the bundle and puts it into the queue, in any thread.

    Raises ServiceError, here or there, where it cannot be.
    """
    job, title = final_job(desk), f"{_title(desk, final_job(desk))} · farm"
    program, drawn = desk.pixels.python, desk.document.inputs.get("mask") == PAINTED

    def make() -> Ticket:
        try:
            told = _write(job, Path(bundle.job), drawn=drawn)
            answer(*bundle.words, program=program)
            return desk.queue.add(told, title, bundle=bundle)
        except OSError as error:
            raise ServiceError(
                f"the job {bundle.job} cannot be written ({error.strerror}); choose another folder"
            ) from error

    return make


def _title(desk: Desk, job: dict[str, Any]) -> str:
    return f"{stem_of(job['inputs']['plate'])} · {Path(desk.look or job['node']).stem}"


def _write(job: dict[str, Any], path: Path, *, drawn: bool) -> dict[str, Any]:
    """Write a job to its file, and a mask that was `drawn` beside it; the job as it is there. Raises OSError."""
    if drawn and "mask" in job["inputs"]:
        beside = path.with_suffix(".mask")
        shutil.copytree(Path(job["inputs"]["mask"]).parent, beside, dirs_exist_ok=True)
        job = {**job, "inputs": {**job["inputs"], "mask": str(beside / "mask.%04d.png")}}
    write_json(path, job)
    return job
