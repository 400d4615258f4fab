"""The step that renders: every setting of a job as a word of `replate render`."""

from __future__ import annotations

from collections.abc import Iterable

from ..declarations import params_of
from ..errors import UsageError
from ..job import Job
from ..media.pattern import parse_pattern
from ..nodes import node_named
from ..params import check_settings
from . import offers
from .offers import Offer, parameters_of
from .parameters import MOST_PARAMETERS, JobParameter
from .steps import CHUNK, SERVICE, Part, Step, frames_option

__all__ = ["STEP", "files", "is_chunked", "part"]

STEP = "Render"


def is_chunked(job: Job) -> bool:
    """Whether the output can be made in several tasks: a movie and a still cannot."""
    return parse_pattern(job.output) is not None


def files(job: Job, school: Part) -> list[Offer]:
    """Files and generator; the first two are the plate and the output. What `school` trains is the generator."""
    helps = {entry.name: entry.help for entry in node_named(job.node).inputs}
    inputs = {
        name: offers.file(name, place, flow="IN", option="" if name == "plate" else f"--{name}=", told=helps[name])
        for name, place in job.inputs.items()
    }
    plate = inputs.pop("plate")
    look = Offer(word=f"--generator={school.look}", parameters=()) if school.look else offers.generator(job)
    return [plate, offers.file("output", job.output, flow="OUT"), *inputs.values(), *offers.color(job), look]


def part(job: Job, given: list[Offer], fixed: Iterable[JobParameter], *, after: tuple[str, ...], gpu: bool) -> Part:
    """The step, with as many typed parameters as there is room for beside the `fixed` ones."""
    taken = {each.name for each in (*parameters_of(given), *fixed)}
    if len(taken) > MOST_PARAMETERS:
        raise UsageError(
            f"the job names {len(taken)} files and settings that a farm must know, more than a template's "
            f"{MOST_PARAMETERS} parameters; name sequences or folders in --train, not each file"
        )
    words = [*given, *_settings(job, taken)]
    always = (frames_option(CHUNK if is_chunked(job) else "{{Param.frames}}"), "--job={{Param.job}}")
    step = Step(
        name=STEP,
        words=("render", job.node, *(offer.word for offer in words), *always, f"--service={SERVICE}"),
        brief=("render", *always),
        chunked=is_chunked(job),
        warm=True,
        gpu=gpu,
        after=after,
    )
    return Part(parameters=parameters_of(words), steps=(step,))


def _settings(job: Job, taken: set[str]) -> list[Offer]:
    """Parameters and options, as many as there may be."""
    params = params_of(job.node, job.generator)
    knobs = list(offers.knobs(params, check_settings(params, job.params), taken))
    also = taken | {each.name for each in parameters_of(knobs)}
    return offers.that_fit([*knobs, *offers.options(job, also)], MOST_PARAMETERS - len(taken))
