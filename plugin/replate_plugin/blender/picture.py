"""The picture inside a node: its result at a frame, or something that nobody takes for one.

Only the image itself is changed. In a handler of a render that counts at once; what is set on nodes, a frame later.
"""

from __future__ import annotations

import os
from typing import Any

import bpy
import numpy as np

from .task import Task

__all__ = ["NODE", "show_error", "show_frame", "show_sequence"]

NODE = "result"
_MAGENTA, _BLACK = (1.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)


def show_frame(task: Task, frame: int) -> bool:
    """Show the result of a frame; False where Blender cannot read it."""
    image = task.placed.group.nodes[NODE].image
    image.source = "FILE"
    _point(image, task, frame)
    image.reload()
    return bool(image.size[0])


def show_sequence(task: Task) -> None:
    """Show all results by their numbers, as any Blender does that has no add-on."""
    node = task.placed.group.nodes[NODE]
    there = [number - task.shift for number in task.place.made(task.result)]
    if not there:
        return
    start = min(1, *there)
    node.frame_start, node.frame_offset, node.frame_duration = start, start - 1 + task.shift, max(there) - start + 1
    node.use_auto_refresh = True
    node.image.source = "SEQUENCE"
    _point(node.image, task, min(there))


def show_error(group: Any, size: tuple[int, int]) -> None:
    """Stripes of magenta and black, `size` (width, height) as large as the frame."""
    image = group.nodes[NODE].image
    image.source, image.use_generated_float = "GENERATED", True
    image.generated_width, image.generated_height = size
    x, y = np.arange(size[0]), np.arange(size[1])[:, None]
    stripes = ((x + y) // max(8, min(size) // 8) % 2)[..., None]
    pixels = np.where(stripes, np.array(_MAGENTA), np.array(_BLACK))
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    image.update()


def _point(image: Any, task: Task, frame: int) -> None:
    """A path that is the project's where the cache is, so that both can move."""
    path = str(task.place.picture(task.result, frame + task.shift))
    beside = bpy.data.filepath and path.startswith(os.path.dirname(bpy.data.filepath) + os.sep)  # noqa: PTH120
    image.filepath = bpy.path.relpath(path) if beside else path
    image.colorspace_settings.name = task.shown
    image.alpha_mode = "PREMUL"
