"""A job made ready: files found and opened, settings checked, the network loaded, nothing rendered yet.

Everything that is wrong with a job as a whole is said here, before the first frame is touched.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from . import __version__
from .checks import (
    check_colour,
    check_guides,
    check_inputs,
    check_kind,
    check_masks,
    check_pictures,
    check_room,
    check_sparse,
    check_targets,
    shared_frames,
)
from .color import config_identity, using
from .declarations import family_of
from .generator import Generator
from .inputs import open_inputs, settings_of
from .job import Job
from .keeping.manifest import Manifest, fingerprint
from .media import Sink, Source, check_not_same, open_sink
from .memory import hold_room_for_matrices
from .nodes import Engine, Node, node_for, node_named
from .options import SHOWN
from .params import Param, Setting
from .picture.pictures import Choice
from .workshop import Workshop

__all__ = ["Plan", "frames_of", "prepare"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What `render` works from. `frames` are all frames asked for, in order."""

    job: Job
    node: Node
    params: tuple[Param, ...]
    settings: Mapping[str, Setting]
    """Of every parameter: what the job says, or the default."""
    sources: Mapping[str, Source]
    sink: Sink
    manifest: Manifest
    frames: tuple[int, ...]

    @property
    def generator(self) -> Generator:
        """The loaded generator."""
        return self.node.engine.generator

    def check(self) -> None:
        """Raise GeneratorError where the network is broken; it is not even read where the node has no use for it."""
        if self.node.generates(self.settings):
            self.generator.check()

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The node's window, in order; 0 is the frame that is made."""
        return self.node.offsets(self.settings)

    @cached_property
    def choice(self) -> Choice:
        """Which pictures of the plate are worked on."""
        return _choice(self.job)

    def values(self, frame: int) -> dict[str, Any]:
        """Every parameter's value at a frame."""
        return self.node.values(self.params, self.settings, frame)

    def window(self, frame: int) -> dict[str, dict[int, int]]:
        """What a frame is made from: input -> offset -> number of a frame that there is.

        Of a sparse input these are the nearest to every frame in the window, and the plate comes with them.
        """
        windowed = self.node.windowed() & set(self.sources)
        around = [frame + offset for offset in self.offsets]
        if "plate" in windowed:  # then no other input is of use where there is no plate
            around = [number for number in around if number == frame or number in self._known["plate"]]
        sparse = {name: _nearest(numbers, around) for name, numbers in self._sparse.items()}
        own = around if "plate" in windowed else [frame]
        plates = dict.fromkeys([*own, *(number for numbers in sparse.values() for number in numbers)])
        whole = {name: [number for number in around if self._has(name, number)] for name in windowed}
        beside = {name: {**whole, **sparse}.get(name, [frame]) for name in self.sources if name != "plate"}
        inputs: dict[str, Iterable[int]] = {"plate": plates, **beside}
        return {name: {number - frame: number for number in numbers} for name, numbers in inputs.items()}

    @cached_property
    def _known(self) -> Mapping[str, frozenset[int]]:
        return {name: frozenset(source.frames) for name, source in self.sources.items()}

    def _has(self, name: str, number: int) -> bool:
        """Whether an input has a frame of this number; a still has every one."""
        return self.sources[name].still or number in self._known[name]

    @cached_property
    def _sparse(self) -> dict[str, list[int]]:
        """The frames of sparse inputs that the plate has, too, in order."""
        names = self.node.sparse() & set(self.sources)
        return {name: shared_frames(self.sources[name], self.sources["plate"]) for name in sorted(names)}

    def fingerprint(self, frame: int) -> str:
        """Everything that the pixels of a frame follow from; device and tiling are not among them."""
        plate = self.sources["plate"]
        facts = {
            "version": __version__,
            "node": self.node.name,
            "generator": self.generator.sha256,
            "space": [plate.space, config_identity()],
            "values": self.values(frame),
            "output": self.job.output.rpartition(".")[2],
            "options": {name: self.job.option(name) for name in SHOWN},
        }
        read = {
            name: {offset: self.sources[name].identity(number) for offset, number in numbers.items()}
            for name, numbers in self.window(frame).items()
        }
        return fingerprint(facts | read)


@contextlib.contextmanager
def prepare(job: Job, *, workshop: Workshop | None = None) -> Iterator[Plan]:
    """Open everything that `job` names, and close it afterwards; raises what is wrong with the job."""
    job, workshop = job.checked(), workshop or Workshop()
    hold_room_for_matrices()
    kind = node_named(job.node)
    with contextlib.ExitStack() as stack:
        stack.enter_context(using(job.option("ocio"), display=job.option("display")))
        sources, frames = open_inputs(job, kind, workshop, stack)
        generator = workshop.generator(
            kind.generator_named(job.generator),
            device=job.option("device"),
            threads=job.option("threads") or None,
        )
        check_kind(kind, generator)
        kind = node_for(job.node, generator.card)
        check_inputs(kind, job)
        check_guides(kind, job, generator)
        check_sparse(kind, sources)
        check_room(sources["plate"], generator)
        params = kind.params_with(generator.card)
        settings = _settings(job, kind, params, sources)
        engine = Engine(generator=generator, tile=job.option("tile"), projection=job.option("projection"))
        sink = _sink(job, sources["plate"], frames)
        check_colour(sources["plate"], generator, sink)
        check_pictures(_choice(job), sources["plate"], sink)
        check_targets(sink, frames)
        for name, source in sources.items():
            check_not_same(source, sink, frames if name not in kind.sparse() else set(frames) & set(source.frames))
        yield Plan(
            job=job,
            node=workshop.node(job, kind, engine),
            params=params,
            settings=settings,
            sources=sources,
            sink=sink,
            manifest=Manifest(sink.name),
            frames=frames,
        )


def _sink(job: Job, plate: Source, frames: tuple[int, ...]) -> Sink:
    """Where the result goes, in what the job says of it and else as the plate is."""
    return open_sink(
        job.output,
        like=plate,
        fps=plate.fps,
        compression=job.option("compression") or None,
        bit_depth=job.option("bits") or None,
        numbers=frames,
    )


def frames_of(job: Job) -> tuple[int, ...]:
    """The frames that a job makes. For that its inputs are opened and all is checked that needs no network."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(using(job.option("ocio"), display=job.option("display")))
        sources, frames = open_inputs(job, node_named(job.node), Workshop(), stack)
        kind, params = family_of(job.node, job.generator)
        _settings(job, kind, params, sources)
        return frames


def _settings(
    job: Job, kind: type[Node], params: tuple[Param, ...], sources: Mapping[str, Source]
) -> dict[str, Setting]:
    """Of every parameter what the job says, or the default; raises where they do not go together with the inputs."""
    settings = settings_of(job, params)
    kind.check(sources, settings)
    check_masks(sources, settings)
    return settings


def _nearest(numbers: Sequence[int], around: Iterable[int]) -> list[int]:
    """For each number in `around` the same among `numbers` (in order), else the last before and the first after it."""
    found = set[int]()
    for number in around:
        at = bisect_left(numbers, number)
        own = numbers[at : at + 1] == [number]
        found.update(numbers[at : at + 1] if own else numbers[max(0, at - 1) : at + 1])
    return sorted(found)


def _choice(job: Job) -> Choice:
    return Choice(**{name: job.option(name) for name in ("layer", "view", "stereo")})
