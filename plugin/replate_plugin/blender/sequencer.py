"""The nodes on strips: a compositor modifier that holds one."""

from __future__ import annotations

from typing import Any

import bpy

from . import settings
from .making import make
from .strips import can_be_modified

__all__ = ["register", "unregister"]


class AddToStrip(bpy.types.Operator):
    """Give the active strip this node as a modifier"""

    bl_idname, bl_label, bl_options = "replate.add_to_strip", "Add Replate Modifier", {"REGISTER", "UNDO"}
    __annotations__ = {
        "kind": bpy.props.StringProperty(options={"HIDDEN"}),
        "strip": bpy.props.StringProperty(options={"HIDDEN"}, description="Its name; empty: the active one"),
    }

    def execute(self, context: Any) -> set[str]:
        """Make the modifier, its tree and the node in it."""
        scene = getattr(context, "sequencer_scene", None) or context.scene
        editor = scene.sequence_editor
        strip = editor and (editor.strips_all.get(self.strip) if self.strip else editor.active_strip)
        if not strip:
            self.report({"ERROR"}, "select an image or movie strip first")
            return {"CANCELLED"}
        can_be_modified(scene)
        modifier = strip.modifiers.new(settings.node(self.kind).title, "COMPOSITOR")
        modifier.node_group = _tree(self.kind, strip)
        return {"FINISHED"}


def _tree(kind: str, strip: Any) -> Any:
    """The strip's picture in, the node, the modifier's picture out."""
    node = settings.node(kind)
    tree = bpy.data.node_groups.new(f"{node.title} on {strip.name}", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="INPUT", socket_type="NodeSocketColor")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    before, own, after = (tree.nodes.new(name) for name in ("NodeGroupInput", "CompositorNodeGroup", "NodeGroupOutput"))
    own.node_tree = make(node)
    own.name = own.node_tree.name
    before.location.x, after.location.x = -300, 300
    tree.links.new(before.outputs[0], own.inputs[0])
    tree.links.new(own.outputs[0], after.inputs[0])
    return tree


def register() -> None:
    """Make it known."""
    bpy.utils.register_class(AddToStrip)


def unregister() -> None:
    """Take it away."""
    bpy.utils.unregister_class(AddToStrip)
