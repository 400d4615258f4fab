"""Headers of EXR files, read byte by byte before any library is trusted with the file.

The layout is that of "OpenEXR File Layout" (openexr.com): a magic number, a version with flags, then for each part
attributes as name, type, size and data up to an empty name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from ..frame import Window
from .attributes import Attribute
from .exr_attributes import COMPRESSIONS, decoded
from .header import Damage, Header

__all__ = ["MAGIC", "Channel", "Part", "perceived_evenly", "read_parts"]

MAGIC = b"\x76\x2f\x31\x01"
_TILED, _DEEP, _MULTIPART = 0x200, 0x800, 0x1000

_DAMAGED = "its header is damaged; render or copy it again"
_CUT_OFF = "its header is cut off; render or copy it again"

_LONGEST_NAME = 255
_MOST_PARTS = 10_000
_TYPES = ("uint", "half", "float")
# How the picture lies in the file; said by the fields of `Header`, or found anew when it is written.
_STORAGE = ("dataWindow", "displayWindow", "type", "chunkCount")


@dataclass(frozen=True, slots=True)
class Channel:
    """`type` is "uint", "half" or "float"; `step` says that only every so many-th column and row is in the file.

    `linear` (OpenEXR's pLinear) tells lossy compressions that its values are perceived evenly.
    """

    name: str
    type: str
    linear: bool
    step: tuple[int, int]


@dataclass(frozen=True)
class Part:
    """One part's attributes as they are in the file: name -> (type, data); `flags` are those of the whole file."""

    raw: Mapping[str, tuple[str, bytes]]
    flags: int

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """In the file's order, which is that of the alphabet."""
        return tuple(_channels(self._data("channels")))

    @property
    def deep(self) -> bool:
        """Whether pixels hold any number of samples."""
        return self._data("type", b"").startswith(b"deep") or bool(self.flags & _DEEP and not self.flags & _MULTIPART)

    @property
    def tiled(self) -> bool:
        """Whether the pixels lie in tiles, not in lines."""
        return self._data("type", b"") == b"tiledimage" or bool(self.flags & _TILED)

    def window(self, name: str) -> Window:
        """A box of the header; its lower right corner belongs to it."""
        left, top, right, bottom = struct.unpack("<4i", self._data(name))
        return Window(left, top, right - left + 1, bottom - top + 1)

    @property
    def tile_size(self) -> tuple[int, int]:
        """Width and height of a tile; raises Damage where a tiled part has none."""
        width, height, _ = struct.unpack("<2IB", self._data("tiles"))
        return width, height

    @property
    def header(self) -> Header:
        """In our own words; the compression by its name."""
        metadata = {name: decoded(*self.raw[name]) for name in self.raw if self._is_metadata(name)}
        return Header(
            channels=tuple(channel.name for channel in self.channels),
            formats=tuple(channel.type for channel in self.channels),
            data_window=self.window("dataWindow"),
            display_window=self.window("displayWindow"),
            metadata=metadata | {"compression": COMPRESSIONS[metadata["compression"].value]},
        )

    def _is_metadata(self, name: str) -> bool:
        return name not in _STORAGE and (name != "tiles" or self.tiled)

    def _data(self, name: str, missing: bytes | None = None) -> bytes:
        found = self.raw[name][1] if name in self.raw else missing
        if found is None:
            raise Damage(f"its header says nothing of {name}")
        return found


def read_parts(path: Path) -> tuple[Part, ...]:
    """The headers of all parts, without a look at pixels; raises Damage and OSError."""
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            raise Damage("it is not an EXR file")
        try:
            (version,) = struct.unpack("<I", file.read(4))
            raw = list(_headers(file, bool(version & _MULTIPART), path.stat().st_size))
            parts = tuple(Part(each, version) for each in raw)
            for part in parts:
                _check(part)
        except (struct.error, ValueError, IndexError) as error:
            raise Damage(_DAMAGED) from error
    return parts


def perceived_evenly(metadata: Mapping[str, Any]) -> frozenset[str]:
    """The names of channels that were linear in the file that a part's metadata are from."""
    known = metadata.get("channels")
    found = _channels(known.value) if isinstance(known, Attribute) and known.type == "chlist" else ()
    return frozenset(channel.name for channel in found if channel.linear)


def _headers(file: BinaryIO, several: bool, size: int) -> Iterator[dict[str, tuple[str, bytes]]]:
    for count in range(_MOST_PARTS):
        attributes = dict(_attributes(file, size))
        if not attributes and several and count:
            return
        yield attributes
        if not several:
            return


def _attributes(file: BinaryIO, size: int) -> Iterator[tuple[str, tuple[str, bytes]]]:
    while name := _word(file):
        kind = _word(file)
        (length,) = struct.unpack("<i", file.read(4))
        if not 0 <= length <= size - file.tell():
            raise Damage(_CUT_OFF)
        yield name, (kind, file.read(length))


def _word(file: BinaryIO) -> str:
    """A word that ends in a zero byte."""
    word = bytearray()
    while (byte := file.read(1)) != b"\0":
        word += byte
        if not byte or len(word) > _LONGEST_NAME:
            raise Damage(_DAMAGED if byte else _CUT_OFF)
    return word.decode()


def _channels(data: bytes) -> Iterator[Channel]:
    position = 0
    while data[position]:
        end = data.index(b"\0", position)
        kind, linear, across, down = struct.unpack_from("<IB3x2i", data, end + 1)
        yield Channel(data[position:end].decode(), _TYPES[kind], bool(linear), (across, down))
        position = end + 17


def _check(part: Part) -> None:
    """Raise Damage for what no reader could make sense of."""
    kind, data = part.raw.get("compression", ("", b""))
    if kind != "compression" or len(data) != 1 or data[0] >= len(COMPRESSIONS):
        raise Damage("its compression is unknown")
    windows = [part.window(name) for name in ("dataWindow", "displayWindow")]
    if not part.channels or min(side for window in windows for side in (window.width, window.height)) < 1:
        raise Damage("the picture is empty, it has no pixels")
    if any(min(channel.step) < 1 for channel in part.channels):
        raise Damage(_DAMAGED)
    if part.tiled and not part.deep and min(part.tile_size) < 1:
        raise Damage("its tiles are empty")
