"""The nodes, by name. A new node is one module here and one entry below."""

from __future__ import annotations

from ..errors import UsageError
from ..params import nearest
from .base import Engine, Input, Node, Shots
from .effect import Effect
from .removal import Removal
from .style import Style

__all__ = ["NODES", "Effect", "Engine", "Input", "Node", "Removal", "Shots", "Style", "node_named"]

NODES: dict[str, type[Node]] = {node.name: node for node in (Style, Effect, Removal)}


def node_named(name: str) -> type[Node]:
    """The node class called `name`; raises UsageError that names the nearest."""
    if name not in NODES:
        raise UsageError(f"unknown node '{name}'{nearest(name, NODES)}")
    return NODES[name]
