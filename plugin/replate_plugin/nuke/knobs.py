"""Knobs of a Group, made from the declaration, and what they hold at a frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nuke

from ..host.declared import Knob, Value
from ..host.jobs import sampled

__all__ = ["APPEARANCE", "dress", "made", "name_of", "over", "reset"]

_WORDS = """
name label note_font note_font_size note_font_color tile_color gl_color hide_input cached dope_sheet bookmark
postage_stamp postage_stamp_frame help onCreate onDestroy knobChanged updateUI autolabel panel selected xpos ypos icon
indicators window lock_connections mapsize rootNodeUpdated
"""
APPEARANCE = frozenset(_WORDS.split())
"""Knobs that every node has, and that show in the node graph or in a panel, not in pixels."""

_TAKEN = APPEARANCE | {"disable", "lifetimeStart", "lifetimeEnd", "useLifetime"}


def name_of(knob: Knob) -> str:
    """What a parameter's knob is called on the Group: mask.grow is mask_grow."""
    return f"{knob.identifier}_" if knob.identifier in _TAKEN else knob.identifier


def made(knob: Knob) -> Any:
    """A Nuke knob for a parameter, with its default, range and help."""
    kinds = {"float": nuke.Double_Knob, "int": nuke.Int_Knob, "bool": nuke.Boolean_Knob, "text": nuke.EvalString_Knob}
    title = f"{knob.title} ({knob.unit})" if knob.unit else knob.title
    if knob.kind == "choice":
        new: Any = nuke.Enumeration_Knob(name_of(knob), title, list(knob.choices))
    else:
        new = kinds[knob.kind](name_of(knob), title)
    if knob.kind == "bool":
        new.setFlag(nuke.STARTLINE)
    if not knob.keyable:
        new.setFlag(nuke.NO_ANIMATION)
    dress(new, knob)
    reset(new, knob.default)
    return new


def dress(new: Any, knob: Knob) -> None:
    """Give a knob the range, the choices and the help that count with a generator; two may have one name for theirs."""
    new.setTooltip(knob.tooltip)
    if knob.kind == "float" and knob.slider is not None:
        new.setRange(*knob.slider)
    if knob.kind == "choice" and list(new.values()) != list(knob.choices):
        chosen = new.value()
        new.setValues(list(knob.choices))
        new.setValue(chosen if chosen in knob.choices else knob.default)


def reset(new: Any, default: Value) -> None:
    """Set a knob to a default; a right click on it goes back there, too."""
    new.setValue(default)
    if isinstance(new, (nuke.Double_Knob, nuke.Int_Knob, nuke.Boolean_Knob)):
        new.setDefaultValue([float(default)])


def over(group: Any, knob: Knob, frames: Sequence[int]) -> Any:
    """What a Group's knob is over `frames`, by keys and expressions: a value, or keys for the job.

    Raises ServiceError where a knob changes that cannot.
    """
    held = group[name_of(knob)]
    if knob.kind == "text":
        return str(held.evaluate() or "")
    if knob.kind == "choice":
        return str(held.value())
    return sampled(knob, lambda frame: held.valueAt(frame), frames)
