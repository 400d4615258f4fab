"""A Group of ours, read: its node, generator, frames, settings, and the job that they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import nuke

from ..client import ServiceError
from ..host.declared import Knob, Node
from ..host.jobs import Job, make, numbers
from ..host.places import Place, digests, files
from . import colour, knobs, pipes, session
from .building import RESULT

__all__ = ["Held", "is_ours", "ours"]


def is_ours(node: Any) -> bool:
    """Whether a node was made by `building`."""
    return node.Class() == "Group" and node.knob("replate_node") is not None


def ours() -> list[Any]:
    """All our Groups in the script, those in other Groups, too."""
    return [node for node in nuke.allNodes("Group", recurseGroups=True) if is_ours(node)]


class Held:
    """What a Group is set to now, for `frames`, or for those that its knob names.

    Made anew for every button; raises ServiceError for what cannot be. Files may be taken as they were `age` seconds
    ago.
    """

    def __init__(self, group: Any, frames: Sequence[int] = (), *, age: float = 0.0) -> None:
        self.group, self.age = group, age
        self.node: Node = session.declarations().node(str(group["replate_node"].value()))
        self.frames = tuple(frames) or self._asked()

    @property
    def generator(self) -> str:
        """The generator's name, or its file."""
        file = str(self.group["replate_generator_file"].getEvaluatedValue() or "")
        return file or str(self.group["replate_generator"].value())

    @property
    def read(self) -> Any:
        """The Read of the results."""
        return self.group.node(RESULT)

    @cached_property
    def place(self) -> Place:
        """Where its pictures are kept. By script and name, so that a copy has a place of its own."""
        script = str(nuke.root()["name"].value() or "")
        given = str(self.group["replate_cache"].getEvaluatedValue() or "")
        if not given and not script:
            raise ServiceError("save the script first, or name a cache folder: the pictures are kept beside it")
        base = Path(given) if given else Path(script).parent / "replate"
        name = re.sub(r"\W", "_", self.group.fullName())
        return Place(base / (Path(script).stem or "untitled") / f"{name}-{self.group['replate_id'].value()}")

    @property
    def result(self) -> str:
        """The pattern of the results."""
        return self.place.result(self.node.name)

    @cached_property
    def pipes(self) -> dict[str, pipes.Pipe]:
        """The connected inputs that count with this generator, by name."""
        return pipes.of_group(self.group, self.node.pipes(self.generator), self.frames, age=self.age)

    @cached_property
    def job(self) -> Job:
        """The job; nothing need be rendered for it yet."""
        counting = [knob for knob in self.node.knobs(self.generator) if self._has(knob)]
        values = {knob.identifier: knobs.over(self.group, knob, self.frames) for knob in counting}
        inputs = {"plate": self._empty_plate, **{name: pipe.path(self.place) for name, pipe in self.pipes.items()}}
        if "mask" not in inputs and values.get("mask_channel"):
            inputs["mask"] = f"plate:{values['mask_channel']}"
        job = make(
            self.node,
            inputs=inputs,
            output=self.result,
            frames=self.frames,
            generator=self.generator,
            options=self._options,
        )
        # Defaults, too: what a frame is made from must not hang on which others are rendered with it.
        return {**job, "params": {knob.name: values[knob.identifier] for knob in counting}}

    @cached_property
    def words(self) -> dict[str, str]:
        """What Nuke knows of pictures that it renders itself, by input, and which file the generator is."""
        rendered = {name: f"{pipe.word} {self.sparse(name)}" for name, pipe in self.pipes.items() if not pipe.read}
        return {**rendered, "generator": str(files(self._file, age=self.age))}

    @property
    def old(self) -> tuple[int, ...]:
        """Those of the frames that are missing, or would be others now."""
        return self.place.old(self.result, digests(self.job, upstream=self.words, age=self.age))

    def sparse(self, name: str) -> tuple[int, ...]:
        """The frames of a sparse input, as its knob names them; empty where it names none."""
        knob = self.group.knob(f"replate_at_{name}")
        return numbers(str(knob.evaluate() or "")) if knob else ()

    def _asked(self) -> tuple[int, ...]:
        if asked := str(self.group["replate_frames"].evaluate() or "").strip():
            return numbers(asked)
        source = self.group.input(0) or nuke.root()
        return tuple(range(int(source.firstFrame()), int(source.lastFrame()) + 1))

    def _has(self, knob: Knob) -> bool:
        """Whether the Group has it: one that an older version made lacks what is new."""
        return self.group.knob(knobs.name_of(knob)) is not None

    @property
    def _file(self) -> str:
        known = self.node.generator(self.generator)
        return known.path if known else self.generator

    @property
    def _empty_plate(self) -> str:
        """What stands in for a plate where none is connected: as everywhere in Nuke, black of the project's size."""
        size = nuke.root().format()
        return f"blank:{size.width()}x{size.height()}"

    @property
    def _options(self) -> dict[str, Any]:
        options = {
            knob.name: knobs.over(self.group, knob, self.frames) for knob in self.node.options if self._has(knob)
        }
        plate = self.pipes.get("plate")
        spaces = {
            "color_space": plate.space if plate else colour.working(),
            "inputs_color_space": colour.working(),
            "ocio": colour.configuration(),
        }
        return {**options, **{name: options.get(name) or space for name, space in spaces.items()}}
