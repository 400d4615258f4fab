"""EXR files out, by OpenEXR: every part with its own windows, channel types, tiles, compression and attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR

from ..frame import Frame, Window
from .attributes import plain
from .exr_attributes import COMPRESSIONS, encoded
from .exr_header import perceived_evenly
from .half import narrowed, widened

__all__ = ["LOSSLESS", "LOSSY", "write_exr"]

Array = npt.NDArray[Any]

LOSSLESS = ("zip", "zips", "none", "rle", "piz", "htj2k256", "htj2k32", "zstd")
LOSSY = ("dwaa", "dwab", "b44", "b44a", "pxr24")
"""These would change pixels that nobody touched, so they are used only when asked for by name."""

# What all parts of a file share; OpenEXR refuses a file whose parts differ in them.
_SHARED = ("pixelAspectRatio", "chromaticities")
# Put into the header by other ways than the rest, or no concern of EXR.
_HANDLED = ("channels", "tiles", "compression", "lineOrder")
_OTHERS_STORAGE = "oiio:"
_RANDOM_ORDER = 2  # of tiles; lines have none
_ID_NAMES = re.compile(r"crypto|(^|[._])(object|material|asset)?_?ids?\d*($|[._])", re.IGNORECASE)


def write_exr(path: Path, frame: Frame, *, compression: str | None, bits: int | None) -> None:
    """Write all parts of `frame`; raises OSError and whatever else OpenEXR raises.

    `bits` 16 or 32 turns half and float channels of every part into the one or the other; uint stays. `compression`
    may have a level, as in dwaa:45.
    """
    shared = {name: frame.parts[0].metadata.get(name) for name in _SHARED}
    parts = [_part(each, shared, compression, bits) for each in frame.parts]
    # By a stream of ours: OpenEXR does not notice when the last bytes find the disk full, `close` does.
    with path.open("wb") as stream:
        OpenEXR.File(parts).write(stream)


def _part(frame: Frame, shared: Mapping[str, Any], compression: str | None, bits: int | None) -> OpenEXR.Part:
    formats = _formats(frame, bits)
    even = perceived_evenly(frame.metadata.get("channels"))
    channels = {
        name: OpenEXR.Channel(name, _plane(frame.pixels[..., i], kind), 1, 1, name in even)
        for i, (name, kind) in enumerate(zip(frame.channels, formats, strict=True))
    }
    return OpenEXR.Part(_header(frame, shared, _compression(frame, formats, compression)), channels)


def _formats(frame: Frame, bits: int | None) -> tuple[str, ...]:
    """The type of each channel: as it was read, half where that is unknown or an integer picture's."""
    wanted = {None: "half", 16: "half", 32: "float"}[bits]
    known = frame.formats or (wanted,) * len(frame.channels)
    return tuple(kind if kind == "uint" or (kind in ("half", "float") and bits is None) else wanted for kind in known)


def _plane(pixels: Array, kind: str) -> Array:
    if kind == "half":
        pixels = pixels if pixels.dtype == np.float16 else narrowed(pixels)
    elif pixels.dtype == np.float16:
        pixels = widened(pixels)
    plane = np.ascontiguousarray(pixels)
    return plane.view(np.uint32) if kind == "uint" else plane


def _header(frame: Frame, shared: Mapping[str, Any], compression: str) -> dict[str, Any]:
    metadata = {**frame.metadata, **shared}
    header = {
        name: value
        for name, given in metadata.items()
        if name not in _HANDLED and not name.startswith(_OTHERS_STORAGE) and (value := encoded(given)) is not None
    }
    name, _, level = compression.partition(":")
    if level:
        header["dwaCompressionLevel"] = float(level)
    return header | {
        "dataWindow": _box(frame.data_window),
        "displayWindow": _box(frame.display_window),
        "compression": OpenEXR.Compression(COMPRESSIONS.index(name)),
        **_layout(metadata),
    }


def _layout(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Tiles of one level where the part was tiled, else lines; in the order that they had."""
    tiles, order = plain(metadata.get("tiles")), plain(metadata.get("lineOrder")) or 0
    if not isinstance(tiles, tuple):
        lines = OpenEXR.LineOrder(order if order < _RANDOM_ORDER else 0)
        return {"type": OpenEXR.scanlineimage, "lineOrder": lines}
    described = OpenEXR.TileDescription()
    described.xSize, described.ySize, mode = tiles
    described.mode, described.roundingMode = OpenEXR.ONE_LEVEL, OpenEXR.LevelRoundingMode(mode >> 4)
    return {"type": OpenEXR.tiledimage, "tiles": described, "lineOrder": OpenEXR.LineOrder(order)}


def _compression(frame: Frame, formats: tuple[str, ...], asked: str | None) -> str:
    """As asked, else the part's own where that loses nothing; what holds IDs is never lossy."""
    if asked and not (asked.partition(":")[0] in LOSSY and _holds_ids(frame, formats)):
        return asked
    before = str(frame.metadata.get("compression", ""))
    return before if before in LOSSLESS else LOSSLESS[0]


def _holds_ids(frame: Frame, formats: tuple[str, ...]) -> bool:
    """Whether values name things, so that a value nearby names another thing: uint, Cryptomatte, `id`.

    Cryptomatte's float channels are known by the attributes that its specification demands, or by their usual names.
    """
    named = any(_ID_NAMES.search(name) for name in (*frame.channels, str(frame.metadata.get("name", ""))))
    return "uint" in formats or named or any(name.startswith("cryptomatte/") for name in frame.metadata)


def _box(window: Window) -> tuple[tuple[int, int], tuple[int, int]]:
    """As OpenEXR has it: the lower right corner belongs to the box."""
    return (window.x, window.y), (window.right - 1, window.bottom - 1)
