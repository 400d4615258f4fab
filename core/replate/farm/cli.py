"""`replate farm`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["farm"]


def farm(
    job: Annotated[Path, typer.Argument(help="a job file: from the panel, a host, or --save-job")],
    out: Annotated[Path | None, typer.Option(help="the folder to write; else NAME-farm beside the job file")] = None,
    chunk: Annotated[int, typer.Option(min=1, help="frames a task")] = 10,
    chunk_seconds: Annotated[int, typer.Option(min=0, help="seconds a task should take; 0: --chunk decides")] = 0,
    timeout: Annotated[int, typer.Option(min=1, help="minutes after which a task is ended")] = 24 * 60,
    gpu: Annotated[bool | None, typer.Option(help="whether only machines with a GPU may render")] = None,
    program: Annotated[str, typer.Option(help="replate as the farm's machines find it")] = "replate",
) -> None:
    """Make a job for a render farm: a folder with an Open Job Description template, for Deadline Cloud as well."""
    from ..job import Job
    from .bundle import write_bundle
    from .work import Asked, farm_of

    loaded = Job.load(job)
    asked = Asked(chunk=chunk, seconds=chunk_seconds, timeout=60 * timeout, gpu=gpu, program=program)
    folder = out or job.with_name(f"{job.stem}-farm")
    write_bundle(folder, farm_of(loaded, asked), loaded)
    typer.echo(f"{folder}: run it here with --run, or submit it: deadline bundle submit {folder}")
