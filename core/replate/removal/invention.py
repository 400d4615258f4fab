"""What no frame shows, as the generator draws it."""

from __future__ import annotations

import numpy as np

from ..nodes.base import Engine
from .scene import Box, Scene
from .views import Array

__all__ = ["invented"]


def invented(engine: Engine, picture: Array, unknown: Array, scene: Scene, *, confidence: bool) -> tuple[Array, Array]:
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
