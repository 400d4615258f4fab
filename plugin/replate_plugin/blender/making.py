"""A new node: a group with a socket for every picture that it takes, and its result inside."""

from __future__ import annotations

from typing import Any

import bpy

from ..host.declared import Node
from .finding import new_place
from .picture import NODE, show_error
from .sockets import add_sockets

__all__ = ["make"]


def make(node: Node) -> Any:
    """The tree of a new node of this kind."""
    tree = bpy.data.node_groups.new(node.title, "CompositorNodeTree")
    tree.replate.kind, tree.replate.place = node.name, new_place(node.title)
    tree.description = node.help
    add_sockets(tree, node.pipes())
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    tree.nodes.new("NodeGroupInput").location.x = -300
    result, output = tree.nodes.new("CompositorNodeImage"), tree.nodes.new("NodeGroupOutput")
    output.location.x = 300
    result.name = result.label = NODE
    result.image = bpy.data.images.new(node.title, 16, 16, alpha=True, float_buffer=True)
    show_error(tree, (16, 16))
    tree.links.new(result.outputs[0], output.inputs[0])
    return tree
