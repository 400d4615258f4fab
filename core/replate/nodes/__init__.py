"""The nodes, by name. A new node is one module here and one entry below; so is a new family of a node's generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UsageError
from ..params import nearest
from .base import Engine, Input, Node, Shots
from .effect import Effect
from .effect_field import FieldEffect
from .effect_light import LightEffect
from .effect_noise import NoiseEffect
from .removal import Removal
from .style import Style

if TYPE_CHECKING:
    from ..card import Card

__all__ = [
    "FAMILIES",
    "NODES",
    "Effect",
    "Engine",
    "Input",
    "Node",
    "Removal",
    "Shots",
    "Style",
    "node_for",
    "node_named",
]

NODES: dict[str, type[Node]] = {node.name: node for node in (Style, Effect, Removal)}
FAMILIES: tuple[type[Node], ...] = (NoiseEffect, FieldEffect, LightEffect)
"""What a node is with a generator of a family, where it is something special."""


def node_named(name: str) -> type[Node]:
    """The node class called `name`; raises UsageError that names the nearest."""
    if name not in NODES:
        raise UsageError(f"unknown node '{name}'{nearest(name, NODES)}")
    return NODES[name]


def node_for(name: str, card: Card) -> type[Node]:
    """The node called `name` as it is with this generator; UsageError where it can do nothing with its family."""
    general = node_named(name)
    special = {kind.family: kind for kind in FAMILIES if kind.name == name}
    if card.family in special or not (special or card.family):
        return special.get(card.family, general)
    raise UsageError(
        f"generator '{card.name}' is of the family '{card.family}', which the node {name} of this version of Replate "
        f"does not have{nearest(card.family, filter(None, special))}",
        parameter="generator",
    )
