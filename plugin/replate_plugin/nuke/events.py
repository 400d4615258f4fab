"""What happens when a knob of a Group changes. Nuke is busy then: nothing may be rendered, or asked, here."""

from __future__ import annotations

from typing import Any

from ..host.declared import Value
from . import knobs, marks, session
from .building import show_own

__all__ = ["changed"]

_QUIET = ("replate_state", "replate_rendered", "tile_color", "label", "xpos", "ypos", "selected", "name", "hidePanel")


def changed(group: Any, knob: Any) -> None:
    """Called by the Group's knobChanged; never raises, because Nuke would stop whatever the artist does."""
    try:
        _changed(group, knob)
    except Exception as error:
        group["replate_state"].setValue(f"Replate: {error}")


def _changed(group: Any, knob: Any) -> None:
    name = knob.name()
    if name in _QUIET:
        return
    if name == "replate_generator":
        _other_generator(group, str(knob.value()))
    marks.refresh(group)


def _other_generator(group: Any, new: str) -> None:
    """Show the knobs of the generator that was chosen, and move to its defaults those that nobody touched."""
    node = session.declarations().node(str(group["replate_node"].value()))
    old = str(group["replate_known"].value())
    held = {each.identifier: group.knob(knobs.name_of(each)) for each in node.every_knob}
    values: dict[str, Value] = {
        identifier: knob.value()
        for identifier, knob in held.items()
        if knob is not None and not (hasattr(knob, "isAnimated") and (knob.isAnimated() or knob.hasExpression()))
    }
    for identifier, value in node.switched(old, new, values).items():
        knobs.reset(held[identifier], value)
    group["replate_known"].setValue(new)
    show_own(group, node, new)
