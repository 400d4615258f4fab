"""Which shots are held out for validation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

__all__ = ["held_out", "lot"]


def lot(*words: object) -> int:
    """A number that follows from `words` alone, drawn evenly from 0 .. 2^64 - 1: chance that comes out the same."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, words)).encode()).digest()[:8], "big")


def held_out(groups: Sequence[int], names: Sequence[str], sizes: Sequence[int], *, share: float) -> set[int]:
    """The groups to hold out, so that they have about `share` of the pictures.

    Shot by shot: its group, its name, how many pictures it has. Groups are drawn by lot, which goes by names, and
    taken as long as that brings the sum nearer. Where there are two groups or more, and `share` is not 0, at least one
    is held out and at least one is not.
    """
    pictures: dict[int, int] = {}
    for group, size in zip(groups, sizes, strict=True):
        pictures[group] = pictures.get(group, 0) + size
    wanted, held, sum_ = share * sum(pictures.values()), set[int](), 0
    if share <= 0 or len(pictures) < 2:
        return held
    for group in _drawn(pictures, names, wanted):
        if abs(sum_ + pictures[group] - wanted) < abs(sum_ - wanted) and len(held) < len(pictures) - 1:
            held.add(group)
            sum_ += pictures[group]
    return held or {min(pictures, key=lambda group: (pictures[group], lot(names[group])))}


def _drawn(pictures: Mapping[int, int], names: Sequence[str], wanted: float) -> list[int]:
    """By lot; groups that would be most of what is wanted come last, because one shot tells little."""
    return sorted(pictures, key=lambda group: (2 * pictures[group] > wanted, lot("validation", names[group])))
