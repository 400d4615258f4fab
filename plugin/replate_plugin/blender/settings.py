"""What artists set, as properties made from the declarations. They belong to the node's own group tree.

A tree has `replate` (which node it is, and where its pictures are) and, for each node, `replate_NAME` with one property
a knob. Blender keeps both in files that are opened and saved without this add-on.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import bpy

from ..host import reading
from ..host.declared import Knob, Node
from . import changes
from .sockets import add_sockets

__all__ = [
    "FILE",
    "attribute",
    "generator",
    "knobs",
    "label",
    "node",
    "nodes",
    "option_knobs",
    "register",
    "unregister",
]

FILE = "FILE"
"""The choice of a generator that is a file of the artist's own."""

_BLENDER_DECIDES = {"color_space", "ocio", "layer", "view", "missing", "device", "threads", "compression", "bits"}
_BLENDER_DECIDES |= {"display", "overwrite"}
_CLASSES: list[Any] = []
_NODES: dict[str, Node] = {}


def nodes() -> tuple[Node, ...]:
    """Every node that there is."""
    return tuple(_NODES.values())


def node(name: str) -> Node:
    """The declaration of a node by its name."""
    return _NODES[name]


def attribute(name: str) -> str:
    """What the settings of a node are called on its tree."""
    return f"replate_{name}"


def generator(settings: Any) -> str:
    """The chosen generator, by name or path; empty for a node that has none."""
    return bpy.path.abspath(settings.generator_file) if settings.generator == FILE else str(settings.generator)


def option_knobs(node: Node) -> tuple[Knob, ...]:
    """The options of a job that an artist may choose; Blender or the preferences decide about the others."""
    return tuple(knob for knob in node.options if knob.name not in _BLENDER_DECIDES)


def knobs(node: Node, generator: str = "") -> tuple[Knob, ...]:
    """The knobs that count with a generator, without those that add layers: an Image node shows one picture."""
    return tuple(knob for knob in node.knobs(generator) if knob.section != "Output")


def label(knob: Knob) -> str:
    """Its title, with the unit where Blender does not show it itself."""
    return knob.title if knob.unit in ("", "px") else f"{knob.title} ({knob.unit})"


class State(bpy.types.PropertyGroup):
    """Which node a tree is, and how it stands."""

    __annotations__ = {
        "kind": bpy.props.StringProperty(),
        "place": bpy.props.StringProperty(description="Its folder in the cache"),
        "scene": bpy.props.StringProperty(description="Another word after every change of a 3D scene that feeds it"),
        "first": bpy.props.IntProperty(default=0, description="First frame of the shot when the file was saved"),
        "last": bpy.props.IntProperty(default=-1, description="Its last frame"),
        "told": bpy.props.StringProperty(description="What is wrong with it"),
        "live": bpy.props.BoolProperty(
            name="Live",
            default=True,
            description="Show this frame anew whenever a setting changes, where the picture comes straight from a file",
        ),
    }


def _touched(settings: Any, context: Any) -> None:
    changes.tell()


def _property(knob: Knob) -> Any:
    """A knob as Blender's property of that kind."""
    options = {"ANIMATABLE"} if knob.keyable else set()
    common = {"name": label(knob), "description": knob.help.rstrip("."), "options": options, "update": _touched}
    common["default"] = knob.default
    if knob.kind == "choice":
        return bpy.props.EnumProperty(items=_items((each, each.capitalize(), "") for each in knob.choices), **common)
    if knob.kind == "bool":
        return bpy.props.BoolProperty(**common)
    if knob.kind == "text":
        return bpy.props.StringProperty(**common)
    return _number(knob, common)


def _number(knob: Knob, common: dict[str, Any]) -> Any:
    make, kind = (bpy.props.IntProperty, int) if knob.kind == "int" else (bpy.props.FloatProperty, float)
    limits = {"min": knob.minimum, "max": knob.maximum}
    if knob.slider is not None:
        limits |= dict(zip(("soft_min", "soft_max"), knob.slider, strict=True))
    known = {name: kind(value) for name, value in limits.items() if value is not None}
    subtype = "PIXEL" if knob.unit == "px" else "NONE"
    return make(**common, **known, subtype=subtype)


def _items(entries: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str, int]]:
    """Choices with numbers of their own: files keep the number, so it must not hang on the place in a list."""
    return [(name, title, help, zlib.crc32(name.encode()) >> 1) for name, title, help in entries]


def _generators(node: Node) -> Any:
    known = [(each.name, each.title, f"{each.name}, {each.licence}") for each in node.generators]
    known.append((FILE, "File...", "An ONNX file of your own"))
    first = node.default_generator or known[0][0]
    return bpy.props.EnumProperty(name="Generator", items=_items(known), default=first, options=set(), update=_switched)


def _switched(settings: Any, context: Any) -> None:
    """Knobs that nobody touched take the defaults of the generator that was chosen; its pictures get sockets."""
    node = _NODES[settings.id_data.replate.kind]
    values = {knob.identifier: getattr(settings, knob.identifier) for knob in knobs(node, settings.before)}
    for name, value in node.switched(settings.before, settings.generator, values).items():
        setattr(settings, name, value)
    add_sockets(settings.id_data, node.pipes(settings.generator))
    settings.before = settings.generator
    _touched(settings, context)


def _annotations(node: Node) -> dict[str, Any]:
    file = {"subtype": "FILE_PATH", "options": set(), "update": _touched}
    return {
        "generator": _generators(node),
        "generator_file": bpy.props.StringProperty(name="Generator file", **file),
        "before": bpy.props.StringProperty(default=node.default_generator),
        **{knob.identifier: _property(knob) for knob in node.every_knob if knob.section != "Output"},
        **{f"option_{knob.identifier}": _property(knob) for knob in option_knobs(node)},
        **{
            f"file_{entry.name}": bpy.props.StringProperty(
                name=entry.title, description=f"{entry.help}; as //mask.%04d.exr", **file
            )
            for entry in node.every_input
        },
    }


def register() -> None:
    """Give trees their settings."""
    for node in reading.load().nodes:
        _NODES[node.name] = node
        names = {"__annotations__": _annotations(node), "__doc__": f"Settings of {node.title}."}
        kind = type(f"Replate{node.title}", (bpy.types.PropertyGroup,), names)
        bpy.utils.register_class(kind)
        setattr(bpy.types.CompositorNodeTree, attribute(node.name), bpy.props.PointerProperty(type=kind))
        _CLASSES.append(kind)
    bpy.utils.register_class(State)
    bpy.types.CompositorNodeTree.replate = bpy.props.PointerProperty(type=State)


def unregister() -> None:
    """Take them away; what was set stays in the file."""
    del bpy.types.CompositorNodeTree.replate
    bpy.utils.unregister_class(State)
    for name in _NODES:
        delattr(bpy.types.CompositorNodeTree, attribute(name))
    for kind in _CLASSES:
        bpy.utils.unregister_class(kind)
    _NODES.clear()
    _CLASSES.clear()
