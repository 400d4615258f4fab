"""From a job to what a farm needs of it: typed parameters, and the command that renders a chunk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..catalogue import find
from ..declarations import params_of
from ..eyes import per_view
from ..frames import to_openjd
from ..inspection import sidecar_of
from ..job import Job
from ..media.pattern import parse_pattern
from ..nodes import node_named
from ..params import check_settings
from ..plan import frames_of
from . import offers
from .offers import Offer, parameters_of
from .parameters import MOST_PARAMETERS, JobParameter, path, text, whole
from .steps import CHUNK, SERVICE, Farm, Step, frames_option

__all__ = ["JOB_FILE", "Asked", "farm_of"]

JOB_FILE = "job.json"
"""The job's name in a bundle."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a job is to be cut up and run.

    `chunk` frames are a task; with `seconds` above 0 an engine that can makes tasks of that length. A task is ended
    after `timeout` seconds. `gpu`: whether only machines with one may render; None: where the job's device says so.
    """

    chunk: int = 10
    seconds: int = 0
    timeout: int = 24 * 3600
    gpu: bool | None = None
    program: str = "replate"


def farm_of(job: Job, asked: Asked) -> Farm:
    """What a farm has to do for a job, whose files are looked at. Raises what is wrong with the job as a whole."""
    job = _as_seen(job.checked())
    frames = sorted({frame for view in per_view(job).values() for frame in frames_of(view)})
    chunked = parse_pattern(job.output) is not None
    given = _given(job)
    fixed = [*_cutting(asked, to_openjd(frames), chunked=chunked), *_running(asked)]
    words = [*given, *_settings(job, taken={each.name for each in (*parameters_of(given), *fixed)})]
    frames_word = frames_option(CHUNK if chunked else "{{Param.frames}}")
    step = Step(
        name="Render",
        words=("render", job.node, *(offer.word for offer in words), frames_word, "--job={{Param.job}}", *_WARM),
        chunked=chunked,
        warm=True,
        gpu=str(job.option("device")).startswith("cuda") if asked.gpu is None else asked.gpu,
    )
    return Farm(
        name=f"{node_named(job.node).title} {Path(job.output).name}",
        parameters=(*parameters_of(given), *fixed[:-2], *parameters_of(words[len(given) :]), *fixed[-2:]),
        steps=(step,),
        frames=tuple(frames),
        timeout=asked.timeout,
        assets=tuple(_beside(job)),
    )


_WARM = (f"--service={SERVICE}", "--progress=openjd")


def _as_seen(job: Job) -> Job:
    """The job with the OpenColorIO configuration that it has here, where its look was judged."""
    here = job.option("ocio") or os.environ.get("OCIO", "")
    return replace(job, options={**job.options, "ocio": here}).anchored(Path.cwd()) if here else job


def _given(job: Job) -> list[Offer]:
    """Files and generator; the first two are the plate and the output."""
    sides = [offers.file(name, place, flow="IN", option=f"--{name}=") for name, place in _sides(job)]
    color = [offers.ocio(job.option("ocio"))] if job.option("ocio") else []
    plate = offers.file("plate", job.inputs["plate"], flow="IN")
    return [plate, offers.file("output", job.output, flow="OUT"), *sides, *color, offers.generator(job)]


def _sides(job: Job) -> list[tuple[str, str]]:
    return [(name, place) for name, place in job.inputs.items() if name != "plate"]


def _settings(job: Job, *, taken: set[str]) -> list[Offer]:
    """Parameters and options, as many as there may be."""
    params = params_of(job.node, job.generator)
    knobs = list(offers.knobs(params, check_settings(params, job.params), taken))
    taken_too = taken | {each.name for each in parameters_of(knobs)}
    return offers.that_fit([*knobs, *offers.options(job, taken_too)], MOST_PARAMETERS - len(taken))


def _cutting(asked: Asked, frames: str, *, chunked: bool) -> Iterator[JobParameter]:
    shown = {"group": "Frames"}
    yield text("frames", frames, label="Frames", help="As in 1001-1100, 1-9:2 or 1,5,9.", **shown)
    if chunked:
        yield whole("chunk", asked.chunk, default=Asked.chunk, minimum=1, label="Frames a task", **shown)
        told = "Where above 0, tasks are made so long that they take about this time."
        yield whole("chunk_seconds", asked.seconds, default=0, minimum=0, label="Seconds a task", help=told, **shown)


def _running(asked: Asked) -> tuple[JobParameter, JobParameter]:
    told = "The command as the farm's machines find it: a name on their PATH, or an absolute path."
    file = {"kind": "FILE", "flow": "IN", "filters": [".json"], "label": "Job file"}
    return (
        text("replate", asked.program, default=Asked.program, label="Command", group="Farm", help=told),
        path("job", JOB_FILE, default=JOB_FILE, group="Farm", **file),
    )


def _beside(job: Job) -> Iterator[str]:
    """Files and folders that a farm must ship beside those that parameters name."""
    sidecar = sidecar_of(find(node_named(job.node).generator_named(job.generator)).absolute())
    if sidecar.is_file():
        yield str(sidecar)
    config = job.option("ocio")
    if config.endswith(".ocio") and "://" not in config:
        yield str(Path(config).parent)  # where its LUTs are
