"""The scenarios themselves; each runs in a Blender of its own. See the tests of the same names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from inside import ADDON, brighter, clip, enable, keyed, node, render, settings, shot, told


def install(archive: str) -> dict[str, Any]:
    """Install, look around, uninstall, by Blender's own operators."""
    done = bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    there = ADDON in bpy.context.preferences.addons
    kinds = sorted(name for name in dir(bpy.ops.replate) if not name.startswith("_"))
    groups = sorted(
        prop.identifier
        for prop in bpy.types.CompositorNodeTree.bl_rna.properties
        if prop.identifier.startswith("replate")
    )
    bpy.ops.extensions.package_uninstall(repo_index=_repository(), pkg_id="replate")
    return {
        "installed": list(done),
        "enabled": there,
        "operators": kinds,
        "settings": groups,
        "left": ADDON in bpy.context.preferences.addons,
        "attribute left": hasattr(bpy.types.CompositorNodeTree, "replate"),
    }


def _repository() -> int:
    names = [repository.module for repository in bpy.context.preferences.extensions.repos]
    return names.index("user_default")


def properties() -> dict[str, Any]:
    """Every property of every node, as Blender has it."""
    enable()
    tree, found = shot(), {}
    for kind in ("style", "effect", "removal"):
        own = settings(node(tree, kind))
        found[kind] = {prop.identifier: _told(own, prop) for prop in own.bl_rna.properties if not prop.is_readonly}
    return found


def _told(own: Any, prop: Any) -> dict[str, Any]:
    limits = ("hard_min", "hard_max", "soft_min", "soft_max")
    numbers = {name: getattr(prop, name) for name in limits if hasattr(prop, name)}
    choices = [item.identifier for item in prop.enum_items] if prop.type == "ENUM" else []
    value = getattr(own, prop.identifier)
    return {
        "kind": prop.type,
        "value": value,
        "help": prop.description,
        "title": prop.name,
        "keyable": prop.is_animatable,
        "choices": choices,
        **numbers,
    }


def style(plate: str, look: str, output: str, route: str, blend: str = "") -> dict[str, Any]:
    """Style over a sequence: from its file, or of what Blender must compute; baked before, or on the way."""
    enable()
    tree = shot(output=output)
    made = node(tree, "style", generator=look, mix=0.8)
    picture = clip(tree, plate)
    tree.links.new(brighter(tree, picture) if "tap" in route else picture, made.inputs["Plate"])
    keyed(made, "strength", {"1": 0.0, "3": 1.0})
    if "bake" in route:
        assert bpy.ops.replate.bake() == {"FINISHED"}
    render()
    if blend:
        bpy.ops.wm.save_as_mainfile(filepath=blend)
    return {"told": told(), "tapped": sorted(path.name for path in Path(bpy.app.tempdir).rglob("plate.*.exr"))}
