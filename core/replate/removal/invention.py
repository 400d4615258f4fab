"""What no frame shows, as the generator draws it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..nodes.base import Engine
from .pyramid import finite, pyramid_fill
from .scene import Box, Scene
from .views import Array

__all__ = ["Drawing", "drawn"]

HOLD = 0.02  # how much what is carried is held on to at a pixel: some ten pixels from its border it is as it was
GRAINLESS = 5  # pixels a side over which what is carried and what is around are compared


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """A picture with what was unknown of it drawn, over a `box` of the canvas, where it is `known` (h x w x 1 bool).

    `picture`, and `smooth`, which it was drawn over, are h x w x 3 in the log space. `sure`, h x w x 1 in 0..1, is how
    far the generator's discriminator believes what is drawn: 0 where that is not known.
    """

    box: Box
    picture: Array
    smooth: Array
    sure: Array
    known: Array

    def within(self, box: Box) -> Drawing:
        """What of a drawing over the whole canvas lies in a box."""
        planes = {name: getattr(self, name)[box].copy() for name in ("picture", "smooth", "sure", "known")}
        return Drawing(box=box, **planes)


def drawn(
    engine: Engine,
    scene: Scene,
    picture: Array,
    unknown: Array,
    values: Mapping[str, Any],
    *,
    carried: Drawing | None = None,
) -> Drawing:
    """`picture` (H x W x 3 in the log space) with what is `unknown` (H x W x 1, 0 or 1) drawn, or `carried` here.

    `values` are the node's: without `invent` the unknown is filled smoothly.
    """
    known = np.ones(unknown.shape, bool)
    if not unknown.any():
        return Drawing(box=scene.everywhere, picture=picture, smooth=picture, sure=1 - unknown, known=known)
    rest, begun = unknown.copy(), picture.copy()
    if carried is not None:
        there = carried.known & (unknown[carried.box] > 0)
        step = _step(picture[carried.box], carried, unknown[carried.box])
        np.copyto(begun[carried.box], carried.picture + step, where=there)
        np.copyto(rest[carried.box], np.float32(0), where=there)
    smooth = pyramid_fill(begun, rest)
    made, sure = smooth.copy(), 1 - rest
    if values["invent"] and rest.any():
        made, sure = _invented(engine, smooth, rest, scene, confidence=values["confidence"])
    if carried is not None:
        np.copyto(smooth[carried.box], carried.smooth + step, where=there)
        np.copyto(sure[carried.box], carried.sure, where=there)
    return Drawing(box=scene.everywhere, picture=made, smooth=smooth, sure=sure, known=known)


def _step(picture: Array, carried: Drawing, unknown: Array) -> Array:
    """What `carried` lacks to meet the picture at the border of the `unknown`, h x w x 3: nothing far from there."""
    there = carried.known & (unknown == 0) & finite(picture)[..., None]
    apart, known = np.where(there, picture - carried.picture, np.float32(0)), there.astype(np.float32)
    total, share = (cv2.blur(each, (GRAINLESS,) * 2) for each in (apart, known))
    apart = known * total / np.maximum(share[..., None], np.float32(1e-6))
    return pyramid_fill(apart, np.where(carried.known, (1 - HOLD) * unknown, np.float32(1)))


def _invented(engine: Engine, picture: Array, unknown: Array, scene: Scene, *, confidence: bool) -> tuple[Array, Array]:
    """`picture` (H x W x 3 in the log space, smooth where `unknown`, H x W x 1, is 1) with that drawn by the generator.

    Only a rectangle around it is worked on: as much as the generator looks at. Returns the picture, and how far the
    generator's discriminator believes it, H x W x 1 in 0..1: 0 in the hole where that is not known. Without
    `confidence` it is not: it takes as long as the picture.
    """
    box, card = _box(unknown, engine.generator.card.overlap), engine.generator.card
    made, trust = engine.generator.apply(
        scene.space.inverse(picture[box]),
        transform=scene.space,
        weight=unknown[box],
        tile=engine.tile,
        confidence=confidence,
        guides={"hole": unknown[box]} if card.input("hole") else {},
        origin=_origin(scene, box),
    )
    result, sure = picture.copy(), 1 - unknown
    np.copyto(result[box], scene.space.forward(made), where=unknown[box] > 0)
    if trust is not None:
        sure[box] = np.where(unknown[box] > 0, trust, 1)
    return result, sure


def _origin(scene: Scene, box: Box) -> tuple[int, int]:
    """Where a box begins, from the display window's corner."""
    display = scene.frames[0].display_window
    return scene.canvas.x - display.x + box[1].start, scene.canvas.y - display.y + box[0].start


def _box(where: Array, margin: int) -> Box:
    """Rows and columns of what is not 0, and `margin` pixels around it."""
    sides = []
    for axis, length in enumerate(where.shape[:2]):
        at = np.flatnonzero(where[..., 0].any(axis=1 - axis))
        sides.append(slice(max(0, int(at[0]) - margin), min(length, int(at[-1]) + margin + 1)))
    return sides[0], sides[1]
