"""How a Group says how it stands: what its Read shows, its line of text and the colour of its tile."""

from __future__ import annotations

from typing import Any

import nuke

from ..client import ServiceError
from ..host.jobs import ranges
from . import pipes
from .held import Held, ours

__all__ = ["refresh", "refresh_all", "show", "warn"]

_PLAIN, _OLD = 0, 0xB06000FF
_AGE = 2.0  # seconds: a slider that is dragged asks many times a second, and a server of files may be slow
_COLOUR = ("raw", "colorspace")


def show(held: Held) -> None:
    """Point the Read at what was rendered. A frame in between that was not is an error, never something else."""
    read, made = held.read, sorted(held.place.made(held.result))
    source = held.group.input(0) or nuke.root()
    first = min(made[0], int(source.firstFrame()))
    last = max(made[-1], int(source.lastFrame()))
    read["file"].setValue(held.result.replace("\\", "/"))
    for name, value in (("first", first), ("last", last), ("origfirst", first), ("origlast", last)):
        read[name].setValue(value)
    _colour(held)
    read["reload"].execute()
    held.group["replate_rendered"].setValue(1)


def _colour(held: Held) -> None:
    """Read the result as its plate is read: raw where Nuke rendered that, else as the Read above does."""
    plate = held.pipes.get("plate")
    if plate is None or plate.read is None:
        held.read["raw"].setValue(True)
        return
    for name in _COLOUR:
        held.read[name].fromScript(plate.read[name].toScript())


def refresh(group: Any) -> None:
    """Say what is rendered, and whether the frame that Nuke is at is as it would be rendered now."""
    try:
        text, old = _state(Held(group, [int(nuke.frame())], age=_AGE))
    except ServiceError as error:
        text, old = str(error), True
    for name, value in (("replate_state", text), ("tile_color", _OLD if old else _PLAIN)):
        if group[name].value() != value:  # a script that says the same is not modified
            group[name].setValue(value)


def refresh_all() -> None:
    """When a script is opened: say of all our Groups how they stand now. Never raises, or the script would not open."""
    try:
        for group in ours():
            refresh(group)
    except Exception as error:
        nuke.tprint(f"Replate: {type(error).__name__}: {error}")


def _state(held: Held) -> tuple[str, bool]:
    made = sorted(held.place.made(held.result))
    if not made or not held.group["replate_rendered"].value():
        return "not rendered", False
    frame = held.frames[0]
    if frame in made and held.old:
        return f"rendered: {ranges(made)}; frame {frame} is OUT OF DATE", True
    return f"rendered: {ranges(made)}", False


def warn() -> None:
    """Before a render, on a farm, too: say which of our Groups would not show what they are set to.

    Never raises: a render that goes on is better than one that a remark ended.
    """
    if nuke.thisNode().name() == pipes.TAP:
        return
    for group in ours():
        try:
            old = group["replate_show"].value() == "result" and Held(group).old
        except Exception as error:  # whatever is wrong here, it is said when the node's own buttons are pressed
            nuke.tprint(f"Replate: {group.name()}: {error}")
            continue
        if old:
            nuke.tprint(f"Replate: {group.name()} is out of date or not rendered at {ranges(old)}; render it first")
