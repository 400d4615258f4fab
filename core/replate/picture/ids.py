"""Which channels hold the names of things, so that a value nearby would mean another thing: object IDs, Cryptomatte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .layers import Layout

__all__ = ["id_channels"]

# A word between dots as renderers write it: crypto00, CryptoObject, id, objectId, instance_id, IndexOB (Blender).
_NAMES = re.compile(
    r"(^|\.)(\w*crypto\w*|((object|material|asset|instance)_?)?id\d*|index(ob|ma))($|\.)", re.IGNORECASE
)
# "Cryptomatte Specification" 1.2: a header names each of its sets of channels under cryptomatte/<hash>/name.
_SET = re.compile(r"cryptomatte/[^/]+/name")


def id_channels(part: Layout) -> frozenset[str]:
    """The channels of a part that are IDs: by their type uint, their own name, the part's, or Cryptomatte's header."""
    if _NAMES.search(str(part.metadata.get("name", ""))):
        return frozenset(part.channels)
    sets = tuple(str(value) for name, value in part.metadata.items() if value and _SET.fullmatch(name))
    whole = {name for name, kind in zip(part.channels, part.formats, strict=False) if kind == "uint"}
    return frozenset(whole | {name for name in part.channels if _NAMES.search(name) or name.startswith(sets)})
