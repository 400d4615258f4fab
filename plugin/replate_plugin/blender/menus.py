"""Where the nodes are found: Add in the compositor, Strip in the sequencer, Render in the top bar."""

from __future__ import annotations

from typing import Any

import bpy

from . import settings

__all__ = ["register", "unregister"]


class AddMenu(bpy.types.Menu):
    """Style, Effect, Removal."""

    bl_idname, bl_label = "REPLATE_MT_add", "Replate"

    def draw(self, context: Any) -> None:
        """One line a node."""
        for node in settings.nodes():
            self.layout.operator_context = "INVOKE_DEFAULT"
            self.layout.operator("replate.add", text=node.title).kind = node.name


class StripMenu(bpy.types.Menu):
    """The same as modifiers of the active strip."""

    bl_idname, bl_label = "REPLATE_MT_strip", "Replate"

    def draw(self, context: Any) -> None:
        """One line a node that needs no second picture of its own kind."""
        for node in settings.nodes():
            self.layout.operator("replate.add_to_strip", text=node.title).kind = node.name


def _add(menu: Any, context: Any) -> None:
    menu.layout.separator()
    menu.layout.menu(AddMenu.bl_idname)


def _strip(menu: Any, context: Any) -> None:
    menu.layout.separator()
    menu.layout.menu(StripMenu.bl_idname)


def _render(menu: Any, context: Any) -> None:
    menu.layout.separator()
    menu.layout.operator_context = "INVOKE_DEFAULT"
    menu.layout.operator("replate.render")


_PLACES = (
    ("NODE_MT_compositor_node_add_all", _add),
    ("SEQUENCER_MT_strip", _strip),
    ("TOPBAR_MT_render", _render),
)


def register() -> None:
    """Hang them into Blender's menus."""
    for each in (AddMenu, StripMenu):
        bpy.utils.register_class(each)
    for name, draw in _PLACES:
        getattr(bpy.types, name).append(draw)


def unregister() -> None:
    """Take them out."""
    for name, draw in _PLACES:
        getattr(bpy.types, name).remove(draw)
    for each in (StripMenu, AddMenu):
        bpy.utils.unregister_class(each)
