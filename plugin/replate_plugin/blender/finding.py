"""Where the nodes are: in the scene's compositor, in groups inside it, in modifiers of strips."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import bpy

from . import settings

__all__ = ["Placed", "everywhere", "named", "new_place", "separate", "shared"]


@dataclass(frozen=True)
class Placed:
    """A node of ours where it stands. `above` are the group nodes that lead to its tree from the `root`, outermost
    first; `strip` is the one whose `modifier` the root is, None in the compositor."""

    scene: Any
    root: Any
    node: Any
    above: tuple[Any, ...] = ()
    strip: Any = None
    modifier: Any = None

    @property
    def used(self) -> bool:
        """Whether it is not switched off."""
        return not self.node.mute and (self.modifier is None or self.modifier.enable)

    @property
    def group(self) -> Any:
        """Its own tree, with the settings on it and the picture in it."""
        return self.node.node_tree

    @property
    def declared(self) -> Any:
        """What it is."""
        return settings.node(self.group.replate.kind)

    @property
    def settings(self) -> Any:
        """What it is set to."""
        return getattr(self.group, settings.attribute(self.group.replate.kind))

    @property
    def title(self) -> str:
        """What the artist calls it."""
        return str(self.group.name)


def everywhere(scene: Any) -> Iterator[Placed]:
    """All nodes of a scene."""
    if scene.compositing_node_group:
        yield from _inside(Placed(scene, scene.compositing_node_group, None))
    if scene.sequence_editor:
        for strip in scene.sequence_editor.strips_all:
            for modifier in strip.modifiers:
                if modifier.type == "COMPOSITOR" and modifier.node_group:
                    yield from _inside(Placed(scene, modifier.node_group, None, strip=strip, modifier=modifier))


def _inside(where: Placed) -> Iterator[Placed]:
    """The nodes of a tree and of the groups in it."""
    tree = where.above[-1].node_tree if where.above else where.root
    for node in tree.nodes:
        group = getattr(node, "node_tree", None)
        if group is None:
            continue
        if is_ours(group):
            yield replace(where, node=node)
        else:
            yield from _inside(replace(where, above=(*where.above, node)))


def is_ours(tree: Any) -> bool:
    """Whether a tree is a node of Replate that this version knows."""
    return tree.replate.kind in {node.name for node in settings.nodes()}


def named(scene: Any, name: str) -> list[Placed]:
    """The nodes of this name, all of them for an empty one."""
    return [placed for placed in everywhere(scene) if not name or placed.group.name == name]


def new_place(title: str) -> str:
    """A folder's name that no other node has."""
    return f"{title}-{secrets.token_hex(4)}"


def separate() -> None:
    """Give every copy of a node a tree of its own: Blender's copies share it, and two pictures do not fit into one."""
    _separate_strips()
    owners: dict[Any, Any] = {}
    for placed in [each for scene in bpy.data.scenes for each in everywhere(scene)]:
        if owners.setdefault(placed.group, placed.node) != placed.node:
            _part(placed)


def _separate_strips() -> None:
    """Copies of a strip share the tree of their modifier."""
    owners: dict[Any, Any] = {}
    for modifier in [each.modifier for scene in bpy.data.scenes for each in everywhere(scene) if each.modifier]:
        if owners.setdefault(modifier.node_group, modifier) != modifier:
            modifier.node_group = _copied(modifier.node_group)


def shared(placed: Placed) -> bool:
    """Whether it is in a group of the artist's that is used in several places, with several pictures to work on."""
    return [each.node for each in everywhere(placed.scene)].count(placed.node) > 1


def _copied(tree: Any) -> Any:
    """A copy with keyframes of its own."""
    own = tree.copy()
    if own.animation_data and own.animation_data.action:
        own.animation_data.action = own.animation_data.action.copy()
    return own


def _part(placed: Placed) -> None:
    own = _copied(placed.group)
    own.replate.place = new_place(placed.declared.title)
    own.replate.told = ""
    placed.node.node_tree = own
    image = own.nodes["result"]
    image.image = image.image.copy()
