"""One picture out: EXR by OpenEXR (`exr_writer`), everything else by OpenImageIO; see `images` for what is kept."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from ..errors import OutputError, was_memory
from ..frame import Frame
from ..memory import need
from ..picture.alpha import STRAIGHT, is_straight
from .attributes import write_attributes
from .exr_writer import LOSSLESS, LOSSY, write_exr
from .flatten import flatten
from .parts import complete_or_nothing

__all__ = ["ENCODINGS", "WITHOUT_ALPHA", "Encoding", "write_image", "write_picture"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a file format can hold: bits per channel and compressions, the first of each being the default.

    A compression that takes a level is written with its usual one, as in jpeg:95.
    `layered` formats hold windows, parts and any channels; `options` go to OIIO as they are. Where `fatal`, the
    library ends the whole process when the disk is full.
    """

    bits: tuple[int, ...]
    compressions: tuple[str, ...] = ("",)
    layered: bool = False
    options: Mapping[str, int] = field(default_factory=dict)
    fatal: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The compressions without their levels."""
        return tuple(name.partition(":")[0] for name in self.compressions if name)

    def takes(self, compression: str) -> bool:
        """Whether it is one of ours, with a number behind the colon only where a level is taken."""
        name, colon, level = compression.partition(":")
        if not colon:
            return name in self.names
        levelled = any(each.startswith(f"{name}:") for each in self.compressions)
        return levelled and bool(re.fullmatch(r"\d+(\.\d+)?", level))


_WITH_LEVELS = tuple(f"{name}:45" if name.startswith("dwa") else name for name in LOSSY)
ENCODINGS = {
    ".exr": Encoding((16, 32), (*LOSSLESS, *_WITH_LEVELS), layered=True),
    ".tif": Encoding((16, 8, 32), ("zip:6", "lzw", "none")),
    ".tiff": Encoding((16, 8, 32), ("zip:6", "lzw", "none")),
    # Level 1 takes half the time of level 6 and 4 % more room.
    ".png": Encoding((16, 8), options={"png:compressionLevel": 1}),
    ".jpg": Encoding((8,), ("jpeg:95",), fatal=True),
    ".jpeg": Encoding((8,), ("jpeg:95",), fatal=True),
    ".dpx": Encoding((10, 8, 12, 16)),
}
WITHOUT_ALPHA = (".jpg", ".jpeg", ".dpx")


def write_image(path: Path, frame: Frame, *, name: Path, compression: str | None, bits: int | None) -> None:
    """Write `frame` to `path`, speaking of `name` in errors (OutputError).

    EXR keeps every part, every channel in its own type, and both windows; finite values that half cannot hold become
    +-65504. Other formats get the display window, R G B or Y, and A where they can.
    """
    try:
        need(2 * frame.nbytes)
        if ENCODINGS[name.suffix.lower()].layered:
            write_exr(path, frame, compression=compression, bits=bits)
        else:
            _write_plain(path, frame, name.suffix.lower(), compression, bits)
    except Exception as error:  # whatever C++ throws
        if was_memory(error):
            raise MemoryError(str(error)) from error
        raise _failed(name, frame, str(error)) from error


def _write_plain(path: Path, frame: Frame, suffix: str, compression: str | None, bits: int | None) -> None:
    """By OIIO; raises OSError with its words."""
    encoding = ENCODINGS[suffix]
    frame = flatten(frame, alpha=suffix not in WITHOUT_ALPHA)
    spec = _spec(frame, encoding, compression, bits)
    if encoding.fatal and shutil.disk_usage(path.parent).free < spec.image_bytes():
        raise OSError("the disk is full")
    output = oiio.ImageOutput.create(str(path))
    if output is None or not output.open(str(path), spec):
        raise OSError(oiio.geterror() if output is None else output.geterror())
    written = output.write_image(np.ascontiguousarray(frame.pixels))
    # PNG says that all is well and notes the error; DPX finds out when it closes.
    if not written or output.has_error or not output.close():
        raise OSError(output.geterror())


def write_picture(pixels: npt.NDArray[np.uint8], path: Path) -> None:
    """Write H x W x 3 uint8 as it is, for previews and contact sheets; raises OutputError."""
    frame = Frame.of(pixels.astype(np.float32) / 255, "RGB", formats=("uint8",) * 3)
    with complete_or_nothing(path) as part:
        write_image(part, frame, name=path, compression=None, bits=8)


def _failed(path: Path, frame: Frame, problem: str) -> OutputError:
    words = (problem.strip().splitlines() or ["no reason is known"])[0]
    if shutil.disk_usage(path.parent).free < frame.pixels.nbytes:
        words = "the disk is full"  # which some libraries tell in other words, and some not at all
    return OutputError(f"frame {frame.number} cannot be written to {path}: {words}", frame=frame.number, path=path)


def _integer_format(frame: Frame, encoding: Encoding, bits: int | None) -> str:
    kept = {"uint8": 8, "uint16": 16, "float": 32}.get(frame.formats[0] if frame.formats else "", 0)
    wanted = bits or (kept if kept in encoding.bits else encoding.bits[0])
    return {8: "uint8", 32: "float"}.get(wanted, "uint16")


def _spec(frame: Frame, encoding: Encoding, compression: str | None, bits: int | None) -> oiio.ImageSpec:
    window = frame.data_window
    spec = oiio.ImageSpec(window.width, window.height, len(frame.channels), _integer_format(frame, encoding, bits))
    spec.channelnames = frame.channels
    spec.x, spec.y = spec.full_x, spec.full_y = window.x, window.y
    write_attributes(spec, frame.metadata)
    spec.attribute(STRAIGHT, int(is_straight(frame)))
    spec.attribute("compression", compression or encoding.compressions[0])
    for name, value in encoding.options.items():
        spec.attribute(name, value)
    if encoding.bits[0] == 10:
        spec.attribute("oiio:BitsPerSample", bits or _bits_in_file(frame) or 10)
    return spec


def _bits_in_file(frame: Frame) -> int | None:
    found = frame.metadata.get("oiio:BitsPerSample")
    return found if isinstance(found, int) else None
