"""The background behind a hole, as far as other frames show it: searched, fetched and settled."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..memory import at_hand
from .assembly import Assembled, assembled
from .scene import Scene
from .search import Found, search
from .settling import detailed, steadied
from .views import Array
from .ways import Ways

__all__ = ["Background"]


class Background:
    """Finds backgrounds. What it remembers of frames saves time and changes nothing."""

    def __init__(self, voters: int) -> None:
        """`voters` frames before and after one, a step apart, have a vote on what was found for it."""
        self.voters = voters
        self._kept = 2 * voters + 2  # frames whose background is remembered, for those beside them
        self._ways = Ways(threads=_threads())
        self._found: OrderedDict[object, tuple[Found | None, Assembled]] = OrderedDict()

    def of(self, scene: Scene, plate: Array, hole: Array, values: Mapping[str, Any], *, key: object) -> Assembled:
        """That of the frame that is made, over the canvas.

        `plate` is H x W x 3 in the log space, NaN where it has no light, `hole` H x W x 1. `values` are the node's, and
        `key` stands for all that decides what is found beside the numbers of frames.
        """
        found, own = self.searched(scene, values, key=key)
        if 0 in scene.clean:  # painted for this very frame: as it is
            return own.over(scene)
        steady = values["steady"] if values["search"] else 0.0
        fine = max(1.0, *scene.scale)
        if found and steady:
            beside = {
                at: self.searched(scene.around(at, values["reach"]), values, key=key)[1]
                for at in scene.views
                if 0 < abs(at) <= self.voters * values["step"]
            }
            own = steadied(scene, found, own, beside, amount=steady, fine=fine)
        return detailed(own, plate, hole, fine=fine).over(scene)

    def searched(self, scene: Scene, values: Mapping[str, Any], *, key: object) -> tuple[Found | None, Assembled]:
        """What was found for the frame that is made, by itself: one way to each frame beside it, and the picture."""
        name = key, scene.frames[0].number
        if name not in self._found:
            near = scene.around(0, values["reach"]) if values["search"] else scene.around(0, 0)
            found = search(
                near.views,
                ways=self._ways,
                key=key,
                clean=near.clean,
                motion=values["motion"],
                step=values["step"],
            )
            made = assembled(near, found)
            self._found[name] = found and _beside(found, self.voters * values["step"]), made
            while len(self._found) > self._kept:
                self._found.popitem(last=False)
        return self._found[name]


def _threads() -> int:
    """In which motion is measured; they change nothing but the time. For each, OpenBLAS takes room to work in."""
    return max(1, min(4, os.cpu_count() or 1, at_hand() // 2**30))


def _beside(found: Found, farthest: int) -> Found:
    """What of `found` is needed to have frames vote: one way to each that is near. The others take much memory."""
    near = [each for each in found.witnesses if abs(each.offset) <= farthest and not each.clean]
    return replace(found, witnesses=tuple({each.offset: each for each in reversed(near)}.values()))
