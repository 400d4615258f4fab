"""One picture in, one picture out, by OpenImageIO: EXR, PNG, JPEG, TIFF, DPX.

What the file holds is what the frame holds: every channel in the file's order, the whole data window, all attributes,
colour neither converted nor multiplied by alpha. Integer pictures become 0..1 and go back to the same integers.
EXR channels of type uint (object IDs) lie in their float32 slots bit by bit. This reads the first part of a
multi-part file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from ..errors import InputError
from ..frame import Frame, Window
from .attributes import read_attributes

__all__ = ["Header", "read_header", "read_image"]

Array = npt.NDArray[Any]
Header = oiio.ImageSpec

# A black frame packs 1 : 1000 with ZIP and 1 : 46000 with HTJ2K; a header that claims more lies.
_MOST_PACKED = 50_000
_SURELY_FINE = 512 * 2**20


def read_header(path: Path) -> Header:
    """Sizes, channels, attributes; raises InputError."""
    file = _open(path, None)
    try:
        return file.spec()
    finally:
        file.close()


def read_image(path: Path, *, number: int | None = None, space: str = "") -> Frame:
    """The picture in `path` as frame `number`; raises InputError that names both.

    `pixels` is float16 where the file holds nothing but half, else float32.
    """
    file = _open(path, number)
    try:
        spec = file.spec()
        formats = channel_formats(spec)
        pixels = _read_pixels(file, spec, formats)
        if pixels is None or file.has_error:
            raise _unreadable(path, number, _told(file.geterror) or "the pixels are incomplete")
    finally:
        file.close()
    return Frame(
        pixels=pixels,
        channels=tuple(spec.channelnames),
        data_window=Window(spec.x, spec.y, spec.width, spec.height),
        display_window=Window(spec.full_x, spec.full_y, spec.full_width, spec.full_height),
        number=number or 0,
        space=space,
        formats=formats,
        metadata=read_attributes(spec),
    )


def _open(path: Path, number: int | None) -> oiio.ImageInput:
    if not path.is_file():
        raise _unreadable(path, number, "there is no such file")
    config = oiio.ImageSpec()
    # Else OIIO multiplies PNG and TIFF colour by alpha, which cannot be undone where alpha is 0.
    config.attribute("oiio:UnassociatedAlpha", 1)
    file = oiio.ImageInput.open(str(path), config)
    if file is None:
        raise _unreadable(path, number, _told(oiio.geterror))
    if problem := _problem(file.spec(), path.stat().st_size):
        file.close()
        raise _unreadable(path, number, problem)
    return file


def _problem(spec: oiio.ImageSpec, file_size: int) -> str:
    """Why a header promises nothing that can be read; checked before memory is taken."""
    if spec.deep:
        return "it holds deep samples, which have no place in a frame; flatten it first"
    if min(spec.width, spec.height, spec.full_width, spec.full_height, spec.nchannels) < 1:
        return "the picture is empty, it has no pixels"
    size = spec.image_bytes(True)
    if size > max(_SURELY_FINE, _MOST_PACKED * file_size):
        return f"its header claims {size / 2**30:.1f} GiB of pixels, which {file_size} bytes cannot hold"
    return ""


def _told(ask: Callable[[], str]) -> str:
    """What OIIO says is wrong; it quotes the file, and the bytes of a damaged one need not be text."""
    try:
        return ask()
    except UnicodeDecodeError as error:
        return error.object.decode("latin-1")


def _unreadable(path: Path, number: int | None, problem: str) -> InputError:
    words = problem.strip().splitlines()[0].rstrip(". ") if problem.strip() else "OpenImageIO gives no reason"
    words = words.replace(f'"{path}"', "it").replace(f" ({path})", "").split(". Is it a file format")[0]
    words = "".join(each if each.isprintable() else "?" for each in words)
    frame = "" if number is None else f"frame {number}, "
    return InputError(f"{frame}{path} cannot be read: {words}", frame=number, path=path)


def channel_formats(spec: oiio.ImageSpec) -> tuple[str, ...]:
    """Each channel's type in the file: "half", "float", "uint", "uint8", ..."""
    return tuple(map(str, spec.channelformats)) or (str(spec.format),) * spec.nchannels


def runs(formats: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """First channel, the one after the last, and the type, for channels of one type side by side."""
    first = 0
    for kind, members in groupby(formats):
        last = first + len(list(members))
        yield first, last, kind
        first = last


def _read_pixels(file: oiio.ImageInput, spec: oiio.ImageSpec, formats: Sequence[str]) -> Array | None:
    shape = spec.height, spec.width, spec.nchannels
    if set(formats) <= {"half"}:
        return _shaped(file.read_image(oiio.HALF), shape)
    verbatim = file.format_name() == "openexr"
    if "uint" not in formats or not verbatim:
        return _shaped(file.read_image(oiio.FLOAT), shape)
    pixels = np.empty(shape, np.float32)
    for first, last, kind in runs(formats):
        part = file.read_image(0, 0, first, last, oiio.UINT32 if kind == "uint" else oiio.FLOAT)
        if part is None:
            return None
        pixels[..., first:last] = np.reshape(part, (*shape[:2], -1)).view(np.float32)
    return pixels


def _shaped(pixels: Array | None, shape: tuple[int, int, int]) -> Array | None:
    return None if pixels is None else np.reshape(pixels, shape)
