"""Ways to damage a file: as disks, networks and stopped programs do, as a stranger would, and by structure for JSON.

All that is drawn comes from the generator that is given, so a seed makes the same damage again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

__all__ = ["mutated", "mutated_json"]

_NUMBERS = (0, 1, -1, 2**7, 2**8 - 1, 2**15, 2**16 - 1, 2**24, 2**31 - 1, -(2**31), 2**32 - 1, 2**62, -(2**63))
_HEAD = 1024  # bytes; headers are where a change has consequences
_LARGEST = 64  # of bytes that an insertion brings


def mutated(data: bytes, random: Random) -> bytes:
    """`data` with one to four changes, never equal to it."""
    changed = bytearray(data)
    while True:
        for _ in range(random.choice((1, 1, 1, 2, 4))):
            random.choice(_WAYS)(changed, random)
        if changed != data:
            return bytes(changed)


def mutated_json(data: bytes, random: Random) -> bytes:
    """JSON with one to three changes of its structure; one time in five its characters are changed instead."""
    if random.random() < 0.2:
        return mutated(data, random)
    if random.random() < 0.02:
        depth = random.choice((2_000, 200_000))
        return b"[" * depth + b"]" * depth
    tree = json.loads(data)
    for _ in range(random.choice((1, 1, 2, 3))):
        tree = _altered(tree, random)
    return json.dumps(tree).encode()


def _place(data: bytearray, random: Random) -> int:
    """A position, half of them in the head."""
    end = len(data) if random.random() < 0.5 else min(len(data), _HEAD)
    return random.randrange(max(end, 1))


def _block(data: bytearray, random: Random) -> slice:
    start = _place(data, random)
    return slice(start, min(len(data), start + 2 ** random.randrange(11)))


def _flip(data: bytearray, random: Random) -> None:
    for _ in range(random.choice((1, 1, 8))):
        if data:
            data[_place(data, random)] ^= 1 << random.randrange(8)


def _overwrite(data: bytearray, random: Random) -> None:
    place = _block(data, random)
    data[place] = random.randbytes(place.stop - place.start)


def _blank(data: bytearray, random: Random) -> None:
    """As a disk does with a sector that was never written."""
    place = _block(data, random)
    data[place] = bytes(place.stop - place.start)


def _truncate(data: bytearray, random: Random) -> None:
    del data[_place(data, random) :]


def _number(data: bytearray, random: Random) -> None:
    """A length, an offset or a count that lies."""
    size, place = random.choice((1, 2, 4, 4, 8)), _place(data, random)
    number = (random.choice(_NUMBERS) + random.randrange(-2, 3)) % 256**size
    data[place : place + size] = number.to_bytes(size, random.choice(("little", "big")))


def _duplicate(data: bytearray, random: Random) -> None:
    block = data[_block(data, random)]
    place = _place(data, random)
    data[place:place] = block


def _swap(data: bytearray, random: Random) -> None:
    one, other = _block(data, random), _block(data, random)
    size = min(one.stop - one.start, other.stop - other.start)
    one, other = slice(one.start, one.start + size), slice(other.start, other.start + size)
    data[one], data[other] = data[other], data[one]


def _remove(data: bytearray, random: Random) -> None:
    del data[_block(data, random)]


def _insert(data: bytearray, random: Random) -> None:
    place = _place(data, random)
    data[place:place] = random.randbytes(random.randrange(1, _LARGEST))


_WAYS: tuple[Callable[[bytearray, Random], None], ...] = (
    *(_flip, _flip, _overwrite, _blank, _truncate, _number, _number, _number),
    *(_duplicate, _swap, _remove, _insert),
)


def _strange(random: Random) -> Any:
    """A value where another kind, or a smaller one, is expected."""
    kind = random.randrange(9)
    if kind == 0:
        return random.choice((None, True, False, "", [], {}))
    if kind == 1:
        return random.choice((*_NUMBERS, 10**400, 1e308, -0.0, 1e-320))
    if kind == 2:
        return float(random.choice(("nan", "inf", "-inf")))
    if kind == 3:
        return random.choice(("../../etc/passwd", "/dev/zero", "/dev/stdin", "a\0b", "\ud800", "x" * 100_000))
    if kind == 4:
        return random.choice(("%n%s", "{0}", "1-99999999999", "1x0", "%04d", "####", "\n", "\x1b[2J"))
    if kind == 5:
        return {"keys": [[random.choice(_NUMBERS), 1e308]] * random.randrange(3), "interpolation": "linear"}
    if kind == 6:
        return [random.choice(_NUMBERS)] * random.randrange(4)
    if kind == 7:
        return _nested(random.choice((3, 40, 300)))
    return random.choice(("style", "plate", "result", "NCHW", "auto", "1"))


def _nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def _altered(tree: Any, random: Random) -> Any:
    """The tree with one place in it taken away, called otherwise, or holding something else."""
    places = list(_places(tree))
    if not places:
        return _strange(random)
    holder, key = random.choice(places)
    way = random.randrange(4)
    if way == 0:
        del holder[key]
    elif way == 1 and isinstance(holder, dict):
        holder[random.choice((key + "x", key.upper(), "", "__class__"))] = holder.pop(key)
    elif way == 2:
        elsewhere, other = random.choice(places)
        holder[key] = deepcopy(elsewhere[other])
    else:
        holder[key] = _strange(random)
    return tree


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in the tree that holds a value: its container, and the key or index."""
    if isinstance(tree, dict | list):
        for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
            yield tree, key
            yield from _places(tree[key])
