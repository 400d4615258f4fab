"""Object IDs in EXR: channels of type uint, bit by bit.

OIIO converts every channel on its way from one array to a file of several types, and a uint32 does not survive the
float in between. Float and uint are both four bytes, which the lossless compressions treat alike, so IDs are written
as float with their bits unchanged, and the header is told afterwards what they are.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from pathlib import Path

__all__ = ["label_as_uint"]

_UINT = b"\0\0\0\0"


def label_as_uint(path: Path, names: Collection[str]) -> None:
    """Change the type of the channels `names` in the header of the single-part EXR file `path` from float to uint.

    See "OpenEXR File Layout": attributes are name, type, size and data; a channel is its name and 16 bytes, the first
    four of which are its type (0 uint, 1 half, 2 float).
    """
    with path.open("r+b") as file:
        position = _find_channels(file.read(65536))
        file.seek(position)
        while name := _read_name(file.read(256)):
            position += len(name) + 1
            if name.decode() in names:
                file.seek(position)
                file.write(_UINT)
            position += 16
            file.seek(position)


def _read_name(data: bytes) -> bytes:
    return data[: data.index(b"\0")]


def _find_channels(header: bytes) -> int:
    """Where the list of channels begins."""
    position = 8
    while name := _read_name(header[position:]):
        position += len(name) + 1
        position += len(_read_name(header[position:])) + 1
        size = struct.unpack_from("<i", header, position)[0]
        position += 4
        if name == b"channels":
            return position
        position += size
    raise ValueError("an EXR header without a list of channels")
