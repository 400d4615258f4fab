"""Inputs rendered by Blender into files, by a copy of the compositor in a scene of its own.

The artist's scene stays as it is, and none of its own outputs are written.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from ..errors import ServiceError
from .task import Task

__all__ = ["asleep", "sleeping", "tap"]

_TAKEN = (
    "resolution_x",
    "resolution_y",
    "resolution_percentage",
    "pixel_aspect_x",
    "pixel_aspect_y",
    "fps",
    "fps_base",
)

_SLEEPING: list[bool] = []


@contextlib.contextmanager
def asleep() -> Iterator[None]:
    """While Blender renders for us, the handlers do nothing."""
    _SLEEPING.append(True)
    try:
        yield
    finally:
        _SLEEPING.pop()


def sleeping() -> bool:
    """Whether Blender renders for us."""
    return bool(_SLEEPING)


def tap(task: Task, frame: int) -> None:
    """Render the inputs of a task at a frame and note from what. Raises ServiceError where one has no picture there."""
    if bpy.app.is_job_running("RENDER"):
        raise ServiceError("Blender is rendering already; bake when it is done")
    for name, word in task.words.items():
        task.place.claim(task.place.tap(name), {frame: word})
    with _copy(task) as scene, asleep(), _frames_kept():
        scene.frame_start = scene.frame_end = frame
        unused = Path(scene.render.frame_path(frame=frame))  # only an animation's files have numbers
        bpy.ops.render.render(animation=True, scene=scene.name)
        unused.unlink(missing_ok=True)
    for name, word in task.words.items():
        path = task.place.picture(task.place.tap(name), frame)
        try:
            _unfinished(path).replace(path)
        except FileNotFoundError:
            raise ServiceError(
                f"{task.placed.title}: what is connected to '{name}' has no picture at frame {frame}; look at it there",
                frame=frame,
            ) from None
        task.place.note(task.place.tap(name), {frame: word})


@contextlib.contextmanager
def _frames_kept() -> Iterator[None]:
    """Rendering a scene's layers for another one leaves it at that frame, and a render under way would go on from
    there."""
    before = {scene: scene.frame_current for scene in bpy.data.scenes}
    try:
        yield
    finally:
        for scene, frame in before.items():
            if scene.frame_current != frame:
                scene.frame_set(frame)


@contextlib.contextmanager
def _copy(task: Task) -> Iterator[Any]:
    """A scene whose compositor writes the inputs and nothing else."""
    source = task.placed.scene
    scene, trees = bpy.data.scenes.new("Replate"), []
    try:
        for name in _TAKEN:
            setattr(scene.render, name, getattr(source.render, name))
        scene.render.use_sequencer = False
        scene.render.filepath = str(task.place.folder / "unused.")
        scene.render.use_file_extension = True
        root = tree = task.placed.root.copy()
        trees.append(root)
        _still(root)
        for node in task.placed.above:
            inner = tree.nodes[node.name]
            inner.node_tree = tree = inner.node_tree.copy()
            trees.append(tree)
        for name, output in task.taps.items():
            _write(task, tree, name, output)
        scene.compositing_node_group = root
        yield scene
    finally:
        bpy.data.scenes.remove(scene)
        for tree in trees:
            bpy.data.node_groups.remove(tree)


def _still(tree: Any) -> None:
    """No other output of the artist's is made."""
    for node in tree.nodes:
        if node.bl_idname in ("CompositorNodeOutputFile", "CompositorNodeViewer"):
            node.mute = True
        if node.bl_idname == "NodeGroupOutput":
            for link in [link for socket in node.inputs for link in socket.links]:
                tree.links.remove(link)


def _write(task: Task, tree: Any, name: str, output: Any) -> None:
    """A node that writes an output of the tree, in 32-bit floats, without a change."""
    writer = tree.nodes.new("CompositorNodeOutputFile")
    path = _unfinished(Path(task.place.tap(name)))
    writer.directory, writer.file_name = str(path.parent), path.name.partition("%")[0]
    several = name == "vectors"  # whose channels must have Blender's own names
    writer.format.media_type = "MULTI_LAYER_IMAGE" if several else "IMAGE"
    writer.format.file_format = "OPEN_EXR_MULTILAYER" if several else "OPEN_EXR"
    writer.format.color_depth, writer.format.exr_codec = "32", "ZIP"
    item = writer.file_output_items.new("VECTOR" if several else "RGBA", "Vector" if several else "")
    if several:
        item.vector_socket_dimensions = 4
    tree.links.new(tree.nodes[output.node.name].outputs[_index(output)], writer.inputs[0])


def _unfinished(path: Path) -> Path:
    """Where a file is written, so that nobody else who renders this shot reads half of it."""
    return path.with_name(f".{os.getpid()}.{path.name}")


def _index(output: Any) -> int:
    return next(i for i, each in enumerate(output.node.outputs) if each == output)
