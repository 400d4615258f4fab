"""Steadier results without state: every frame blends its neighbours' results, moved into place.

A generator that sees one frame at a time may flicker where the plate has grain. Here the results of the frames in the
window are fetched along the plate's own motion and averaged where that motion can be trusted, after Lai et al.,
"Learning Blind Video Temporal Consistency", ECCV 2018, whose occlusion and agreement weights these are; unlike there
nothing is carried from frame to frame, so a frame rendered alone gets the same pixels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from .motion import follow, warp

__all__ = ["steady"]

Array = npt.NDArray[Any]


def steady(
    look: Array, plate: Array, neighbours: Iterable[tuple[Array, Array]], *, amount: float, around: bool = False
) -> Array:
    """The look of a frame averaged with its neighbours'.

    `look`, `plate` and each neighbour's are H x W x 3 float32 in the generator's space; neighbours are taken one at a
    time, because at 8K each is close to a gigabyte. `amount` 0..1 is the weight of a neighbour whose motion is certain;
    with `around` the pictures' left and right edges meet. Returns H x W x 3 float32.
    """
    total, weights = look.copy(), np.ones((*look.shape[:2], 1), np.float32)
    for other, there in neighbours:
        motion, trusted = follow(plate, there, around=around)
        weight = amount * trusted
        total += weight * warp(other, motion, around=around)
        weights += weight
    total /= weights
    return total
