"""One picture on its way into a dataset: plain colour, finite, of the wanted size, in a space that training knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from replate.color import convert, default_space, interop_id, is_picture, resolve_space
from replate.errors import InputError
from replate.frame import Frame
from replate.media.attributes import plain
from replate.media.flatten import flatten
from replate.picture.alpha import multiplied
from replate.picture.layers import find_pictures
from replate.picture.pictures import take

from .proxy import Array

__all__ = ["Colour", "colour_of", "linear", "scene", "stored", "to_scene"]


# How often a picture is turned to the left, by a quarter, so that it stands upright: EXIF 2.32, 4.6.4 A, Orientation.
_TURNS = {3: 2, 6: 3, 8: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colour:
    """A picture's colour: `rgb`, H x W x 3 float32, finite, in `space`; `bits` a channel, 0 where it is floating point.

    `notes` say what was done to it, in words that many pictures share.
    """

    rgb: Array
    space: str
    bits: int
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.rgb.shape[1], self.rgb.shape[0]

    @property
    def display(self) -> bool:
        """Whether this is a picture for a screen, which has no light above its white."""
        return is_picture(self.space)


def colour_of(frame: Frame) -> Colour:
    """The main picture of a frame, its display window, laid over black; raises InputError where it has no colour."""
    pictures = find_pictures(frame.parts)
    if not pictures:
        raise InputError(f"it has no colour, only {', '.join(frame.channels)}")
    picture = take(frame, pictures[0])
    flat = flatten(picture, alpha=True, grey=False)
    turns = _TURNS.get(plain(frame.metadata.get("Orientation")), 0)
    rgb = np.rot90(multiplied(flat).pixels[..., :3], turns)
    notes = [*_notes(frame, flat, len(pictures)), *(["it was turned upright"] if turns else [])]
    if not np.isfinite(rgb).all():
        notes.append("pixels that are not finite were set to 0")
        rgb = np.nan_to_num(rgb, nan=0.0, posinf=0.0, neginf=0.0)
    kinds = set(picture.formats or frame.formats)
    bits = 8 if kinds <= {"uint8"} else 0 if kinds & {"half", "float", "double"} else 16
    return Colour(rgb=np.ascontiguousarray(rgb, np.float32), space=frame.space, bits=bits, notes=tuple(notes))


def _notes(frame: Frame, flat: Frame, pictures: int) -> Iterable[str]:
    if "A" in flat.channels and (flat.pixels[..., 3] < 1).any():
        yield "alpha was laid over black"
    if pictures > 1:
        yield f"the first of {pictures} views was taken"
    if frame.data_window != frame.display_window:
        yield "the display window was taken"


def scene() -> str:
    """Scene-linear AP1, which training takes floating-point files for."""
    return resolve_space("lin_ap1_scene")


def stored(colour: Colour, *, short: int, number: int) -> tuple[Frame, str]:
    """The picture as its file holds it, and the ending of that file.

    What is graded for a screen becomes sRGB, 8 or 16 bits as it was (".png"); everything with light above white
    becomes scene-linear AP1 in half (".exr"). Larger pictures are scaled, in linear light, to `short` pixels on their
    short side; a picture that needs neither is not touched.
    """
    target = default_space("picture") if colour.display else scene()
    rgb, factor = colour.rgb, short / min(colour.size)
    if factor < 1:
        size = tuple(max(1, round(side * factor)) for side in colour.size)
        light = cv2.resize(to_scene(rgb, colour.space), size, interpolation=cv2.INTER_AREA)
        rgb = convert(light, scene(), target)
    else:
        rgb = convert(rgb, colour.space, target)
    tag = interop_id(target)
    metadata = {"colorInteropID": tag} if tag and not colour.display else {}
    formats = (("uint8" if colour.bits == 8 else "uint16") if colour.display else "half",) * 3
    return Frame.of(rgb, "RGB", number=number, space=target, formats=formats, metadata=metadata), (
        ".png" if colour.display else ".exr"
    )


def to_scene(rgb: Array, space: str) -> Array:
    """H x W x 3 as scene-linear AP1, float32."""
    return convert(rgb, space, scene())


def linear(frame: Frame) -> Array:
    """The colour of a stored picture as scene-linear AP1."""
    return to_scene(np.ascontiguousarray(frame.pixels[..., :3], np.float32), frame.space)
