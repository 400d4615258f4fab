"""What happens when a knob of a Group changes. Nuke is busy then: nothing may be rendered, or asked, here."""

from __future__ import annotations

from typing import Any

from . import marks, session
from .building import switch

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
        switch(group, session.declarations().node(str(group["replate_node"].value())))
    marks.refresh(group)
