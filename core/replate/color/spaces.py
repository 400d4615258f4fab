"""Colour spaces by name, and pixels from one to another, by the OpenColorIO configuration in use.

A name is one of the configuration's own (a space, an alias, a role), or a standard one: a space of OpenColorIO's
built-in studio configuration, as `lin_ap1_scene` or `ACEScct`. Where the configuration holds the same space under
another name, that is found by its aliases and by numbers; where it does not, a space that both have is the bridge.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import PyOpenColorIO as ocio

from ..errors import InputError, UsageError
from ..params import nearest
from .config import current, per_config, standard
from .identity import PROBLEMS

__all__ = [
    "cannot",
    "config_notes",
    "convert",
    "default_space",
    "interop_id",
    "is_data",
    "known_space",
    "processed",
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


@per_config
def known_space(name: str) -> str | None:
    """The full name of a space, alias or role; None where there is no such space and no way to it."""
    return _own(name) or _standard(name)


def resolve_space(name: str) -> str:
    """The full name of a space, alias or role; UsageError names the nearest where there is none."""
    found = known_space(name)
    if found is None:
        spaces = current().spaces
        names = itertools.chain(spaces.getColorSpaceNames(), spaces.getRoleNames())
        raise UsageError(f"unknown colour space '{name}' in {current().title}{nearest(name, names)}")
    return found


@per_config
def default_space(kind: Kind) -> str:
    """What a file that does not say is taken for.

    "scene" (EXR, HDR, float TIFF): the role scene_linear. "picture" (8- and 16-bit PNG, JPEG, TIFF): sRGB.
    "log" (DPX): the role compositing_log, because an untagged DPX on a compositor's disk is a log scan, and the
    config alone knows which log its studio means. "video": BT.1886 with Rec.709 primaries, what a screen that
    follows the tags of a movie shows. Pictures and video have a standard space where the config has none of its own;
    InputError says that it knows no light or no log.
    """
    finders = (_own, known_space) if kind in ("picture", "video") else (_own,)
    for find, name in itertools.product(finders, _DEFAULTS[kind]):
        if found := find(name):
            return found
    tried = ", ".join(_DEFAULTS[kind])
    raise InputError(f"{current().title} has no space for a {kind} file (tried {tried}); name the space yourself")


def reference_space() -> str:
    """The scene-linear space of the config that others are measured against: ACES2065-1 where it has that."""
    return _bridge().own


def config_notes(*spaces: str) -> tuple[str, ...]:
    """Which config it is where somebody chose one, and what we had to assume of it to know the way to `spaces`."""
    notes = (f"colour configuration: {current().name}",) if current().name else ()
    if _bridge().sure or all(_home(space) is current().spaces for space in spaces):
        return notes
    assumed = f"its {_bridge().own} is taken for {_bridge().standard}"
    return (*notes, f"the colour configuration does not say what light it holds (no role aces_interchange): {assumed}")


@per_config
def interop_id(space: str) -> str:
    """The Color Interop Forum's name of a space, as EXR headers carry it; empty where it has none."""
    if own := _id(_home(space).getColorSpace(space)):
        return own
    ids = filter(None, map(_id, standard().getColorSpaces()))
    return next((name for name in ids if _standard(name) == space), "")


def is_data(space: str) -> bool:
    """Whether the space holds no colour (normals, IDs): OpenColorIO converts nothing to or from it."""
    return bool(_home(space).getColorSpace(space).isData())


def convert(rgb: Array, source: str, target: str) -> Array:
    """H x W x 3 float32 from one space to another by OCIO, colorimetrically: no view, nothing clamped.

    The very same array where they are one. Raises UsageError for an unknown space, InputError where the config has no
    way from one to the other.
    """
    names = resolve_space(source), resolve_space(target)
    return rgb if names[0] == names[1] else processed(rgb, _converter(*names))


def processed(rgb: Array, processor: ocio.CPUProcessor) -> Array:
    """A copy of H x W x 3 as float32, through `processor`."""
    pixels = np.array(rgb, np.float32, order="C")
    processor.applyRGB(pixels)
    return pixels


@per_config
def _converter(source: str, target: str) -> ocio.CPUProcessor:
    try:
        # Lossless leaves out the fast logarithms and powers, which are good to 3e-5 only.
        return _processor(source, target).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    except PROBLEMS as error:
        raise cannot(f"convert {source} to {target}", error) from error


def _processor(source: str, target: str) -> ocio.Processor:
    homes = _home(source), _home(target)
    if homes[0] is homes[1]:
        return homes[0].getProcessor(source, target)
    bridge = _bridge()
    piers = (bridge.own if home is current().spaces else bridge.standard for home in homes)
    return ocio.Config.GetProcessorFromConfigs(homes[0], source, next(piers), homes[1], target, next(piers))


def cannot(what: str, error: Exception) -> InputError:
    """OpenColorIO's words as a sentence."""
    told = " ".join(str(error).split()).rstrip(".")
    name = current().title
    return InputError(f"{name} cannot {what}: {told}; correct the configuration or choose another", path=name)


def _own(name: str) -> str | None:
    """The config's own name for one of its spaces, aliases or roles."""
    found = current().spaces.getColorSpace(name)
    return None if found is None else str(found.getName())


@per_config
def _standard(name: str) -> str | None:
    """The config's name for a standard space, else that space's own name."""
    space = standard().getColorSpace(name)
    if space is None:
        return None
    if own := next(filter(None, map(_own, (space.getName(), *space.getAliases(), _id(space)))), None):
        return own
    if space.getName() == _bridge().standard:
        return _bridge().own
    try:
        return str(ocio.Config.IdentifyBuiltinColorSpace(current().spaces, standard(), space.getName()))
    except PROBLEMS:
        return str(space.getName())


def _id(space: ocio.ColorSpace) -> str:
    return str(space.getInteropID())


def _home(space: str) -> ocio.Config:
    """The config that has the space."""
    own = current().spaces
    return own if own.getColorSpace(space) else standard()


@dataclass(frozen=True, slots=True)
class _Bridge:
    """A linear space by its names in the config and in the standard one; `sure` unless we only assume it."""

    own: str
    standard: str
    sure: bool = True


@per_config
def _bridge() -> _Bridge:
    if role := _own("aces_interchange"):
        return _Bridge(role, "ACES2065-1")
    for name in ("ACES2065-1", "ACEScg", "lin_rec2020", "lin_p3d65", "lin_rec709"):
        space = standard().getColorSpace(name)
        if own := next(filter(None, map(_own, (name, *space.getAliases()))), None):
            return _Bridge(own, space.getName())
    return _Bridge(default_space("scene"), standard().getColorSpace("lin_rec709").getName(), sure=False)
