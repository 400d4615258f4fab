"""The sockets of a node, one for every picture that it takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..host.declared import Input

__all__ = ["add_sockets"]

# What is no colour. All else is; pictures for some frames only are files, because a socket has one for every frame.
_SOCKETS = {"mask": "NodeSocketFloat", "exclude": "NodeSocketFloat", "vectors": "NodeSocketVector"}


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
