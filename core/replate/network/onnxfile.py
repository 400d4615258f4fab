"""ONNX files on disk: the card in their metadata, and their fingerprint.

The card and the fingerprint are read from the protobuf's top level alone, which skips over the weights in microseconds
and needs no import of `onnx` (a third of a second): listing generators must not cost a cold start.
Wire format: https://protobuf.dev/programming-guides/encoding; field numbers: onnx.proto3, ModelProto.
"""

from __future__ import annotations

import hashlib
import itertools
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..card import KEY, Card
from ..errors import GeneratorError, OutputError

__all__ = ["MAX_BYTES", "digest", "metadata", "read_card", "write_card"]

MAX_BYTES = 2**31 - 1
"""Protobuf's own limit; larger networks keep their weights in files beside them."""

_METADATA = 14
_MOST_FIELDS = 100_000  # of a message; a model has one for each function and entry of its metadata


def metadata(path: str | os.PathLike[str]) -> dict[str, str]:
    """The file's metadata entries; raises GeneratorError where it is not an ONNX file."""
    with _open(path) as data:
        entries = [bytes(data[start:end]) for number, _, start, end in _fields(data, path) if number == _METADATA]
    return dict(_entry(entry, path) for entry in entries)


def read_card(path: str | os.PathLike[str]) -> Card | None:
    """The card inside the file, or None where it carries none; raises GeneratorError where either is broken."""
    text = metadata(path).get(KEY)
    return None if text is None else Card.from_json(text, where=f"the card in {path}")


def write_card(path: str | os.PathLike[str], card: Card) -> Card:
    """Put `card` into the file, completed by the file's `digest`; other metadata stays. Returns the card written."""
    card = replace(card, sha256=digest(path))
    target, temporary = Path(path), Path(f"{path}.part")
    with _open(path) as data:
        kept = [bytes(data[head:end]) for _, head, end in _without_card(data, path)]
    try:
        temporary.write_bytes(b"".join([*kept, _encode_entry(KEY, card.to_json())]))
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"cannot write the card into {path}: {error.strerror}; check rights and space") from None
    return card


def digest(path: str | os.PathLike[str]) -> str:
    """SHA-256 of the file without its metadata: the same network has the same digest whatever its card says."""
    total = hashlib.sha256()
    with _open(path) as data:
        for number, head, _, end in _fields(data, path):
            if number != _METADATA:
                total.update(data[head:end])
    return total.hexdigest()


@contextmanager
def _open(path: str | os.PathLike[str]) -> Iterator[memoryview]:
    """The file's bytes, mapped and not read."""
    try:
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0 or size > MAX_BYTES:
                reason = "is empty" if size == 0 else "is larger than 2 GB, more than an ONNX file can be"
                raise GeneratorError(f"{path} {reason}; export or copy it again", path=path)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped, memoryview(mapped) as view:
                yield view
    except OSError as error:
        raise GeneratorError(f"cannot read {path}: {error.strerror}; check the path", path=path) from None


def _fields(data: memoryview, path: object) -> Iterator[tuple[int, int, int, int]]:
    """Every field of a protobuf message as (number, start of its tag, start of its content, end)."""
    position = 0
    for count in itertools.count():
        if position == len(data):
            return
        if count > _MOST_FIELDS:
            raise GeneratorError(f"{path} has more entries than an ONNX file has; export or copy it again", path=path)
        head = position
        try:
            tag, position = _varint(data, position)
            start, end = _content(data, position, tag & 7)
        except (IndexError, ValueError):
            end = len(data) + 1
        if end > len(data):
            raise GeneratorError(
                f"{path} is not a readable ONNX file (broken at byte {head}); export or copy it again", path=path
            )
        yield tag >> 3, head, start, end
        position = end


def _content(data: memoryview, position: int, wire: int) -> tuple[int, int]:
    """Where the content of a field of this wire type starts and ends."""
    if wire == 0:
        return position, _varint(data, position)[1]
    if wire == 2:
        length, start = _varint(data, position)
        return start, start + length
    if wire in (1, 5):
        return position, position + (8 if wire == 1 else 4)
    raise ValueError(wire)


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
    raise ValueError("varint too long")


def _entry(data: bytes, path: object) -> tuple[str, str]:
    """A StringStringEntryProto: key is field 1, value is field 2."""
    view = memoryview(data)
    parts = {number: data[start:end].decode("utf-8", "replace") for number, _, start, end in _fields(view, path)}
    return parts.get(1, ""), parts.get(2, "")


def _encode_entry(key: str, value: str) -> bytes:
    parts = b"".join(_prefixed(number, text.encode()) for number, text in ((1, key), (2, value)))
    return _prefixed(_METADATA, parts)


def _prefixed(number: int, content: bytes) -> bytes:
    return _encode_varint(number << 3 | 2) + _encode_varint(len(content)) + content


def _encode_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _without_card(data: memoryview, path: object) -> Iterator[tuple[int, int, int]]:
    for number, head, start, end in _fields(data, path):
        if number != _METADATA or _entry(bytes(data[start:end]), path)[0] != KEY:
            yield number, head, end
