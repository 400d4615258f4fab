"""Which pictures a viewer needs for a job at a frame, and what each of them is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ...host.declared import Node
from .film import Stamps, made_from
from .viewing import View

__all__ = [
    "LACKING",
    "MADE",
    "Wish",
    "layer_wish",
    "look_wish",
    "matte_wish",
    "plate_wish",
    "result_keys",
    "result_wish",
]

Job = Mapping[str, Any]

MADE = {"confidence": ("confidence", "replate.confidence"), "found": ("layer.found", "replate.found.share")}
"""Overlays that a node makes itself: the knob that asks for it, and the channel."""

LACKING = {
    "mask": "There is no mask to lay over the picture: open one, or draw one (M)",
    "confidence": "This look does not say how far its results can be trusted, so there is no confidence to show",
    "found": "Nothing is looked for in other frames here, so there is nothing found to show",
}
"""What is said where an overlay is wanted that there is not."""

_TINTS = {"mask": (0.9, 0.25, 0.15), "confidence": (0.95, 0.6, 0.1), "found": (0.15, 0.7, 0.45)}


@dataclass(frozen=True)
class Wish:
    """A picture that somebody wants to see. `role` is where it goes: "plate", "result", "overlay", or a look's name.

    `key` says what it is made from, `how` what `Service.screen` is told. `input` names an input of the job to be shown
    as it is, or, `shaped`, as the node takes it; else the job's result is, with `layers` where it has them. `draft` is
    one in the middle of a drag. `display` is for the screen alone: what a job makes does not wait for it.
    """

    role: str
    key: str
    job: Job
    frame: int
    input: str = ""
    width: int = 0
    shaped: bool = False
    layers: tuple[str, ...] = ()
    how: tuple[tuple[str, Any], ...] = ()
    draft: bool = False
    display: str = ""

    @property
    def seen_job(self) -> Job:
        """The job, as it is looked at."""
        options = self.job["options"]
        return {**self.job, "options": {**options, "display": self.display}} if self.display else self.job

    @property
    def shown_key(self) -> tuple[object, ...]:
        """Tells pictures on the screen apart."""
        options = self.seen_job["options"]
        return self.key, self.how, options.get("display", ""), options.get("ocio", "")


def plate_wish(
    job: Job, view: View, frame: int, stamps: Stamps, *, width: int = 0, shown: int = 0, input: str = "plate"
) -> Wish:
    """An input as it is in its file; `shown` is how wide on the screen, where that is less."""
    options = {name: job["options"][name] for name in ("color_space", "missing") if name in job["options"]}
    bare = {"node": "", "generator": "", "inputs": {input: job["inputs"][input]}, "params": {}, "options": options}
    key = made_from(bare, [frame], {}, stamps, input, width)[frame]
    return Wish(input, key, job, frame, input=input, width=width, how=_how(view, shown), display=view.display)


def result_wish(
    job: Job,
    node: Node,
    view: View,
    frame: int,
    stamps: Stamps,
    *,
    width: int,
    shown: int,
    draft: bool = False,
) -> Wish:
    """The job's result, with the layer that the overlay shows."""
    asked = with_overlay(job, node, view)
    key = result_keys(asked, node, [frame], stamps, width=width)[frame]
    return Wish(
        role="result",
        key=key,
        job=asked,
        frame=frame,
        width=width,
        layers=(MADE[view.overlay][1],) if asked is not job else (),
        how=_how(view, shown),
        draft=draft,
        display=view.display,
    )


def result_keys(job: Job, node: Node, frames: Sequence[int], stamps: Stamps, *, width: int) -> dict[int, str]:
    """What the results of frames are made from."""
    kinds = {knob.name: knob.kind for knob in node.knobs(job["generator"])}
    return made_from(job, frames, kinds, stamps, "result", width)


def with_overlay(job: Job, node: Node, view: View) -> Job:
    """The job, asking for the layer that the overlay shows where the node makes it."""
    knob = MADE.get(view.overlay, ("", ""))[0]
    if not any(each.name == knob for each in node.knobs(job["generator"])):
        return job
    return {**job, "params": {**job["params"], knob: True}}


def matte_wish(job: Job, node: Node, view: View, frame: int, stamps: Stamps, *, width: int) -> Wish | None:
    """The mask as the node takes it, over the picture; None where it is not wanted, or there is none."""
    if view.overlay != "mask" or not job["inputs"].get("mask"):
        return None
    kinds = {knob.name: knob.kind for knob in node.knobs(job["generator"])}
    params = {name: setting for name, setting in job["params"].items() if name.startswith("mask.")}
    inputs = {name: job["inputs"][name] for name in ("plate", "mask")}
    key = made_from({**job, "inputs": inputs, "params": params}, [frame], kinds, stamps, "matte", width)[frame]
    how = ("channel", "Y"), ("tint", _TINTS["mask"])
    return Wish("overlay", key, job, frame, input="mask", shaped=True, width=width, how=how)


def layer_wish(result: Wish, view: View) -> Wish:
    """The layer that a result was asked for with, over the picture, out of the result's own pixels."""
    how = {"channel": result.layers[0], "tint": _TINTS[view.overlay], "inverse": view.overlay == "confidence"}
    how["width"] = dict(result.how)["width"]
    return replace(result, role="overlay", how=tuple(how.items()))


def look_wish(job: Job, generator: str, view: View, frame: int, node: Node, stamps: Stamps, *, width: int) -> Wish:
    """A thumbnail of the frame in another look, with that look's own settings."""
    bare = {**job, "generator": generator, "params": {}, "inputs": _taken(job, node, generator)}
    key = result_keys(bare, node, [frame], stamps, width=width)[frame]
    return Wish(f"look {generator}", key, bare, frame, width=width, display=view.display)


def _taken(job: Job, node: Node, generator: str) -> dict[str, str]:
    """The inputs that this generator takes, but for its guides: those are meant for another."""
    taken = {entry.name for entry in node.pipes(generator) if not entry.sparse}
    return {name: path for name, path in job["inputs"].items() if name in taken}


def _how(view: View, shown: int) -> tuple[tuple[str, Any], ...]:
    """`shown` is the width at which there is more than the window can show; 0 for the plate's own."""
    return ("channel", view.channel), ("exposure", view.exposure), ("gamma", view.gamma), ("width", shown)
