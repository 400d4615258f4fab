"""What an EXR file of so many bytes can hold at most: asked before memory is taken for what its header claims."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .exr_attributes import COMPRESSIONS
from .exr_header import Part
from .header import Damage, check_size

__all__ = ["check_claims"]

_BYTES = {"half": 2, "float": 4, "uint": 4}

# How much smaller a black picture gets at most: deflate's limit, with PXR24 three bytes of four; else as measured.
_MOST_PACKED = {
    **{"none": 1, "b44": 4, "b44a": 16, "rle": 64, "piz": 512},
    **{"zips": 1032, "zip": 1032, "pxr24": 1376},
}
_OTHERWISE = 200_000  # HTJ2K packs a black picture of floats 94 000 times

# Lines that lie together, where that is not the most that any compression takes.
_LINES = {"none": 1, "rle": 1, "zips": 1, "zip": 16, "pxr24": 16, "piz": 32, "b44": 32, "b44a": 32, "dwaa": 32}
_MOST_LINES = 256

_ENTRY = 8  # bytes that say where a chunk lies


def check_claims(parts: Sequence[Part], size: int) -> None:
    """Raise Damage where a file of `size` bytes cannot hold what its header claims."""
    chunks = sum(map(_chunks, parts))
    if chunks * _ENTRY > size:
        raise Damage(f"its header claims {chunks} chunks of pixels, which {size} bytes cannot hold")
    packed = max(map(_most_packed, parts))
    check_size(sum(map(_pixels, parts)), size, packed=packed)
    for part in parts:
        if part.tiled:
            check_size(math.prod(part.tile_size) * _pixel(part), size, packed=packed)


def _pixels(part: Part) -> int:
    window = part.window("dataWindow")
    return window.width * window.height * _pixel(part)


def _chunks(part: Part) -> int:
    window = part.window("dataWindow")
    if part.tiled:
        width, height = part.tile_size
        return math.ceil(window.width / width) * math.ceil(window.height / height)
    return math.ceil(window.height / _LINES.get(_compression(part), _MOST_LINES))


def _pixel(part: Part) -> int:
    """Bytes of one pixel."""
    return sum(_BYTES[channel.type] for channel in part.channels)


def _most_packed(part: Part) -> int:
    """Samples that lie apart become many pixels each."""
    apart = max(math.prod(channel.step) for channel in part.channels)
    return min(_OTHERWISE, apart * _MOST_PACKED.get(_compression(part), _OTHERWISE))


def _compression(part: Part) -> str:
    return COMPRESSIONS[part.raw["compression"][1][0]]
