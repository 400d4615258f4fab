"""What one node wants made: its settings and inputs as a job, and what each frame would be made from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import bpy

from ..errors import ServiceError
from ..host import jobs
from ..host.declared import Input, Node
from ..host.jobs import Job
from ..host.places import Place, digests
from . import colours, keys, settings
from .finding import Placed, shared
from .preferences import cache_folder, preferences
from .strips import file_of_strip
from .upstream import File, described, feeding, file_of, from_outside, plain_file

__all__ = ["Task", "place_of", "range_of", "size_of"]


def range_of(scene: Any) -> range:
    """The frames that are to be rendered."""
    return range(scene.frame_start, scene.frame_end + 1)


def shot_of(placed: Placed) -> range:
    """The frames of the shot. Without a window these are also the frames that the scene had when the file was saved,
    because farms set it to their chunk, and a frame must not hang on that."""
    now, saved = range_of(placed.scene), placed.group.replate
    if not bpy.app.background or saved.first > saved.last:
        return now
    return range(min(now.start, saved.first), max(now.stop, saved.last + 1))


def size_of(scene: Any) -> tuple[int, int]:
    """Width and height of a rendered frame, in pixels."""
    how = scene.render
    width, height = (edge * how.resolution_percentage // 100 for edge in (how.resolution_x, how.resolution_y))
    return width, height


def place_of(placed: Placed) -> Place:
    """Where a node's pictures are."""
    return Place(cache_folder() / placed.group.replate.place)


@dataclass(frozen=True)
class Task:
    """A node and what feeds it. `files` are passed on as they are, `taps` are inputs that Blender renders first.

    Frames are the scene's. In the job, frame n is n + `shift`, the number in the name of the plate's file.
    """

    placed: Placed
    files: dict[str, File]
    taps: dict[str, Any]
    shift: int = 0

    @classmethod
    def of(cls, placed: Placed) -> Task:
        """The task of a node as it is set now. Raises ServiceError for what it lacks."""
        files, outputs = _given(placed), _linked(placed)
        bare = {name: file for name, output in outputs.items() if (file := _bare(placed, name, output))}
        numbered = {file.shift for file in bare.values() if file.first is not None}
        if len(bare) < len(outputs) or len(numbered) > 1:  # what Blender renders has the scene's numbers
            bare = {name: file for name, file in bare.items() if file.first is None or file.shift == 0}
            numbered = set()
        taps = {name: output for name, output in outputs.items() if name not in bare}
        task = cls(placed, {**files, **bare}, taps, next(iter(numbered), 0))
        task._check()
        return task

    @property
    def node(self) -> Node:
        """The declaration."""
        node: Node = self.placed.declared
        return node

    @cached_property
    def place(self) -> Place:
        """Where its pictures are."""
        return place_of(self.placed)

    @property
    def result(self) -> str:
        """The pattern of its results, by the job's numbers."""
        return self.place.result(self.node.name)

    @cached_property
    def words(self) -> dict[str, str]:
        """For each tap a word for all that shows in it."""
        inputs = self.placed.node.inputs
        return {name: described(self.placed, inputs[_socket(self.placed, name)]) for name in self.taps}

    def job(self, frames: Sequence[int]) -> Job:
        """The job of these frames."""
        chosen, own = settings.generator(self.placed.settings), self.placed.settings
        if self.node.generators and not chosen:
            raise ServiceError(f"{self.placed.title}: its generator is not on this machine; choose one", exit_code=2)
        numbers, knobs = [frame + self.shift for frame in frames], settings.knobs(self.node, chosen)
        values = {knob.name: jobs.sampled(knob, partial(self._value, knob), numbers) for knob in knobs}
        job = jobs.make(
            self.node,
            inputs=self._inputs(),
            output=self.result,
            frames=numbers,
            generator=chosen,
            options=self._options(own),
        )
        # Defaults as well: what a frame is made from must not hang on which others are in the job.
        return {**job, "params": values}

    def digests(self, frames: Iterable[int]) -> dict[int, str]:
        """From what each of these frames would be made."""
        made = digests(self.job(list(frames)), upstream=self.words)
        return {number - self.shift: said for number, said in made.items()}

    def old(self, frames: Iterable[int]) -> tuple[int, ...]:
        """Those of these frames that have no result that is up to date."""
        wanted = {frame + self.shift: said for frame, said in self.digests(frames).items()}
        return tuple(number - self.shift for number in self.place.old(self.result, wanted))

    def untapped(self, frames: Iterable[int]) -> tuple[int, ...]:
        """Those of these frames of which an input is not rendered, or was when it showed something else."""
        wanted = list(frames)
        missing = [
            self.place.old(self.place.tap(name), dict.fromkeys(wanted, said)) for name, said in self.words.items()
        ]
        return tuple(frame for frame in wanted if any(frame in each for each in missing))

    def around(self, frames: Iterable[int], offsets: Iterable[int]) -> tuple[int, ...]:
        """The frames of the shot that these ones look at."""
        asked, shot = set(frames), shot_of(self.placed)
        near = {frame + offset for frame in asked for offset in offsets}
        return tuple(sorted(asked | (near & set(shot))))

    def _value(self, knob: Any, number: float) -> Any:
        return keys.value(self.placed.settings, knob, number - self.shift)

    def _options(self, own: Any) -> dict[str, Any]:
        chosen = {knob.name: getattr(own, f"option_{knob.identifier}") for knob in settings.option_knobs(self.node)}
        decided = {"device": preferences().device or "auto", "ocio": colours.configuration(), "bits": 32}
        return {**chosen, **decided, "color_space": self._space()}

    @property
    def shown(self) -> str:
        """The colour space of the results in Blender's words."""
        plate = self.files.get("plate")
        return plate.shown if plate else colours.LIGHT

    def _space(self) -> str:
        plate = self.files.get("plate")
        return plate.space if plate else colours.named(colours.LIGHT)

    def _inputs(self) -> dict[str, str]:
        tapped = {name: self.place.tap(name) for name in self.taps}
        return {**{name: file.path for name, file in self.files.items()}, **tapped}

    def _check(self) -> None:
        if "plate" not in self.files and "plate" not in self.taps:
            raise ServiceError(f"{self.placed.title} has no plate; connect a picture to it", exit_code=2)
        if shared(self.placed):
            message = "is in a group that is used more than once; make the group a single user's in each place"
            raise ServiceError(f"{self.placed.title} {message}", exit_code=2)
        inputs = self.placed.node.inputs
        if any(from_outside(self.placed, inputs[_socket(self.placed, name)]) for name in self.taps):
            message = "what comes from a strip must be connected straight to 'Plate'; Blender renders it nowhere else"
            raise ServiceError(f"{self.placed.title}: {message}", exit_code=2)


def _socket(placed: Placed, name: str) -> str:
    """What the socket of an input is called."""
    return next(entry.title for entry in _pipes(placed) if entry.name == name)


def _pipes(placed: Placed) -> tuple[Input, ...]:
    """The inputs that count with the chosen generator."""
    pipes: tuple[Input, ...] = placed.declared.pipes(settings.generator(placed.settings))
    return pipes


def _given(placed: Placed) -> dict[str, File]:
    """Inputs that are paths; for Effect an empty plate where there is none."""
    paths = {entry.name: getattr(placed.settings, f"file_{entry.name}") for entry in _pipes(placed)}
    found = {name: plain_file(bpy.path.abspath(path)) for name, path in paths.items() if path}
    if placed.declared.name == "effect" and "plate" not in found:
        width, height = size_of(placed.scene)
        found["plate"] = File(f"blank:{width}x{height}", colours.named(colours.LIGHT), colours.LIGHT)
    return found


def _linked(placed: Placed) -> dict[str, Any]:
    """Inputs that something is connected to, with the output that feeds them."""
    sockets = {entry.name: placed.node.inputs.get(entry.title) for entry in _pipes(placed)}
    found = {name: feeding(socket) for name, socket in sockets.items() if socket is not None}
    return {name: output for name, output in found.items() if output is not None}


def _bare(placed: Placed, name: str, output: Any) -> File | None:
    """The file behind an output, where it can be passed on as it is; not for mattes, of which Blender takes a mean."""
    if output.node.bl_idname == "NodeGroupInput":
        return file_of_strip(placed.strip, placed.scene) if placed.strip and not placed.above else None
    file = file_of(output) if name in ("plate", "background") else None
    if file is None or file.first is None:
        return file
    shot = shot_of(placed)
    whole = file.last is not None and file.first <= shot[0] and shot[-1] <= file.last
    return file if whole else None
