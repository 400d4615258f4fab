"""What can be wrong with a job as a whole, each said in one sentence before the first frame is touched."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .color import known_space, to_space, transform
from .errors import InputError, UsageError
from .frames import format_frames
from .generator import Generator
from .job import Job
from .media import Sink, Source
from .nodes import Node
from .params import Setting, nearest
from .picture.matte import check_channel
from .picture.pictures import Choice

__all__ = [
    "check_colour",
    "check_guides",
    "check_inputs",
    "check_kind",
    "check_masks",
    "check_pictures",
    "check_room",
    "check_sizes",
    "check_sparse",
    "check_targets",
    "shared_frames",
]


def check_inputs(kind: type[Node], job: Job) -> None:
    """The job names inputs that the node has, and those that it cannot do without; the files are not looked at."""
    known = [entry.name for entry in kind.inputs]
    for name in job.inputs:
        if name not in known:
            raise UsageError(f"node {kind.name} has no input '{name}'{nearest(name, known)}")
    for entry in kind.inputs:
        if entry.required and entry.name not in job.inputs:
            raise UsageError(f"node {kind.name} needs the input '{entry.name}': {entry.help}")


def check_kind(kind: type[Node], generator: Generator) -> None:
    """The generator is made for this node."""
    if generator.card.kind != kind.name:
        raise UsageError(
            f"generator '{generator.card.name}' is made for the node {generator.card.kind}, not for {kind.name}; "
            "choose another, see 'replate generators list'",
            parameter="generator",
        )


def check_guides(kind: type[Node], job: Job, generator: Generator) -> None:
    """The generator can use what it is given."""
    for entry in kind.inputs:
        if entry.name in job.inputs and entry.guide and generator.card.input(entry.guide) is None:
            raise UsageError(
                f"generator '{generator.card.name}' takes no {entry.name}; leave --{entry.name} out, or choose a "
                "generator that does, such as colorize",
                parameter=entry.name,
            )


def check_room(plate: Source, generator: Generator) -> None:
    """A plate that is to be coloured has channels for it."""
    if generator.card.input("hints") is not None and not set("RGB") <= set(plate.channels) and "Y" in plate.channels:
        raise InputError(
            f"{plate.path} has the one channel Y, and '{generator.card.name}' makes colour; "
            "save the plate with R, G and B first",
            path=plate.path,
        )


def check_sparse(kind: type[Node], sources: Mapping[str, Source]) -> None:
    """Inputs of which only some frames exist have one that the plate has, too; hints have alpha."""
    plate = sources["plate"]
    for name in sorted(kind.sparse() & set(sources)):
        source = sources[name]
        if source is plate:
            raise UsageError(f"the {name} must be a file, not a channel of the plate", parameter=name)
        if not shared_frames(source, plate):
            raise InputError(
                f"the {name} {source.path} is of frame {format_frames(source.frames)}, which the plate does not have; "
                f"write the number of its frame into its name, as in {name}.{plate.frames[0]:04d}.exr",
                path=source.path,
            )
        if name == "hints" and "A" not in source.channels:
            raise InputError(f"the hints {source.path} have no alpha; paint them on transparent", path=source.path)


def shared_frames(source: Source, plate: Source) -> list[int]:
    """The frames of a sparse input that the plate has, too, in order; two stills are of one frame."""
    if source.still and plate.still:
        return list(plate.frames)
    return sorted(set(source.frames) & set(plate.frames))


def check_pictures(choice: Choice, plate: Source, sink: Sink) -> None:
    """The plate has what the job works on, and the output has room for it."""
    found = choice.of(plate.parts)
    if not found:
        names = ", ".join(name for part in plate.parts for name in part.channels)
        raise InputError(
            f"{plate.path} has no R, G, B or Y channel to work on, only {names}; "
            "name a plate whose colour is in R, G and B",
            path=plate.path,
        )
    if len(found) > 1 and choice.stereo == "off" and not sink.layered:
        views = ", ".join(picture.view for picture in found)
        raise UsageError(f"{sink.path} holds one picture, the plate {len(found)} ({views}); choose one with --view")


def check_sizes(sources: Mapping[str, Source]) -> None:
    """Every input is as wide and as high, in pixels, as the plate. Raises InputError."""
    plate = sources["plate"]
    for name, source in sources.items():
        if source.size != plate.size:
            sizes = ["x".join(map(str, each.size)) for each in (source, plate)]
            raise InputError(
                f"the {name} {source.path} is {sizes[0]}, the plate is {sizes[1]}; give a {name} of the plate's size",
                path=source.path,
            )


def check_colour(plate: Source, generator: Generator, sink: Sink) -> None:
    """The ways that colour will go: a LUT that the configuration lacks is missed before the first frame."""
    to_space(np.zeros((1, 1, 3), np.float32), plate.space, sink.space)
    if known_space(generator.card.space):
        transform(plate.space, generator.card.space)


def check_targets(sink: Sink, frames: tuple[int, ...]) -> None:
    """A picture a frame: one that is written over by the next is lost."""
    if sink.ordered or len({sink.target(frame) for frame in frames}) == len(frames):
        return
    stem, dot, suffix = sink.path.rpartition(".")
    raise UsageError(
        f"the output {sink.path} is one picture for {len(frames)} frames; write the frame number into its name, "
        f"as in {stem}.%04d{dot}{suffix}, or choose one frame with --frames",
        path=sink.path,
    )


def check_masks(sources: Mapping[str, Source], settings: Mapping[str, Setting]) -> None:
    """The channels that were named for masks are there."""
    for name, source in sources.items():
        channel = settings.get(f"{name}.channel")
        if channel:
            check_channel(source.parts, str(channel), of="plate" if source is sources["plate"] else name)
