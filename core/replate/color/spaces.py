"""Colour spaces by name: OpenColorIO's, of the config that `$OCIO` names or else of `ocio://default` (ACES 2.0).

OIIO reads `$OCIO` once in a process.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from ..errors import InputError, ReplateError, UsageError
from ..params import nearest

__all__ = [
    "config_identity",
    "convert",
    "default_space",
    "interop_id",
    "known_space",
    "reference_space",
    "resolve_space",
]

Array = npt.NDArray[Any]
Kind = Literal["scene", "picture", "log", "video"]

# The first name that the config knows wins: roles and the names of ACES configs, then what older studio configs use.
_DEFAULTS: dict[str, tuple[str, ...]] = {
    "scene": ("scene_linear", "rendering", "ACEScg", "lin_rec709"),
    "picture": ("srgb_texture", "srgb_tx", "sRGB - Texture", "Utility - sRGB - Texture", "sRGB", "texture_paint"),
    "log": ("compositing_log", "color_timing", "ACEScct"),
    "video": ("g24_rec709_tx", "g24_rec709", "Rec.1886 Rec.709 - Display", "Output - Rec.709", "Rec.709", "rec709"),
}


@cache
def config() -> oiio.ColorConfig:
    """The colour configuration of this process; InputError where `$OCIO` is broken."""
    found = oiio.ColorConfig()
    name = os.environ.get("OCIO")
    # OIIO falls back to a handful of built-in spaces and only whispers; colours would be wrong without a word.
    if problem := found.geterror():
        message = f"the colour configuration $OCIO={name} cannot be used ({problem}); correct the variable or unset it"
        raise InputError(message, path=name)
    return found


@cache
def config_identity() -> str:
    """Tells one configuration from another: the digest of the file that `$OCIO` names, whatever its path on this
    machine, or the name of a built-in one."""
    name = os.environ.get("OCIO", "")
    path = Path(name)
    return hashlib.sha256(path.read_bytes()).hexdigest() if name and path.is_file() else name


@cache
def known_space(name: str) -> str | None:
    """The config's own name for a space, alias or role; None where it has no such space."""
    index = config().getColorSpaceIndex(config().resolve(name) or name)
    return None if index < 0 else str(config().getColorSpaceNameByIndex(index))


def resolve_space(name: str) -> str:
    """The config's own name for a space, alias or role; UsageError names the nearest where there is none."""
    found = known_space(name)
    if found is None:
        names = itertools.chain(config().getColorSpaceNames(), config().getRoles())
        raise UsageError(f"unknown colour space '{name}' in {config().configname()}{nearest(name, names)}")
    return found


@cache
def interop_id(space: str) -> str:
    """The Color Interop Forum's name of a space, as EXR headers carry it; empty where it has none."""
    return str(config().get_color_interop_id(space) or "")


@cache
def default_space(kind: Kind) -> str:
    """What a file that does not say is taken for.

    "scene" (EXR, HDR, float TIFF): the role scene_linear. "picture" (8- and 16-bit PNG, JPEG, TIFF): sRGB.
    "log" (DPX): the role compositing_log, because an untagged DPX on a compositor's disk is a log scan, and the
    config alone knows which log its studio means. "video": BT.1886 with Rec.709 primaries, what a screen that
    follows the tags of a movie shows. Raises InputError where the config has none of them.
    """
    for name in _DEFAULTS[kind]:
        if found := known_space(name):
            return found
    tried = ", ".join(_DEFAULTS[kind])
    raise InputError(f"{config().configname()} has no space for a {kind} file (tried {tried}); name the space yourself")


def reference_space() -> str:
    """The scene-linear space that others are measured against: ACES2065-1 where the config says which that is."""
    return known_space("aces_interchange") or default_space("scene")


def convert(rgb: Array, source: str, target: str) -> Array:
    """H x W x 3 float32 from one space to another by OCIO, colorimetrically: no view, nothing clamped."""
    image = oiio.ImageBuf(np.ascontiguousarray(rgb, np.float32))
    # unpremult would divide by a fourth channel; there is none here, and it stays off.
    return pixels_of(oiio.ImageBufAlgo.colorconvert(image, source, target, unpremult=False), f"{source} to {target}")


def pixels_of(image: oiio.ImageBuf, what: str) -> Array:
    """The pixels of an OIIO result; ReplateError where OCIO failed."""
    # get_pixels of a failed result returns garbage: ask first.
    if image.has_error:
        raise ReplateError(f"OpenColorIO cannot convert {what}: {image.geterror()}")
    return np.asarray(image.get_pixels(oiio.FLOAT))
