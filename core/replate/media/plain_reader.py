"""Pictures that are one plain rectangle - PNG, JPEG, TIFF, DPX and whatever else OpenImageIO reads - in.

Colour is neither converted nor multiplied by alpha. Integers become 0..1, so that they can go back to the same
integers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio

from ..frame import Frame, Window
from .attributes import read_attributes
from .header import Damage, Header, check_size

__all__ = ["read_plain", "read_plain_header"]

Array = npt.NDArray[Any]
_MOST_PACKED = 50_000  # of the formats here, JPEG XL and WebP get the smallest


def read_plain_header(path: Path) -> Header:
    """Sizes, channels, attributes; raises Damage."""
    with _opened(path) as file:
        return _header(file.spec())


def read_plain(path: Path, *, number: int = 0, space: str = "") -> Frame:
    """The picture; float16 where the file holds half, else float32. Raises Damage."""
    with _opened(path) as file:
        header = _header(file.spec())
        pixels: Array | None = file.read_image(oiio.HALF if set(header.formats) <= {"half"} else oiio.FLOAT)
        if pixels is None or file.has_error:
            raise Damage(_told(file.geterror) or "the pixels are incomplete")
    window = header.data_window
    return Frame(
        pixels=np.reshape(pixels, (window.height, window.width, len(header.channels))),
        channels=header.channels,
        data_window=window,
        display_window=header.display_window,
        number=number,
        space=space,
        formats=header.formats,
        metadata=header.metadata,
    )


@contextmanager
def _opened(path: Path) -> Iterator[oiio.ImageInput]:
    config = oiio.ImageSpec()
    # Else OIIO multiplies PNG and TIFF colour by alpha, which cannot be undone where alpha is 0.
    config.attribute("oiio:UnassociatedAlpha", 1)
    file = oiio.ImageInput.open(str(path), config)
    if file is None:
        raise Damage(_told(oiio.geterror))
    try:
        _check(file.spec(), path)
        yield file
    finally:
        file.close()


def _check(spec: oiio.ImageSpec, path: Path) -> None:
    """Raise Damage for a header that promises nothing that can be read; before memory is taken."""
    if spec.deep:
        raise Damage("it holds deep samples, which have no place in a frame; flatten it first")
    if min(spec.width, spec.height, spec.full_width, spec.full_height, spec.nchannels) < 1:
        raise Damage("the picture is empty, it has no pixels")
    check_size(spec.image_bytes(True), path.stat().st_size, packed=_MOST_PACKED)


def _header(spec: oiio.ImageSpec) -> Header:
    kinds = map(str, spec.channelformats or (spec.format,) * spec.nchannels)
    return Header(
        channels=tuple(spec.channelnames),
        # "uint" is what EXR calls IDs, whose bits are kept; here it is a picture's 32 bits.
        formats=tuple("uint32" if kind == "uint" else kind for kind in kinds),
        data_window=Window(spec.x, spec.y, spec.width, spec.height),
        display_window=Window(spec.full_x, spec.full_y, spec.full_width, spec.full_height),
        metadata=read_attributes(spec),
    )


def _told(ask: Callable[[], str]) -> str:
    """What OIIO says is wrong; it quotes the file, and the bytes of a damaged one need not be text.

    libtiff calls an entry that is longer than the file a lack of memory.
    """
    try:
        words = ask()
    except UnicodeDecodeError as error:
        words = error.object.decode("latin-1")
    return words.replace("Out of memory reading of", "it is too short for its")
