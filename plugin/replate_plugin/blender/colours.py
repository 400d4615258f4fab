"""Colour spaces: Blender's names in Replate's words.

Blender takes the configuration that $OCIO names, if it can read it, else its own. Replate must not take another one.
"""

from __future__ import annotations

import bpy

__all__ = ["LIGHT", "configuration", "made_of_pictures", "named"]

LIGHT = "scene_linear"
"""The space in which Blender computes."""

_OWN = "AgX Log"  # a space that Blender's own configuration has, and no other
# Its spaces for light in the words of Replate's configuration; files in others go through Blender.
_LIGHT = {
    "Linear Rec.709": "lin_rec709",
    "Linear Rec.2020": "lin_rec2020",
    "ACEScg": "acescg",
    "ACES2065-1": "lin_ap0",
}


def configuration() -> str:
    """What the option `ocio` of a job must be: Replate's usual one beside Blender's own; empty: $OCIO's for both."""
    return "ocio://default" if _is_own() else ""


def named(space: str) -> str:
    """A space of Blender's in Replate's words; empty where it has none."""
    if not _is_own():
        return space
    return _LIGHT.get(str(bpy.data.colorspace.working_space) if space == LIGHT else space, "")


def made_of_pictures() -> str:
    """The space of an EXR that Replate makes of pictures and movies, in Blender's words: its own configuration's."""
    return "ACEScg" if _is_own() else LIGHT


def _is_own() -> bool:
    spaces = bpy.types.ColorManagedInputColorspaceSettings.bl_rna.properties["name"].enum_items
    return _OWN in spaces
