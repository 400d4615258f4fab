"""What a job names, opened: its inputs, the frames that all of them have, and what it says of parameters."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager

from .checks import check_inputs, check_sizes
from .color import resolve_space
from .errors import UsageError
from .frames import parse_frames
from .job import OF_PLATE, Job
from .media import Source, beside
from .nodes import Node
from .params import Param, Setting, with_defaults
from .workshop import Workshop

__all__ = ["open_input", "open_inputs", "settings_of"]


def open_inputs(
    job: Job, kind: type[Node], workshop: Workshop, stack: contextlib.ExitStack
) -> tuple[dict[str, Source], tuple[int, ...]]:
    """Every input, open until the stack is left, and the frames that all of them have."""
    check_inputs(kind, job)
    opened = {
        name: stack.enter_context(open_input(workshop, job, name, sparse=name in kind.sparse()))
        for name, path in job.inputs.items()
        if not _channel(path)
    }
    sources = {name: opened.get(name, opened["plate"]) for name in job.inputs}
    for name in kind.free() & set(sources):
        sources[name] = beside(sources[name], sources["plate"])
    whole = {name: source for name, source in sources.items() if name not in kind.sparse()}
    frames = _frames(job, whole, kind.free())
    check_sizes({name: source for name, source in sources.items() if name not in kind.free()})
    return sources, frames


def open_input(workshop: Workshop, job: Job, name: str, *, sparse: bool) -> AbstractContextManager[Source]:
    """An input that is a file, as its job wants it read; of a `sparse` one only some frames are there."""
    asked = job.option("color_space" if name == "plate" else "inputs_color_space")
    space = resolve_space(asked) if asked else None
    return workshop.source(job.inputs[name], missing="skip" if sparse else job.option("missing"), space=space)


def settings_of(job: Job, params: Sequence[Param]) -> dict[str, Setting]:
    """A setting for every parameter: what the job says, also by naming a channel of the plate, or the default."""
    return with_defaults(params, {**job.params, **_channels(job)})


def _frames(job: Job, sources: Mapping[str, Source], free: Collection[str]) -> tuple[int, ...]:
    """The frames to make, all of them known to exist in every input, or held in `free` ones."""
    asked = parse_frames(job.frames) if job.frames else sources["plate"].frames
    if not asked:
        path = sources["plate"].path
        raise UsageError(f"{path} has no frames of its own; say which to make, as in --frames 1001-1100", path=path)
    for name, source in sources.items():
        source.check(asked, beside="" if name == "plate" else name)
    if job.option("missing") != "skip":
        return asked
    strict = [source for name, source in sources.items() if name not in free and not source.still]
    there = set(asked).intersection(*(source.frames for source in strict))
    return tuple(frame for frame in asked if frame in there)


def _channel(path: str) -> str:
    """The channel in `plate:CHANNEL`, an input that is a channel of the plate; empty for a file."""
    return path.removeprefix(OF_PLATE) if path.startswith(OF_PLATE) else ""


def _channels(job: Job) -> dict[str, str]:
    """`mask.channel` and the like, for inputs that are channels of the plate."""
    return {f"{name}.channel": channel for name, path in job.inputs.items() if (channel := _channel(path))}
