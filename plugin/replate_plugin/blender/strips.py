"""Strips of the sequencer as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ..errors import ServiceError
from .upstream import NUMBER, File, pattern, plain_file

__all__ = ["can_be_modified", "file_of_strip"]


def file_of_strip(strip: Any, scene: Any) -> File:
    """The file behind a strip, numbered by the scene. Raises ServiceError where it cannot be passed on as it is."""
    _refuse(strip)
    start = round(strip.frame_start) - strip.animation_offset_start
    if strip.type == "MOVIE":
        last = start + strip.frame_duration - 1
        return plain_file(bpy.path.abspath(strip.filepath), shift=1 - start, first=start, last=last)
    names = [element.filename for element in strip.elements]
    folder = Path(bpy.path.abspath(strip.directory))
    shown = strip.colorspace_settings.name
    if len(names) == 1:
        return plain_file(str(folder / names[0]), shown)
    numbers = [NUMBER.search(name) for name in names]
    found = [int(number[1]) for number in numbers if number]
    if numbers[0] is None or found != list(range(found[0], found[0] + len(names))):
        raise ServiceError(f"the pictures of strip '{strip.name}' are not numbered one after the other", exit_code=2)
    name, last = pattern(str(folder / names[0]), numbers[0]), start + len(names) - 1
    return plain_file(name, shown, shift=found[0] - start, first=start, last=last)


_CHANGES: dict[str, Callable[[Any], bool]] = {
    "retiming": lambda strip: len(getattr(strip, "retiming_keys", ())) > 0,
    "reversed frames": lambda strip: strip.use_reverse_frames,
    "a flip": lambda strip: strip.use_flip_x or strip.use_flip_y,
    "a strobe": lambda strip: strip.strobe > 1,
    "deinterlacing": lambda strip: strip.use_deinterlace,
    "multiplied colour": lambda strip: strip.color_multiply != 1 or strip.color_saturation != 1 or strip.multiply_alpha,
    "a modifier above Replate": lambda strip: any(each.enable for each in _above(strip)),
}


def _above(strip: Any) -> list[Any]:
    """The modifiers that come before the first compositor."""
    modifiers = list(strip.modifiers)
    first = next((i for i, each in enumerate(modifiers) if each.type == "COMPOSITOR"), 0)
    return modifiers[:first]


def _refuse(strip: Any) -> None:
    """What changes a strip's picture before the modifier sees it, or its time."""
    if strip.type not in ("IMAGE", "MOVIE"):
        raise ServiceError(
            f"strip '{strip.name}' is no image or movie; Replate reads strips from their files", exit_code=2
        )
    changed = [name for name, is_so in _CHANGES.items() if is_so(strip)]
    if changed:
        raise ServiceError(
            f"strip '{strip.name}' has {' and '.join(changed)}, which its file has not; take it away",
            exit_code=2,
        )


def can_be_modified(scene: Any) -> None:
    """Blender 5.0 crashes when a strip gets a modifier and no workspace knows the sequencer's scene: say it to all."""
    for workspace in bpy.data.workspaces:
        if workspace.sequencer_scene is None:
            workspace.sequencer_scene = scene
