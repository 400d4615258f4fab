"""Attributes of EXR headers: from their bytes to values and back, and as OpenEXR's Python module takes them.

Types and their layout are those of "OpenEXR File Layout", section "Predefined Attribute Types" (openexr.com). The
module itself is not asked for values: it refuses a whole file for one letter that is not UTF-8, reduces rationals,
and cannot write an empty list.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import OpenEXR

from .attributes import Attribute

__all__ = ["COMPRESSIONS", "decoded", "encoded"]

COMPRESSIONS = (
    *("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"),
    *("htj2k256", "htj2k32", "lj2k", "zstd"),
)
"""By the number that stands for each in a file."""

_NUMBERS = {
    "int": "i",
    "float": "f",
    "double": "d",
    "box2i": "4i",
    "box2f": "4f",
    "chromaticities": "8f",
    "compression": "B",
    "envmap": "B",
    "keycode": "7i",
    "lineOrder": "B",
    "m33d": "9d",
    "m33f": "9f",
    "m44d": "16d",
    "m44f": "16f",
    "rational": "iI",
    "tiledesc": "2IB",
    "timecode": "2I",
    "v2d": "2d",
    "v2f": "2f",
    "v2i": "2i",
    "v3d": "3d",
    "v3f": "3f",
    "v3i": "3i",
}


def decoded(kind: str, data: bytes) -> Any:
    """str, int and float as they are, everything else as `Attribute`."""
    if kind == "string":
        return _text(data)
    values = _values(kind, data)
    return values if kind in ("int", "float") and not isinstance(values, bytes) else Attribute(values, kind)


def _values(kind: str, data: bytes) -> Any:
    if kind == "stringvector":
        return _words(data)
    layout = f"<{len(data) // 4}f" if kind == "floatvector" else f"<{_NUMBERS.get(kind, '')}"
    if kind not in (*_NUMBERS, "floatvector") or struct.calcsize(layout) != len(data):
        return data
    values = struct.unpack(layout, data)
    return values if kind == "floatvector" or len(values) > 1 else values[0]


def _text(data: bytes) -> str:
    """Text that is not UTF-8 as the Latin-1 that it most likely is."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _words(data: bytes) -> tuple[str, ...] | bytes:
    words, position = [], 0
    while position + 4 <= len(data):
        (size,) = struct.unpack_from("<I", data, position)
        words.append(_text(data[position + 4 : position + 4 + size]))
        position += 4 + size
    return tuple(words) if position == len(data) else data


def encoded(value: Any) -> Any:
    """A value of `Frame.metadata` as OpenEXR's module takes it; None where EXR has no type for it.

    The module insists on words of its own for some types and takes the bytes of the others.
    """
    attribute = value if isinstance(value, Attribute) else _typed(value)
    kind, value = attribute.type, attribute.value
    if kind in _OWN_WORDS:
        return None if isinstance(value, bytes) else _OWN_WORDS[kind](value)
    data = _data(kind, value)
    return None if data is None else OpenEXR.OpaqueAttribute(data, kind)


def _array(kind: str) -> Callable[[Any], Any]:
    """For a vector or a square matrix; the last letter of its type tells that of its numbers."""
    type_, size = {"i": np.int32, "f": np.float32, "d": np.float64}[kind[-1]], int(kind[1])
    return lambda value: np.array(value, type_).reshape((size, size) if kind.startswith("m") else size)


def _tiles(value: Any) -> OpenEXR.TileDescription:
    """Width, height and mode, whose lower four bits are that of levels and whose upper four that of rounding."""
    described = OpenEXR.TileDescription()
    described.xSize, described.ySize, mode = value
    described.mode, described.roundingMode = OpenEXR.LevelMode(mode & 15), OpenEXR.LevelRoundingMode(mode >> 4)
    return described


_OWN_WORDS: dict[str, Callable[[Any], Any]] = {
    "string": str,
    "int": int,
    "float": float,
    "double": lambda value: np.array([value], np.float64),
    "box2i": lambda value: (tuple(map(int, value[:2])), tuple(map(int, value[2:]))),
    "box2f": lambda value: (tuple(map(float, value[:2])), tuple(map(float, value[2:]))),
    "chromaticities": lambda value: tuple(map(float, value)),
    "envmap": OpenEXR.Envmap,
    "compression": OpenEXR.Compression,
    "tiledesc": _tiles,
    **{kind: _array(kind) for kind in _NUMBERS if re.fullmatch(r"v[23].|m(33|44).", kind)},
}


def _typed(value: Any) -> Attribute:
    """The type that a plain value of Python's has in EXR."""
    if isinstance(value, str):
        return Attribute(value, "string")
    if isinstance(value, int):
        small = -(2**31) <= value < 2**31
        return Attribute(int(value), "int") if small else Attribute(float(value), "double")
    if isinstance(value, tuple | list) and value:
        if all(isinstance(each, str) for each in value):
            return Attribute(tuple(value), "stringvector")
        whole = all(isinstance(each, int) for each in value)
        short = len(value) in (2, 3)
        return Attribute(tuple(value), f"v{len(value)}{'i' if whole else 'f'}" if short else "floatvector")
    return Attribute(value, "float" if isinstance(value, float) else "")


def _data(kind: str, value: Any) -> bytes | None:
    if isinstance(value, bytes):
        return value
    if kind == "stringvector":
        return b"".join(struct.pack("<i", len(each)) + each for each in (word.encode() for word in value))
    layout = f"{len(value)}f" if kind == "floatvector" else _NUMBERS.get(kind)
    if layout is None:
        return None
    return struct.pack(f"<{layout}", *(value if isinstance(value, tuple) else (value,)))
