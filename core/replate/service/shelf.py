"""A few things that were used last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["Shelf"]

T = TypeVar("T")


class Shelf(Generic[T]):
    """The `most` things that were used last, by key; `drop` is called with one that has to go."""

    def __init__(self, most: int, drop: Callable[[T], None] = lambda _: None) -> None:
        self.most, self.drop = most, drop
        self._held: OrderedDict[object, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def take(self, key: object) -> T | None:
        """Take a thing off the shelf, None where it is not there."""
        return self._held.pop(key, None)

    def put(self, key: object, thing: T) -> None:
        """Put it (back) in front; the last one goes where there are too many."""
        if (before := self._held.pop(key, None)) is not None and before is not thing:
            self.drop(before)
        self._held[key] = thing
        while len(self._held) > self.most:
            self.drop(self._held.popitem(last=False)[1])

    def clear(self) -> None:
        """Drop everything."""
        while self._held:
            self.drop(self._held.popitem()[1])
