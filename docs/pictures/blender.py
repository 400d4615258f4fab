"""Render the picture of docs/blender.md again, in Blender: .venv-bpy/bin/python docs/pictures/blender.py

Replate must have been put into Blender's folder first, as docs/install.md says.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import numpy as np

HERE = Path(__file__).parent
CITY = HERE.parents[1] / "core" / "replate" / "samples" / "city.mp4"
FRAME, PART = 24, (0, 404, 220, 720)  # rows and columns that are shown


def main() -> None:
    """The clip; Style in a matte that the compositor draws; fire from another; a node that cannot work."""
    import addon_utils  # there once Blender is

    addon_utils.enable("bl_ext.user_default.replate", default_set=True)
    clip, tree = bpy.data.images.load(str(CITY)), bpy.data.node_groups.new("City", "CompositorNodeTree")
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    tree.nodes.new("NodeGroupOutput")
    player = tree.nodes.new("CompositorNodeImage")
    player.image, player.frame_duration = clip, clip.frame_duration
    scene = bpy.context.scene
    scene.compositing_node_group, scene.view_settings.view_transform = tree, "Standard"
    scene.render.resolution_x, scene.render.resolution_y = clip.size
    scene.frame_start, scene.frame_end = 1, clip.frame_duration
    style = node(tree, "style", player, generator="painted")
    connect(tree, matte(tree, (0.8, 0.5), (0.45, 2.0)), style, "Mask")
    fire = node(tree, "effect", player, generator="fire", size=120.0)
    connect(tree, matte(tree, (0.62, 0.02), (0.3, 0.05)), fire, "Mask")
    views = [render(tree, each) for each in (player, style, fire)]
    style.node_tree.replate_style.generator, style.node_tree.replate_style.generator_file = "FILE", "/gone.onnx"
    save(np.concatenate([*views, render(tree, style)], axis=1))


def node(tree: bpy.types.NodeTree, kind: str, player: bpy.types.Node, **values: object) -> bpy.types.Node:
    """One of ours over the clip."""
    bpy.ops.replate.add(kind=kind)
    made = tree.nodes.active
    connect(tree, player, made, "Plate")
    for name, value in values.items():
        setattr(getattr(made.node_tree, f"replate_{kind}"), name, value)
    return made


def matte(tree: bpy.types.NodeTree, place: tuple[float, float], size: tuple[float, float]) -> bpy.types.Node:
    """A box that the compositor draws."""
    box = tree.nodes.new("CompositorNodeBoxMask")
    box.inputs["Position"].default_value, box.inputs["Size"].default_value = place, size
    return box


def connect(tree: bpy.types.NodeTree, source: bpy.types.Node, target: bpy.types.Node, name: str) -> None:
    tree.links.new(source.outputs[0], target.inputs[name])


def render(tree: bpy.types.NodeTree, shown: bpy.types.Node) -> np.ndarray:
    """One frame as Blender renders it for a screen, in part."""
    tree.links.new(shown.outputs[0], tree.nodes["Group Output"].inputs[0])
    scene, path = bpy.context.scene, Path(tempfile.mkdtemp()) / "o.png"
    scene.frame_set(FRAME)
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(path))
    pixels = np.array(image.pixels[:], np.float32).reshape(image.size[1], image.size[0], 4)
    return pixels[PART[0] : PART[1], PART[2] : PART[3]]


def save(sheet: np.ndarray) -> None:
    image = bpy.data.images.new("sheet", sheet.shape[1], sheet.shape[0])
    image.pixels.foreach_set(np.ascontiguousarray(sheet).ravel())
    image.scale(1500, round(1500 * sheet.shape[0] / sheet.shape[1]))
    image.file_format, image.filepath_raw = "JPEG", str(HERE / "blender.jpg")
    image.save(quality=88)


main()
