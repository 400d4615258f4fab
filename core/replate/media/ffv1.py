"""Checksums of FFV1, which FFmpeg looks at and then shows something else in place of a damaged slice, without a word.

RFC 9043: a packet is a row of slices; each ends in its length in three bytes and, where the stream has checksums, a
byte of state and four that make the CRC-32 of the whole slice, most significant bit first, zero (sections 4.5.2, 4.9).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import pairwise

__all__ = ["is_whole"]

_FOOTER = 8
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))  # zlib has the least significant bit first
_STARTS = (0, 0x7A8C4079)  # that of the standard, and FFmpeg's own where it checks strictly


def is_whole(packet: bytes) -> bool:
    """Whether every slice of a packet has its checksum; true of a packet that has none, too."""
    return all(_is_whole(part) for part in _slices(packet))


def _slices(packet: bytes) -> Iterator[bytes]:
    """From the last to the first, none where lengths do not add up to the packet: then it has no checksums."""
    ends = [len(packet)]
    while ends[-1] >= _FOOTER:
        ends.append(ends[-1] - _FOOTER - int.from_bytes(packet[ends[-1] - _FOOTER :][:3]))
    if ends[-1] == 0:
        yield from (packet[start:end] for end, start in pairwise(ends))


def _is_whole(part: bytes) -> bool:
    turned = part.translate(_REVERSED)
    return any(zlib.crc32(turned, _start(each)) == 0xFFFFFFFF for each in _STARTS)


def _start(crc: int) -> int:
    """A CRC's first value as zlib takes it: turned round and complemented."""
    return int(f"{crc:032b}"[::-1], 2) ^ 0xFFFFFFFF
