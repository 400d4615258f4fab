"""A new node: a group with a socket for every picture that it takes, and its result inside."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from ..host.declared import Input, Node
from .finding import new_place
from .picture import NODE, show_error

__all__ = ["add_sockets", "make"]

# What is no colour. All else is; pictures for some frames only are files, because a socket has one for every frame.
_SOCKETS = {"mask": "NodeSocketFloat", "exclude": "NodeSocketFloat", "vectors": "NodeSocketVector"}


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


def add_sockets(tree: Any, inputs: Iterable[Input]) -> None:
    """A socket for each picture that has none; those of other generators stay, with what is connected to them."""
    there = {item.name for item in tree.interface.items_tree if item.item_type == "SOCKET" and item.in_out == "INPUT"}
    for entry in inputs:
        if not entry.sparse and entry.title not in there:
            _socket(tree, entry)


def _socket(tree: Any, entry: Input) -> None:
    socket = tree.interface.new_socket(
        entry.title, in_out="INPUT", socket_type=_SOCKETS.get(entry.name, "NodeSocketColor"), description=entry.help
    )
    socket.hide_value = True
    if entry.name == "vectors":
        socket.dimensions = 4
