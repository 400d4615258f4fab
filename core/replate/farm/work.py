"""From a job to all that a farm does for it: train a look, export it, render in chunks, make a movie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..catalogue import SHIPPED, find
from ..errors import UsageError
from ..eyes import per_view
from ..frames import to_openjd
from ..inspection import sidecar_of
from ..job import Job
from ..nodes import node_named
from ..plan import frames_of
from . import filming, rendering, schooling
from .asked import Asked
from .parameters import JobParameter, fits, path, text, whole
from .steps import Farm, Part, filled, values_of

__all__ = ["JOB_FILE", "farm_of"]

JOB_FILE = "job.json"
"""The job's name in a bundle."""


def farm_of(job: Job, asked: Asked) -> Farm:
    """What a farm has to do for a job, whose files are looked at. Raises what is wrong with the job as a whole."""
    job = _as_seen(job.checked())
    frames = sorted({frame for view in per_view(job).values() for frame in frames_of(view)})
    gpu = str(job.option("device")).startswith("cuda") if asked.gpu is None else asked.gpu
    school = schooling.part(asked.train, job, gpu=gpu) if asked.train else Part()
    given = rendering.files(job, school)
    film = filming.part(asked.movie, job, given) if asked.movie else Part()
    fixed = [*school.parameters, *film.parameters, *_frames(asked, to_openjd(frames), job), *_running(asked)]
    render = rendering.part(job, given, fixed, after=school.last, gpu=gpu)
    return Farm(
        name=f"{node_named(job.node).title} {Path(job.output).name}",
        job=_with_look(job, school),
        parameters=(*render.parameters, *fixed),
        steps=(*school.steps, *render.steps, *film.steps),
        frames=tuple(frames),
        timeout=60 * asked.timeout,
        assets=tuple(_beside(job)),
    )


def _with_look(job: Job, school: Part) -> Job:
    """The job with the generator that will be trained for it."""
    look = filled(school.look, values_of(school.parameters))
    return replace(job, generator=look) if look else job


def _as_seen(job: Job) -> Job:
    """The job with what it has here, where its look was judged: configuration of colour, generators of one's own."""
    config = job.option("ocio") or os.environ.get("OCIO", "")
    options = {**job.options, "ocio": config} if config else job.options
    generator = find(node_named(job.node).generator_named(job.generator))
    name = job.generator if generator.parent == SHIPPED else str(generator)
    return replace(job, options=options, generator=name).anchored(Path.cwd())


def _frames(asked: Asked, frames: str, job: Job) -> Iterator[JobParameter]:
    group = "Frames"
    if not fits(frames):
        raise UsageError(f"frames so far from a range ({frames[:40]}...) are too many for a farm; make several jobs")
    yield text("frames", frames, label="Frames", group=group, help="As in 1001-1100, 1-9:2 or 1,5,9.")
    if rendering.is_chunked(job):
        limits = {"default": Asked.chunk, "minimum": 1}
        yield whole("chunk", asked.chunk, label="Frames a task", group=group, **limits)
        told = "Where above 0, tasks are made so long that they take about this time."
        limits = {"default": Asked.seconds, "minimum": 0}
        yield whole("chunk_seconds", asked.seconds, label="Seconds a task", group=group, help=told, **limits)


def _running(asked: Asked) -> Iterator[JobParameter]:
    group, told = "Farm", "The command as the farm's machines find it: a name on their PATH, or an absolute path."
    yield text("replate", asked.program, default=Asked.program, label="Command", group=group, help=told)
    yield path("job", JOB_FILE, default=JOB_FILE, kind="FILE", flow="IN", label="Job file", group=group)


def _beside(job: Job) -> Iterator[str]:
    """Files and folders that a farm must ship beside those that parameters name."""
    sidecar = sidecar_of(find(node_named(job.node).generator_named(job.generator)).absolute())
    if sidecar.is_file():
        yield str(sidecar)
    config = job.option("ocio")
    if config.endswith(".ocio") and "://" not in config:
        yield str(Path(config).parent)  # where its LUTs are
