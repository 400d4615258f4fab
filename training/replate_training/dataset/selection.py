"""From what was found to what is taken: duplicates go, and shots are parted into those to train on and the held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .kinship import Album, groups
from .proxy import SIZE, signature
from .split import held_out
from .survey import Shot

__all__ = ["Taken", "select"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A shot and the `picks` that are left of it; `twins` are (number, shot, number there) of those that are not.

    Shots of one `group` show the same place; all of them are `held` out, or none.
    """

    shot: Shot
    picks: tuple[int, ...]
    twins: tuple[tuple[int, str, int], ...]
    group: int
    held: bool

    @property
    def split(self) -> str:
        """The folder that its pictures go to."""
        return "validation" if self.held else "train"


def select(shots: Sequence[Shot], *, share: float) -> list[Taken]:
    """Shots in their order, without duplicates, with about `share` of the pictures held out."""
    album, places = Album(), list[tuple[int, int]]()  # of each picture in the album: which shot, which frame
    picks: list[list[int]] = [[] for _ in shots]
    twins: list[list[tuple[int, str, int]]] = [[] for _ in shots]
    joined = set[tuple[int, int]]()
    for index, shot in enumerate(shots):
        for number, proxy in zip(shot.picks, shot.proxies, strict=False):  # the last proxy is of the shot's end
            place, known = album.place(proxy)
            if known:
                owner, other = places[place]
                twins[index].append((number, shots[owner].name, other))
                joined.add((owner, index))
            else:
                places.append((index, number))
                picks[index].append(number)
    group = _groups(shots, joined)
    held = held_out(group, [shot.name for shot in shots], list(map(len, picks)), share=share)
    return [
        Taken(shot=shot, picks=tuple(mine), twins=tuple(theirs), group=one, held=one in held)
        for shot, mine, theirs, one in zip(shots, picks, twins, group, strict=True)
    ]


def _groups(shots: Sequence[Shot], joined: set[tuple[int, int]]) -> list[int]:
    proxies = np.concatenate([np.empty((0, SIZE, SIZE, 3), np.float32), *(shot.proxies for shot in shots)])
    owners = [index for index, shot in enumerate(shots) for _ in shot.proxies]
    return groups(signature(proxies), owners, len(shots), twins=sorted(joined))
