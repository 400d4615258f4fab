"""Pictures that come in by a Group's pipes, as files that Replate reads.

A Read of OpenEXR files at the end of a pipe is passed on by its path. Everything else is rendered, in the values that
Nuke computes with, at exactly the frames that are wanted and not there yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import nuke

from ..client import ServiceError
from ..host.declared import Input
from ..host.jobs import runs
from ..host.places import Place, frame_file
from . import colour
from .session import CANCELLED
from .upstream import word

__all__ = ["MATTES", "TAP", "Pipe", "around", "bare", "of_group"]

TAP = "Tap"
"""The Write that is in a Group for as long as it renders an input."""


MATTES = frozenset({"mask", "holdout", "exclude"})
"""Inputs of which one channel counts: their alpha, as with all of Nuke's nodes, unless a knob names another."""

_RAW = {"raw": True, "datatype": "32 bit float", "metadata": "all metadata"}


@dataclass(frozen=True)
class Pipe:
    """One connected input. `read` is its Read where that can be passed on by path."""

    entry: Input
    node: Any
    read: Any = None
    age: float = 0.0

    @cached_property
    def word(self) -> str:
        """What it is made from, as Nuke knows it."""
        return word(self.node, age=self.age)

    @property
    def space(self) -> str:
        """The colour space of the pixels that are handed over."""
        return colour.of_read(self.read) if self.read else colour.working()

    def path(self, place: Place) -> str:
        """Where its pictures are, or will be."""
        return str(nuke.filename(self.read)) if self.read else place.tap(self.entry.name)

    @property
    def there(self) -> tuple[int, ...]:
        """The frames of its Read that are on the disk; none where Nuke renders it."""
        if not self.read:
            return ()
        first, last = (int(self.read[name].value()) for name in ("first", "last"))
        return tuple(
            number for number in range(first, last + 1) if frame_file(str(nuke.filename(self.read)), number).is_file()
        )

    def render(self, group: Any, place: Place, frames: Sequence[int], *, channels: str) -> None:
        """Have Nuke render those of the frames that are not there as they would be now; nothing for a Read.

        What is there from before and would be another now is removed, and of a sparse input all but `frames`.
        Raises ServiceError where Nuke cannot, with exit code 130 where the user cancelled.
        """
        if self.read:
            return
        pattern, said = place.tap(self.entry.name), f"{self.word} {channels}"
        sparse = self.entry.sparse
        gone = [frame for frame, was in place.made(pattern).items() if was != said or (sparse and frame not in frames)]
        place.drop(pattern, gone)
        if old := place.claim(pattern, dict.fromkeys(frames, said)):
            _write(group, self.entry.name, pattern, old, channels)
            place.note(pattern, dict.fromkeys(old, said))


def of_group(group: Any, inputs: Sequence[Input], frames: Sequence[int], *, age: float = 0.0) -> dict[str, Pipe]:
    """The connected inputs of a Group, by name. `frames` are what a Read must have, to be passed on; files may be taken
    as they were `age` seconds ago.

    A matte is always rendered: which of its channels counts is Nuke's to say.
    """
    connected = ((entry, _above(group, entry.name)) for entry in inputs)
    return {
        entry.name: Pipe(entry, node, _passed_on(entry, node, frames), age)
        for entry, node in connected
        if node is not None
    }


def _above(group: Any, name: str) -> Any:
    """The node that a Group's input of this name is connected to."""
    inside = group.node(name)
    return None if inside is None else group.input(int(inside["number"].value()))


def _passed_on(entry: Input, node: Any, frames: Sequence[int]) -> Any:
    """The Read to pass on. Inputs beside the plate share a colour space, so only files in Nuke's own can be."""
    read = None if entry.name in MATTES else bare(node, () if entry.sparse else frames)
    return read if read and (entry.name == "plate" or colour.of_read(read) == colour.working()) else None


def bare(node: Any, frames: Sequence[int]) -> Any:
    """The Read that this pipe ends in, where its file holds what Nuke shows; None where Nuke must render it."""
    while node is not None and node.Class() == "Dot":
        node = node.input(0)
    if node is None or node.Class() != "Read" or node["disable"].value():
        return None
    path = str(nuke.filename(node) or "")
    plain = path.lower().endswith(".exr") and "%v" not in path.lower()
    shifted = bool(node["frame"].value()) or node["premultiplied"].value()
    inside = all(node["first"].value() <= frame <= node["last"].value() for frame in frames)
    return node if plain and inside and not shifted and colour.of_read(node) else None


def around(shot: Any, frames: Sequence[int], offsets: Sequence[int]) -> list[int]:
    """`frames` and those at `offsets` from them that a shot has, in order: what is beside a shot, a still, say, has
    them, too, in Nuke."""
    first, last = int(shot.firstFrame()), int(shot.lastFrame())
    near = {frame + offset for frame in frames for offset in offsets}
    return sorted({*frames, *(frame for frame in near if first <= frame <= last)})


def _write(group: Any, name: str, pattern: str, frames: Sequence[int], channels: str) -> None:
    """Render an input of a Group as raw 32-bit OpenEXR, in full size whatever the proxy mode."""
    proxy = nuke.root()["proxy"]
    before = proxy.value()
    nuke.Undo.disable()  # the artist did not make this Write, and should not meet it on the way back
    try:
        with group:
            write = nuke.nodes.Write(name=TAP, file=pattern.replace("\\", "/"), file_type="exr", channels=channels)
        write.setInput(0, group.node(name))
        for knob, value in _RAW.items():
            write[knob].setValue(value)
        proxy.setValue(False)
        for first, last in runs(frames):
            nuke.execute(write, first, last, 1)
    except (RuntimeError, nuke.CancelledError) as error:
        raise _failed(name, error) from error
    finally:
        proxy.setValue(before)
        if (left := group.node(TAP)) is not None:
            nuke.delete(left)
        nuke.Undo.enable()


def _failed(name: str, error: Exception) -> ServiceError:
    said = str(error).strip() or type(error).__name__
    if isinstance(error, nuke.CancelledError) or "cancel" in said.lower():
        return ServiceError("cancelled; finished frames are kept", exit_code=CANCELLED)
    if "already executing" in said:
        return ServiceError("Nuke is rendering something else; wait for its end, then press the button again")
    return ServiceError(f"Nuke cannot render the input '{name}': {said}; look at what is connected there")
