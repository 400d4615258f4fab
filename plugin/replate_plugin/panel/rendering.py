"""From what is edited to what is rendered: into the queue, or into a job file for the farm."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ..errors import ServiceError
from ..host.jobs import ranges
from .desk import Desk
from .model.document import PAINTED
from .model.home import write_json

__all__ = ["enqueue", "final_job", "save_job"]


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
        desk.queue.add(job, f"{Path(job['inputs']['plate']).name} · {Path(desk.look or job['node']).stem}")
    except (ServiceError, OSError) as error:
        desk.say(f"nothing was put into the queue: {error}", bad=True)
        return False
    desk.runner.wake()
    return True


def save_job(desk: Desk, path: Path) -> None:
    """Write a job file; a drawn mask is written beside it, so that the farm has it, too."""
    try:
        job = final_job(desk)
        if desk.document.inputs.get("mask") == PAINTED and "mask" in job["inputs"]:
            beside = path.with_suffix(".mask")
            shutil.copytree(Path(job["inputs"]["mask"]).parent, beside, dirs_exist_ok=True)
            job["inputs"]["mask"] = str(beside / "mask.%04d.png")
        write_json(path, job)
    except (ServiceError, OSError) as error:
        desk.say(f"the job was not saved: {error}", bad=True)
    else:
        desk.say(f"Saved. On the farm, or in a terminal: replate render --job {path}")
