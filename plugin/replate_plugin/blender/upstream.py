"""What feeds an input of a node: a file that can be passed on as it is, or something that Blender must render.

`described` says in a word all that a compositor shows there, so that a result is known to be old when anything of it
changed. A 3D scene is too much to be described: where one takes part (`renders`), its changes are noted as they happen
(`handlers.py`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..host.places import files
from . import colours
from .finding import Placed, is_ours
from .keys import curves

__all__ = [
    "NUMBER",
    "File",
    "described",
    "feeding",
    "file_of",
    "nodes_before",
    "pattern",
    "plain_file",
    "renders",
]

NUMBER = re.compile(r"(\d+)(?=\.[^.]*$)")
# What of a node does not show in its picture.
_UNSEEN = {"rna_type", "name", "label", "location", "location_absolute", "width", "height", "dimensions", "parent"}
_UNSEEN |= {"inputs", "outputs", "internal_links", "warning_propagation", "use_custom_color", "color", "color_tag"}
_UNSEEN |= {"select", "hide", "id_data", "replate", "before", "type", "layer", "view"}
_DEEPEST = 6  # steps into structures such as a colour ramp's points
_Above = tuple[Any, ...]


@dataclass(frozen=True)
class File:
    """A sequence, a still or a movie that is a picture as Replate reads it, and its colour space in Replate's words.

    Its frame numbers are the scene's plus `shift`; `first` and `last` are the scene's frames that it has, None for a
    still. `shown` is the space of a result that is made of it, in Blender's words.
    """

    path: str
    space: str
    shown: str
    shift: int = 0
    first: int | None = None
    last: int | None = None


def plain_file(path: str, shown: str = colours.LIGHT, **numbers: Any) -> File:
    """A file as Replate takes it: an EXR in the space that Blender shows it with, anything else in its usual one."""
    if path.lower().endswith(".exr"):
        return File(path, colours.named(shown), shown, **numbers)
    return File(path, "", colours.made_of_pictures(), **numbers)


def feeding(socket: Any) -> Any:
    """The output that feeds an input, past reroutes; None where nothing does."""
    link = next((link for link in socket.links if not link.is_muted), None)
    while link is not None and link.from_node.bl_idname == "NodeReroute":
        link = next(iter(link.from_node.inputs[0].links), None)
    return link.from_socket if link else None


def file_of(output: Any) -> File | None:
    """The file behind an output, where it is a linear EXR and nothing is done to it; else None."""
    node = output.node
    image = node.image if node.bl_idname == "CompositorNodeImage" and not node.mute else None
    if image is None or image.type != "IMAGE" or output.name != "Image" or node.use_cyclic or image.packed_file:
        return None
    shown = image.colorspace_settings.name
    space = colours.named(shown)
    path = bpy.path.abspath(image.filepath, library=image.library)
    if not space or not path.lower().endswith(".exr") or image.alpha_mode != "PREMUL":
        return None
    if image.source == "FILE":
        return File(path, space, shown)
    number = NUMBER.search(Path(path).name)
    if image.source != "SEQUENCE" or number is None:
        return None
    return File(
        pattern(path, number),
        space,
        shown,
        shift=1 - node.frame_start + node.frame_offset,
        first=node.frame_start,
        last=node.frame_start + node.frame_duration - 1,
    )


def pattern(path: str, number: re.Match[str]) -> str:
    """A file of a sequence as the sequence's name."""
    name = Path(path).name
    digits = len(number[1])
    return str(Path(path).with_name(f"{name[: number.start()]}%0{digits}d{name[number.end() :]}"))


def nodes_before(placed: Placed, socket: Any) -> Iterator[tuple[_Above, Any]]:
    """Every node that an input depends on, with the group nodes above it, each once."""
    waiting, seen = [(placed.above, socket)], set()
    while waiting:
        above, socket = waiting.pop()
        for link in socket.links:
            node = link.from_node
            if node.bl_idname == "NodeGroupInput" and above:
                waiting += [(above[:-1], each) for each in _outside(above[-1], link.from_socket)]
            elif node not in seen:
                seen.add(node)
                yield above, node
                waiting += [(above, each) for each in node.inputs]


def _outside(group: Any, socket: Any) -> list[Any]:
    """The input of a group's node that a socket inside the group stands for."""
    return [each for each in group.inputs if each.identifier == socket.identifier]


def renders(placed: Placed, socket: Any) -> bool:
    """Whether a 3D scene takes part."""
    return any(_rendered(node) for _, node in nodes_before(placed, socket))


def _rendered(node: Any) -> list[Any]:
    """How the scene of a Render Layers node is rendered; nothing for another node."""
    if node.bl_idname != "CompositorNodeRLayers" or node.scene is None:
        return []
    engines = {name: _plain(getattr(node.scene, name), {}, {}, _DEEPEST) for name in ("cycles", "eevee")}
    return [node.scene.render.engine, node.layer, engines]


def from_outside(placed: Placed, socket: Any) -> bool:
    """Whether a picture comes into the root tree from outside, as a strip's does: no other scene can render that."""
    return any(node.bl_idname == "NodeGroupInput" for _, node in nodes_before(placed, socket))


def described(placed: Placed, socket: Any) -> str:
    """All that shows in an input, as a short word that is another one when any of it changed."""
    size = placed.scene.render
    facts = [size.resolution_x, size.resolution_y, size.resolution_percentage]
    facts += [_node(node, {}) for _, node in nodes_before(placed, socket)]
    scenes = [_rendered(node) for _, node in nodes_before(placed, socket)]
    facts += [placed.group.replate.scene, *filter(None, scenes)] if any(scenes) else []
    facts += [_animation(tree) for tree in {node.id_data for _, node in nodes_before(placed, socket)}]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _node(node: Any, seen: dict[Any, int]) -> dict[str, Any]:
    animated = curves(node.id_data)
    facts = _plain(node, animated, seen, 0)
    facts |= {name: getattr(node, name) for name in ("layer", "view") if getattr(node, f"has_{name}s", False)}
    sockets = enumerate(node.inputs)
    facts["linked"] = [[i, link.from_node.name, link.from_socket.name] for i, each in sockets for link in each.links]
    facts["values"] = [
        _value(each.default_value, {}, seen, 0)
        for each in node.inputs
        if not each.is_linked and hasattr(each, "default_value") and _path(each, "default_value") not in animated
    ]
    return facts


def _plain(owner: Any, animated: dict[str, Any], seen: dict[Any, int], depth: int) -> dict[str, Any]:
    """Every property of a structure of Blender's but those that move: their curves are told apart."""
    names = (prop.identifier for prop in owner.bl_rna.properties)
    shown = (name for name in names if name not in _UNSEEN and not name.startswith(("bl_", "show_", "is_")))
    return {
        name: _value(getattr(owner, name, None), animated, seen, depth)
        for name in shown
        if not animated or _path(owner, name) not in animated
    }


def _path(owner: Any, name: str) -> str:
    try:
        return str(owner.path_from_id(name))
    except ValueError:  # not a thing that has one
        return ""


def _value(value: Any, animated: dict[str, Any], seen: dict[Any, int], depth: int) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bpy.types.ID):
        return _data(value, seen)
    if depth > _DEEPEST:
        return ""
    if hasattr(value, "bl_rna"):
        return _plain(value, animated, seen, depth + 1)
    if hasattr(value, "__iter__"):
        return [_value(each, animated, seen, depth + 1) for each in value]
    return str(value)


def _data(block: Any, seen: dict[Any, int]) -> Any:
    """A data-block: a file by size and date, a group by what is in it, anything else by its name."""
    if isinstance(block, bpy.types.NodeTree):
        return _tree(block, seen)
    path = getattr(block, "filepath", "")
    if not path:
        return block.name
    on_disk = bpy.path.abspath(path, library=block.library)
    number = NUMBER.search(Path(on_disk).name)
    several = number and getattr(block, "source", "") == "SEQUENCE"
    space = getattr(getattr(block, "colorspace_settings", None), "name", "")
    how = [getattr(block, name, "") for name in ("source", "alpha_mode")]
    return [path, space, *how, files(pattern(on_disk, number) if several and number else on_disk)]


def _tree(tree: Any, seen: dict[Any, int]) -> Any:
    if tree in seen:
        return ""
    seen[tree] = len(seen)
    if is_ours(tree):
        settings = getattr(tree, f"replate_{tree.replate.kind}")
        return [tree.replate.kind, _plain(settings, curves(tree), seen, 0), _animation(tree)]
    return [[_node(node, seen) for node in tree.nodes], _animation(tree)]


def _animation(tree: Any) -> list[Any]:
    """Every curve of a tree by its keys, and every driver."""
    told: list[Any] = [
        [path, curve.extrapolation, [_key(key) for key in curve.keyframe_points], len(curve.modifiers)]
        for path, curve in sorted(curves(tree).items())
    ]
    drivers = tree.animation_data.drivers if tree.animation_data else ()
    return told + [[driver.data_path, driver.driver.expression] for driver in drivers]


def _key(key: Any) -> list[Any]:
    return [*key.co, *key.handle_left, *key.handle_right, key.interpolation]
