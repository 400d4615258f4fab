"""What is written beside the pixels: from an OIIO header to a plain mapping and back, types kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import OpenImageIO as oiio

__all__ = ["Attribute", "read_attributes", "write_attributes"]

# What describes how pixels lie in one file; it is found anew in every other.
_STORAGE = ("oiio:subimages", "oiio:RowsPerChunk", "oiio:ColorSpace", "oiio:UnassociatedAlpha", "oiio:BitsPerSample")

# OIIO prints these types of EXR attributes under names that it does not read: V2i, V3i, Box2i.
_READABLE = {"vector2i": "int[2]", "vectori": "int[3]", "vector2i[2]": "box2i"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value whose OIIO type (`timecode`, `rational2i`, `float[8]`, ...) does not follow from Python's."""

    value: Any
    type: str


def read_attributes(spec: oiio.ImageSpec) -> dict[str, Any]:
    """All attributes by OIIO's names: str, int and float as they are, everything else as `Attribute`."""
    found = {}
    for attribute in spec.extra_attribs:
        kind, value = str(attribute.type), _readable(attribute.value)
        plain = kind in ("string", "int", "float")
        found[attribute.name] = value if plain else Attribute(value, _READABLE.get(kind, kind))
    return found


def _readable(value: Any) -> Any:
    """Text that is not UTF-8 as the Latin-1 that it most likely is; OIIO cannot write it back otherwise."""
    if isinstance(value, tuple):
        return tuple(map(_readable, value))
    if not isinstance(value, str):
        return value
    # OIIO hands over foreign bytes as lone surrogates.
    data = value.encode("utf-8", "surrogateescape")
    return value if data == value.encode("utf-8", "replace") else data.decode("latin-1")


def write_attributes(spec: oiio.ImageSpec, metadata: Mapping[str, Any]) -> None:
    """Put `metadata` into a header; tuples of numbers become arrays."""
    for name, value in metadata.items():
        if name in _STORAGE:
            continue
        if isinstance(value, Attribute):
            spec.attribute(name, oiio.TypeDesc(value.type), value.value)
        elif isinstance(value, tuple | list):
            kind = "int" if all(isinstance(each, int) for each in value) else "float"
            spec.attribute(name, oiio.TypeDesc(f"{kind}[{len(value)}]"), tuple(value))
        else:
            spec.attribute(name, value)
