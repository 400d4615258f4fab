"""What no frame shows, drawn at some frames and carried to those between, so that it stays what it is.

Drawn for every frame anew it would boil: what is around a hole moves, and a generator that sees something a little
different draws something else. So frames at fixed numbers are anchors. Each is drawn from what was found for it alone;
every frame has what the anchors on either side have, moved into place, the nearer one's the more.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

import cv2
import numpy as np

from ..nodes.base import Engine
from ..picture.motion import fetched
from .background import Background
from .invention import Drawing, drawn
from .scene import Scene
from .settling import leading
from .views import Array

__all__ = ["Anchors"]


class Anchors:
    """Draws anchors. What it remembers of them saves time and changes nothing."""

    def __init__(self, engine: Engine, background: Background) -> None:
        self._every = background.voters + 1  # then those on either side of a frame vote for it, and are searched anyway
        self._engine = engine
        self._background = background
        self._drawn: OrderedDict[object, Drawing | None] = OrderedDict()

    def carried(self, scene: Scene, values: Mapping[str, Any], *, key: object) -> Drawing | None:
        """What the anchors beside the frame that is made have of its hole, in its place and light; None for nothing.

        `values` and `key` are as for `Background.of`.
        """
        found, own = self._background.searched(scene, values, key=key)
        if found is None or not values["search"] or not values["steady"]:
            return None
        total, planes = (np.zeros((*own.known.shape[:2], count), np.float32) for count in (1, 7))
        for at, near in self._beside(scene, values["step"]):
            anchor = self._anchor(scene.around(at, values["reach"]), values, key)
            way = anchor and leading(scene, found, own.box, at)
            if anchor and way:
                there, share = _moved(anchor, *way)
                planes += near * share * there
                total += near * share
        mean = planes / np.maximum(total, np.float32(1e-6))
        picture, smooth, sure = np.split(mean, (3, 6), axis=-1)
        return Drawing(box=own.box, picture=picture, smooth=smooth, sure=sure, known=total > 0)

    def _beside(self, scene: Scene, step: int) -> Iterator[tuple[int, np.float32]]:
        """Offsets of the anchors beside the frame that is made, or its own, and how much each of them counts."""
        for at in scene.views:
            near = 1 - abs(at) / (self._every * step)
            if near > 0 and (scene.frames[0].number + at) // step % self._every == 0:
                yield at, np.float32(near)

    def _anchor(self, scene: Scene, values: Mapping[str, Any], key: object) -> Drawing | None:
        name = key, values["invent"], values["confidence"], scene.frames[0].number
        if name not in self._drawn:
            self._drawn[name] = self._made(scene, values, key)
            while len(self._drawn) >= self._every:
                self._drawn.popitem(last=False)
        return self._drawn[name]

    def _made(self, scene: Scene, values: Mapping[str, Any], key: object) -> Drawing | None:
        """What was found for an anchor, and all else that is hidden around it drawn; None where nothing is."""
        found, own = self._background.searched(scene, values, key=key)
        hidden, unknown = scene.hidden[0][..., None], np.zeros((*scene.hidden[0].shape, 1), np.float32)
        unknown[own.box] = hidden[own.box] & (own.known == 0)
        if found is None or not unknown.any():
            return None
        picture = scene.picture()
        np.copyto(picture[own.box], own.picture, where=hidden[own.box])
        return drawn(self._engine, scene, picture, unknown, values).within(own.box)


def _moved(anchor: Drawing, places: Array, drift: Array) -> tuple[Array, Array]:
    """An anchor's picture, smooth picture and belief at `places`, h x w x 7; and where it has any, h x w x 1."""
    rows, columns = anchor.box
    places = places - np.array((columns.start, rows.start), np.float32)
    inside = (places >= 0) & (places <= np.array(anchor.known.shape[1::-1], np.float32) - 1)
    light = (fetched(each, places, how=cv2.INTER_CUBIC) + drift for each in (anchor.picture, anchor.smooth))
    share: Array = (inside[..., 0] & inside[..., 1])[..., None].astype(np.float32)
    return np.concatenate([*light, fetched(anchor.sure, places)], axis=-1), share
