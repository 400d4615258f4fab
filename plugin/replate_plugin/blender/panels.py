"""Settings in the sidebar (N): those of the active node in the compositor, of the active strip in the sequencer.

A panel for the generator and the buttons, and one below it for each section of the declarations.
"""

from __future__ import annotations

from typing import Any

import bpy

from ..host.declared import Knob
from . import settings
from .finding import Placed, everywhere
from .stepping import running

__all__ = ["register", "unregister"]

_SPACES = {"NODE_EDITOR": "node", "SEQUENCE_EDITOR": "strip"}
_PANELS: list[Any] = []


def shown(context: Any) -> Placed | None:
    """The node whose settings are on view."""
    return _node(context) if context.space_data.type == "NODE_EDITOR" else _strip(context)


def _node(context: Any) -> Placed | None:
    active = context.active_node
    return next((each for each in everywhere(context.scene) if each.node == active), None) if active else None


def _strip(context: Any) -> Placed | None:
    scene = getattr(context, "sequencer_scene", None) or context.scene
    strip = scene.sequence_editor.active_strip if scene.sequence_editor else None
    return next((each for each in everywhere(scene) if each.strip == strip), None) if strip else None


def draw_main(panel: Any, context: Any) -> None:
    """Generator, files, buttons, and what is wrong."""
    placed = shown(context)
    assert placed is not None
    layout, own = panel.layout, placed.settings
    layout.use_property_split = True
    layout.use_property_decorate = False
    if placed.group.replate.told:
        _text(layout, placed.group.replate.told)
    layout.prop(own, "generator")
    if own.generator == settings.FILE:
        layout.prop(own, "generator_file", text="")
    for entry in placed.declared.pipes(settings.generator(own)):
        socket = placed.node.inputs.get(entry.title)
        if socket is None or not socket.is_linked:
            layout.prop(own, f"file_{entry.name}")
    layout.prop(placed.group.replate, "live")
    _buttons(layout, placed)


def _buttons(layout: Any, placed: Placed) -> None:
    row = layout.row(align=True)
    row.operator_context = "INVOKE_DEFAULT"
    if running:
        row.operator("replate.cancel")
        return
    for name in ("replate.bake_frame", "replate.bake", "replate.clear"):
        row.operator(name).name = placed.group.name


def _text(layout: Any, text: str) -> None:
    """A sentence in red, in lines as wide as the sidebar."""
    column, line = layout.column(align=True), ""
    column.alert = True
    for word in [*text.split(), ""]:
        if len(line) + len(word) > 40 or not word:
            column.label(text=line, icon="ERROR" if line == text[: len(line)] else "BLANK1")
            line = ""
        line = f"{line} {word}".strip()


def draw_section(panel: Any, context: Any) -> None:
    """The knobs of one section that count with the chosen generator."""
    placed = shown(context)
    assert placed is not None
    panel.layout.use_property_split = True
    for knob, prefix in _section(placed, panel.section):
        panel.layout.prop(placed.settings, prefix + knob.identifier)


def _section(placed: Placed, section: str) -> list[tuple[Knob, str]]:
    node = placed.declared
    own = [(knob, "") for knob in settings.knobs(node, settings.generator(placed.settings))]
    options = [(knob, "option_") for knob in settings.option_knobs(node)]
    return [(knob, prefix) for knob, prefix in own + options if knob.section == section]


def _sections() -> list[str]:
    """Every section that a node has, in the order of the declarations."""
    knobs = [knob for node in settings.nodes() for knob in (*node.every_knob, *settings.option_knobs(node))]
    return [section for section in dict.fromkeys(knob.section for knob in knobs) if section != "Output"]


def _panel(space: str, section: str) -> Any:
    """A panel's class; the first one, without a section, is the parent of the others."""
    name = f"REPLATE_PT_{_SPACES[space]}"

    def poll(cls: Any, context: Any) -> bool:
        placed = shown(context)
        return placed is not None and (not section or bool(_section(placed, section)))

    facts: dict[str, Any] = {
        "bl_idname": f"{name}_{section.lower().replace(' ', '_')}" if section else name,
        "bl_label": section or "Replate",
        "bl_space_type": space,
        "bl_region_type": "UI",
        "bl_category": "Replate",
        "section": section,
        "poll": classmethod(poll),
        "draw": draw_section if section else draw_main,
    }
    if section:
        facts |= {"bl_parent_id": name, "bl_options": set() if section == "Look" else {"DEFAULT_CLOSED"}}
    return type(facts["bl_idname"], (bpy.types.Panel,), facts)


def register() -> None:
    """One set of panels for each editor."""
    _PANELS.extend(_panel(space, section) for space in _SPACES for section in ("", *_sections()))
    for each in _PANELS:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Take them away."""
    for each in reversed(_PANELS):
        bpy.utils.unregister_class(each)
    _PANELS.clear()
