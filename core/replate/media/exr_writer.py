"""EXR files out, by OpenEXR: every part with its own windows, channel types, tiles, compression and attributes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR

from ..frame import Frame, Window
from ..picture.ids import id_channels
from .attributes import Attribute, plain
from .exr_attributes import COMPRESSIONS, encoded
from .exr_header import perceived_evenly
from .half import narrowed, widened

__all__ = ["LOSSLESS", "LOSSY", "write_exr"]

Array = npt.NDArray[Any]

LOSSLESS = ("zip", "zips", "none", "rle", "piz", "htj2k256", "htj2k32", "zstd")
LOSSY = ("dwaa", "dwab", "b44", "b44a", "pxr24")
"""These would change pixels that nobody touched, so they are used only when asked for by name."""

# What all parts of a file share, and so have from the main one: OpenEXR refuses a file whose parts differ in them.
_SHARED = ("pixelAspectRatio", "chromaticities")
# Put into the header by other ways than the rest, or no concern of EXR.
_HANDLED = ("channels", "tiles", "compression", "lineOrder")
_OTHERS_STORAGE = "oiio:"
_RANDOM_ORDER = 2  # of tiles; lines have none
_ROUNDING = 0xF0  # the bits of a tile description that are not its levels


def write_exr(path: Path, frame: Frame, *, compression: str | None, bits: int | None) -> None:
    """Write all parts of `frame`; raises OSError and whatever else OpenEXR raises.

    `bits` 16 or 32 turns half and float channels of every part into the one or the other. `compression` is for every
    part, and may have a level, as in dwaa:45. Neither changes IDs: they keep their type, their part stays lossless.
    """
    shared = {name: frame.metadata.get(name) for name in _SHARED}
    parts = [_part(each, shared, compression, bits) for each in frame.parts]
    # By a stream of ours: OpenEXR does not notice when the last bytes find the disk full, `close` does.
    with path.open("wb") as stream:
        OpenEXR.File(parts).write(stream)


def _part(frame: Frame, shared: Mapping[str, Any], compression: str | None, bits: int | None) -> OpenEXR.Part:
    ids, even = id_channels(frame), perceived_evenly(frame.metadata)
    channels = {
        name: OpenEXR.Channel(name, _plane(frame.pixels[..., i], kind), 1, 1, name in even)
        for i, (name, kind) in enumerate(zip(frame.channels, _formats(frame, ids, bits), strict=True))
    }
    return OpenEXR.Part(_header(frame, shared, _compression(frame, compression, holds_ids=bool(ids))), channels)


def _formats(frame: Frame, ids: Collection[str], bits: int | None) -> Iterator[str]:
    """The type of each channel: as it was read or as asked, half where it is an integer picture's; IDs stay."""
    asked = {None: None, 16: "half", 32: "float"}[bits]
    for name, known in zip(frame.channels, frame.formats or ("",) * len(frame.channels), strict=True):
        kept = known if known in ("half", "float", "uint") else ""
        yield (kept if name in ids else asked or kept) or "half"


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
    tiles, order = plain(metadata.get("tiles")), plain(metadata.get("lineOrder"))
    order = order if order in range(_RANDOM_ORDER + 1) else 0
    if not isinstance(tiles, tuple):
        return {"type": OpenEXR.scanlineimage, "lineOrder": OpenEXR.LineOrder(order % _RANDOM_ORDER)}
    one_level = Attribute((*tiles[:2], tiles[2] & _ROUNDING), "tiledesc")
    return {"type": OpenEXR.tiledimage, "lineOrder": OpenEXR.LineOrder(order), "tiles": encoded(one_level)}


def _compression(frame: Frame, asked: str | None, *, holds_ids: bool) -> str:
    """As asked, else the part's own where that loses nothing; IDs are never lossy."""
    if asked and not (holds_ids and asked.partition(":")[0] in LOSSY):
        return asked
    before = str(frame.metadata.get("compression", ""))
    return before if before in LOSSLESS else LOSSLESS[0]


def _box(window: Window) -> tuple[tuple[int, int], tuple[int, int]]:
    """As OpenEXR has it: the lower right corner belongs to the box."""
    return (window.x, window.y), (window.right - 1, window.bottom - 1)
