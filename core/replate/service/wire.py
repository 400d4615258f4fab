"""Messages on a socket: four bytes of length, the most significant first, then so many bytes of a JSON object.

What comes in is bounded before it is parsed: its length, and how deep it nests.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import jsontext
from ..errors import UsageError

if TYPE_CHECKING:
    import asyncio

__all__ = ["MOST", "PROTOCOL", "Message", "pack", "parse", "receive"]

PROTOCOL = 1
"""Raised when a client of the one before could no longer follow."""

MOST = 4 * 2**20
"""Bytes of a message; a job with ten thousand keyframes takes a quarter of a megabyte."""

Message = dict[str, Any]
_HEAD = struct.Struct(">I")


def pack(message: Mapping[str, Any]) -> bytes:
    """The bytes of a message."""
    body = json.dumps(message, separators=(",", ":"), default=str).encode()
    return _HEAD.pack(len(body)) + body


async def receive(reader: asyncio.StreamReader, *, most: int = MOST) -> Message | None:
    """The next message, or None once the other side is gone. Raises UsageError for what is none."""
    from asyncio import IncompleteReadError  # the command line's client packs and parses, and is to start fast

    try:
        (length,) = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        if length > most:
            raise UsageError(f"a message of {length} bytes was announced, {most} are allowed; send less at a time")
        return parse(await reader.readexactly(length))
    except (IncompleteReadError, OSError):
        return None


def parse(body: bytes) -> Message:
    """The object that a message holds; raises UsageError."""
    try:
        found = jsontext.parse(body)
    except ValueError as error:
        raise UsageError(f"a message is not valid JSON ({error}); update the client") from None
    if not isinstance(found, dict):
        raise UsageError("a message is no JSON object; update the client")
    return found
