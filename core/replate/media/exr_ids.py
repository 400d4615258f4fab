"""Object IDs in EXR: channels of type uint, bit by bit.

OIIO converts every channel on its way from one array to a file of several types, and a uint32 does not survive the
float in between. Float and uint are both four bytes, which the lossless compressions treat alike, so IDs are written
as float with their bits unchanged, and the header is told afterwards what they are.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Collection, Iterator
from pathlib import Path

__all__ = ["label_as_uint"]

_UINT = b"\0\0\0\0"


def label_as_uint(path: Path, names: Collection[str]) -> None:
    """Change the type of the channels `names` in the header of the single-part EXR file `path` from float to uint.

    See "OpenEXR File Layout": an attribute is its name, its type, its size and its data; the data of `channels` are
    names, each followed by 16 bytes whose first four are the type (0 uint, 1 half, 2 float).
    """
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for name, position in _channels(data):
            if name in names:
                data[position : position + 4] = _UINT


def _channels(data: mmap.mmap) -> Iterator[tuple[str, int]]:
    """Each channel's name, and where its type stands."""
    position = 8
    while True:
        name, position = _word(data, position)
        _, position = _word(data, position)
        size = struct.unpack_from("<i", data, position)[0]
        position += 4
        if name == "channels":
            break
        position += size
    while data[position]:
        name, position = _word(data, position)
        yield name, position
        position += 16


def _word(data: mmap.mmap, position: int) -> tuple[str, int]:
    """A word that ends in a zero byte, and the position after it."""
    end = data.find(b"\0", position)
    return data[position:end].decode(), end + 1
