"""What is asked of a job's inputs: facts about one, its frames as they are, its mask as the node takes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..color import displays, using
from ..errors import UsageError
from ..inputs import open_input, settings_of
from ..job import OF_PLATE, Job
from ..nodes import node_named
from ..nodes.mask import mask_values
from ..params import nearest, resolve
from ..picture.matte import matte_of
from .pictures import Pictures
from .pixels import place, shown
from .tasks import Glance
from .warm import Bench
from .width import at_width, params_of
from .wire import Message

__all__ = ["Facts", "Matte", "Original"]


@dataclass(eq=False, kw_only=True)
class _OfInput(Glance):
    """About an `input` of the job."""

    input: str = "plate"

    @property
    def path_job(self) -> Job:
        """The job, in which the input is a file. Raises UsageError where it has none of that name."""
        if self.input not in self.job.inputs:
            raise UsageError(f"the job has no input '{self.input}'{nearest(self.input, self.job.inputs)}")
        if self.job.inputs[self.input].startswith(OF_PLATE):
            return replace(self.job, inputs={**self.job.inputs, self.input: self.job.inputs["plate"]})
        return self.job


class Facts(_OfInput):
    """What an input is: frames, size, rate, colour space and how that is known, channels, and
    what displays and views it can be looked at through."""

    def work(self, bench: Bench) -> Message:
        """The facts as plain data; frames as numbers in order."""
        sparse = self.input in node_named(self.job.node).sparse()
        with (
            using(self.job.option("ocio")),
            open_input(bench.previews, self.path_job, self.input, sparse=sparse) as source,
        ):
            return {
                "frames": list(source.frames),
                "still": source.still,
                "size": list(source.size),
                "fps": float(source.fps) if source.fps else 0.0,
                "kind": source.kind,
                "space": source.space,
                "space_reason": source.space_reason,
                "channels": [name for part in source.parts for name in part.channels],
                "notes": list(source.notes),
                "displays": displays(),
            }


@dataclass(eq=False, kw_only=True)
class Original(_OfInput):
    """An input's frame as it is in its file, at most `width` wide."""

    frame: int
    pictures: Pictures
    width: int = 0

    def work(self, bench: Bench) -> Message:
        """The picture."""
        sparse = self.input in node_named(self.job.node).sparse()
        job, workshop = at_width(self.path_job, self.width, bench)
        with using(job.option("ocio")), open_input(workshop, job, self.input, sparse=sparse) as source:
            source.check([self.frame])
            frame = shown(source.read(self.frame))
        names = set(frame.channels)
        channels = () if names & {"R", "Y"} else frame.channels[:1]
        return place(frame, self.pictures, channels=channels)


class Matte(Original):
    """What a mask amounts to for the node, whose parameters shape it at the frame, over the plate's display window."""

    def work(self, bench: Bench) -> Message:
        """The matte, 0..1, as channel Y."""
        job, workshop = at_width(self.job, self.width, bench)
        with (
            using(job.option("ocio")),
            open_input(workshop, job, "plate", sparse=False) as plate,
            open_input(workshop, self.path_job, self.input, sparse=False) as mask,
        ):
            for source in (plate, mask):
                source.check([self.frame])
            canvas = shown(plate.read(self.frame))
            matte = matte_of(mask.read(self.frame), canvas, **_shaping(job, self.frame))
        return place(replace(canvas, pixels=matte, channels=("Y",), others=()), self.pictures)


def _shaping(job: Job, frame: int) -> dict[str, Any]:
    """How `matte_of` is to shape the mask at a frame; nothing else of the job is looked at."""
    params = [param for param in params_of(job) if param.name.startswith("mask.")]
    given = {name: setting for name, setting in job.params.items() if name.startswith("mask.")}
    values = resolve(params, settings_of(replace(job, params=given), params), frame)
    return {**mask_values(values), "around": job.option("projection") == "equirect"}
