"""Writing one picture by OpenImageIO; see `images.py` for what is kept."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from ..alpha import STRAIGHT, is_straight
from ..errors import OutputError
from ..frame import Frame
from .attributes import write_attributes
from .exr_ids import label_as_uint
from .flatten import flatten
from .parts import complete_or_nothing

__all__ = ["ENCODINGS", "Encoding", "write_image", "write_picture"]

Array = npt.NDArray[Any]
_HALF_MAX = 65504.0
_LOSSLESS = ("zip", "zips", "none", "rle", "piz", "htj2k256", "htj2k32")
# These would change pixels that nobody touched, so they are used only when asked for by name.
_LOSSY = ("dwaa", "dwab", "b44", "b44a", "pxr24")


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a file format can hold: bits per channel and compressions, the first of each being the default.

    `layered` formats hold windows and any channels; `options` go to OIIO as they are. Where `fatal`, the library ends
    the whole process when the disk is full.
    """

    bits: tuple[int, ...]
    compressions: tuple[str, ...] = ("",)
    layered: bool = False
    options: Mapping[str, int] = field(default_factory=dict)
    fatal: bool = False


ENCODINGS = {
    ".exr": Encoding((16, 32), (*_LOSSLESS, *_LOSSY), layered=True),
    ".tif": Encoding((16, 8, 32), ("zip", "lzw", "none")),
    ".tiff": Encoding((16, 8, 32), ("zip", "lzw", "none")),
    # Level 1 takes half the time of level 6 and 4 % more room.
    ".png": Encoding((16, 8), options={"png:compressionLevel": 1}),
    ".jpg": Encoding((8,), ("jpeg:95",), fatal=True),
    ".jpeg": Encoding((8,), ("jpeg:95",), fatal=True),
    ".dpx": Encoding((10, 8, 12, 16)),
}


def write_image(path: Path, frame: Frame, *, name: Path, compression: str | None, bits: int | None) -> None:
    """Write `frame` to `path`, speaking of `name` in errors (OutputError); finite values stay finite.

    EXR keeps every channel in its own type and both windows. Other formats get the display window, R G B or Y, and A
    where they can. Values beyond what half can hold become +-65504 where they are finite.
    """
    encoding = ENCODINGS[name.suffix.lower()]
    frame = frame if encoding.layered else flatten(frame, alpha=name.suffix.lower() not in (".jpg", ".jpeg", ".dpx"))
    formats = _exr_formats(frame, bits) if encoding.layered else (_integer_format(frame, encoding, bits),)
    spec = _spec(frame, formats, encoding, compression, bits)
    if encoding.fatal and shutil.disk_usage(path.parent).free < spec.image_bytes():
        raise _failed(name, frame, "the disk is full")
    output = oiio.ImageOutput.create(str(path))
    if output is None or not output.open(str(path), spec):
        raise _failed(name, frame, oiio.geterror() if output is None else output.geterror())
    written = output.write_image(_pixels(frame, formats))
    # PNG says that all is well and notes the error; DPX finds out when it closes.
    if not written or output.has_error or not output.close():
        raise _failed(name, frame, output.geterror())
    if encoding.layered and "uint" in formats:
        label_as_uint(path, {channel for channel, kind in zip(frame.channels, formats, strict=True) if kind == "uint"})


def write_picture(pixels: npt.NDArray[np.uint8], path: Path) -> None:
    """Write H x W x 3 uint8 as it is, for previews and contact sheets; raises OutputError."""
    frame = Frame.of(pixels.astype(np.float32) / 255, "RGB", formats=("uint8",) * 3)
    with complete_or_nothing(path) as part:
        write_image(part, frame, name=path, compression=None, bits=8)


def _failed(path: Path, frame: Frame, problem: str) -> OutputError:
    words = (problem.strip().splitlines() or ["OpenImageIO gives no reason"])[0]
    if shutil.disk_usage(path.parent).free < frame.pixels.nbytes:
        words = "the disk is full"  # which some libraries tell in other words, and some not at all
    return OutputError(f"frame {frame.number} cannot be written to {path}: {words}", frame=frame.number, path=path)


def _exr_formats(frame: Frame, bits: int | None) -> tuple[str, ...]:
    """The type of each channel: as it was read, half where that is unknown or an integer picture's."""
    wanted = {None: "half", 16: "half", 32: "float"}[bits]
    known = frame.formats or (wanted,) * len(frame.channels)
    return tuple(kind if kind == "uint" or (kind in ("half", "float") and bits is None) else wanted for kind in known)


def _integer_format(frame: Frame, encoding: Encoding, bits: int | None) -> str:
    kept = {"uint8": 8, "uint16": 16, "float": 32}.get(frame.formats[0] if frame.formats else "", 0)
    wanted = bits or (kept if kept in encoding.bits else encoding.bits[0])
    return {8: "uint8", 32: "float"}.get(wanted, "uint16")


def _spec(
    frame: Frame, formats: tuple[str, ...], encoding: Encoding, compression: str | None, bits: int | None
) -> oiio.ImageSpec:
    data, display = frame.data_window, frame.display_window
    stored = tuple("float" if kind == "uint" else kind for kind in formats)
    spec = oiio.ImageSpec(data.width, data.height, len(frame.channels), stored[0])
    spec.channelnames = frame.channels
    if len(set(stored)) > 1:
        spec.channelformats = tuple(oiio.TypeDesc(kind) for kind in stored)
    spec.x, spec.y, spec.full_x, spec.full_y = data.x, data.y, display.x, display.y
    spec.full_width, spec.full_height = display.width, display.height
    write_attributes(spec, frame.metadata)
    spec.attribute(STRAIGHT, int(is_straight(frame)))
    spec.attribute("compression", _compression(frame, formats, encoding, compression))
    for name, value in encoding.options.items():
        spec.attribute(name, value)
    if encoding.bits[0] == 10:
        spec.attribute("oiio:BitsPerSample", bits or _bits_in_file(frame) or 10)
    return spec


def _bits_in_file(frame: Frame) -> int | None:
    found = frame.metadata.get("oiio:BitsPerSample")
    return found if isinstance(found, int) else None


def _compression(frame: Frame, formats: tuple[str, ...], encoding: Encoding, asked: str | None) -> str:
    """As asked, else the input's where that loses nothing; IDs are never lossy."""
    if asked and not ("uint" in formats and asked.partition(":")[0] in _LOSSY):
        return asked
    before = str(frame.metadata.get("compression", ""))
    return before if encoding.layered and before in _LOSSLESS else encoding.compressions[0]


def _pixels(frame: Frame, formats: tuple[str, ...]) -> Array:
    """The pixels as OIIO takes them fastest: float16 where that is all that the file holds."""
    pixels = frame.pixels
    half = [i for i, kind in enumerate(formats) if kind == "half"]
    if not half or pixels.dtype == np.float16:
        return np.ascontiguousarray(pixels)
    pixels = _within_half(pixels, half)
    return pixels.astype(np.float16) if len(half) == len(formats) else np.ascontiguousarray(pixels)


def _within_half(pixels: Array, half: list[int]) -> Array:
    """Finite values stay finite: a highlight that grew beyond half becomes its largest number, not inf."""
    values = pixels if len(half) == pixels.shape[2] else pixels[..., half]
    beyond = np.isfinite(values) & (np.abs(values) > _HALF_MAX)
    if not beyond.any():
        return pixels
    pixels = pixels.copy()
    pixels[..., half] = np.where(beyond, np.copysign(np.float32(_HALF_MAX), values), values)
    return pixels
