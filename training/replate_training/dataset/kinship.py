"""Which pictures are there twice, and which shots must not be parted: by one product of matrices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from .proxy import SIZE, Array, akin, same

__all__ = ["Album", "groups"]

_ROWS = 1024  # so many signatures are compared with all others at once


class Album:
    """Pictures that are all different; `place` finds the twin of a new one."""

    def __init__(self) -> None:
        self._proxies = np.empty((64, SIZE, SIZE, 3), np.float16)
        self._marks = np.empty((64, 2), np.float32)
        self._count = 0

    def place(self, proxy: Array) -> tuple[int, bool]:
        """The position of a picture in the album, and whether it was there before."""
        mark = np.array([proxy.mean(), proxy[: SIZE // 2].mean()], np.float32)
        near = np.flatnonzero((np.abs(self._marks[: self._count] - mark) < 0.02).all(1))
        twins = near[same(proxy, self._proxies[near].astype(np.float32))] if len(near) else near
        if len(twins):
            return int(twins[0]), True
        if self._count == len(self._marks):
            self._proxies, self._marks = (np.concatenate([each, each]) for each in (self._proxies, self._marks))
        self._proxies[self._count], self._marks[self._count] = proxy, mark
        self._count += 1
        return self._count - 1, False


def groups(signatures: Array, owners: Sequence[int], count: int, *, twins: Iterable[tuple[int, int]] = ()) -> list[int]:
    """The group of each of `count` shots: shots with a picture of the same place share one, named by its first shot.

    `signatures` (N x 256) are of pictures of the shots `owners`; `twins` are shots that are known to belong together.
    """
    parent, owner = list(range(count)), np.asarray(owners)
    _join(parent, twins)
    for top in range(0, len(signatures), _ROWS):
        near, others = np.nonzero(akin(signatures[top : top + _ROWS], signatures))
        _join(parent, np.unique([owner[near + top], owner[others]], axis=1).T)
    return [_root(parent, index) for index in range(count)]


def _join(parent: list[int], pairs: Iterable[Iterable[int]]) -> None:
    for first, second in pairs:
        low, high = sorted((_root(parent, first), _root(parent, second)))
        parent[high] = low


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        index = parent[index]
    return int(index)
