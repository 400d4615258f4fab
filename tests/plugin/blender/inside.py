"""What tests do inside Blender: `python inside.py NAME JSON` runs one function and prints what it returns as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import bpy

ADDON = "bl_ext.user_default.replate"
SIZE = (64, 48)


def enable() -> None:
    """Switch the installed add-on on."""
    import addon_utils  # there once Blender is

    assert addon_utils.enable(ADDON, default_set=True) is not None


def shot(*, output: str = "", frames: tuple[int, int] = (1, 3)) -> Any:
    """A scene with an empty compositor that renders 32-bit EXR; its tree."""
    scene = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.frame_start, scene.frame_end = frames
    how = scene.render.image_settings
    how.media_type, how.file_format, how.color_depth, how.exr_codec = "IMAGE", "OPEN_EXR", "32", "ZIP"
    scene.render.filepath = output
    tree = bpy.data.node_groups.new("Comp", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    tree.nodes.new("NodeGroupOutput")
    scene.compositing_node_group = tree
    return tree


def clip(tree: Any, pattern: str, *, first: int = 1, count: int = 3, start: int = 1) -> Any:
    """An Image node that plays a sequence from the scene's frame `start` on; its picture."""
    node = tree.nodes.new("CompositorNodeImage")
    node.image = bpy.data.images.load(pattern % first)
    node.image.source = "SEQUENCE"
    node.frame_start, node.frame_duration, node.frame_offset = start, count, first - 1
    return node.outputs["Image"]


def node(tree: Any, kind: str, *, generator: str = "", **values: Any) -> Any:
    """A node of ours, as the Add menu makes it, connected to the output."""
    assert bpy.ops.replate.add(kind=kind) == {"FINISHED"}
    made = tree.nodes.active
    own = settings(made)
    if generator:
        own.generator, own.generator_file = "FILE", generator
    for name, value in values.items():
        setattr(own, name, value)
    tree.links.new(made.outputs[0], tree.nodes["Group Output"].inputs[0])
    return made


def settings(made: Any) -> Any:
    """Its settings."""
    return getattr(made.node_tree, f"replate_{made.node_tree.replate.kind}")


def brighter(tree: Any, picture: Any) -> Any:
    """A picture that Blender must compute: twice as bright, which floats do exactly."""
    twice = tree.nodes.new("CompositorNodeExposure")
    twice.inputs["Exposure"].default_value = 1
    tree.links.new(picture, twice.inputs["Image"])
    return twice.outputs[0]


def keyed(made: Any, name: str, keys: dict[str, float], *, interpolation: str = "LINEAR") -> None:
    """Keyframes on a setting."""
    own = settings(made)
    for frame, value in keys.items():
        setattr(own, name, value)
        own.keyframe_insert(name, frame=int(frame))
    layer = made.node_tree.animation_data.action.layers[0]
    for curve in layer.strips[0].channelbags[0].fcurves:
        for key in curve.keyframe_points:
            key.interpolation = interpolation


def render() -> None:
    """The animation, as a farm does it."""
    assert bpy.ops.render.render(animation=True) == {"FINISHED"}


def told() -> list[str]:
    """What the nodes say is wrong with them."""
    return [tree.replate.told for tree in bpy.data.node_groups if getattr(tree, "replate", None) and tree.replate.kind]


def main() -> None:
    """Run what was asked for."""
    sys.path.insert(0, str(Path(__file__).parent))
    import scenarios

    name, given = sys.argv[1], json.loads(sys.argv[2])
    answer = getattr(scenarios, name)(**given)
    sys.stdout.write(f"\nANSWER {json.dumps(answer)}\n")


if __name__ == "__main__":
    main()
