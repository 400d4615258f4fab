"""Steadier results without state: every frame blends its neighbours' results, moved into place.

A generator that sees one frame at a time may flicker where the plate has grain. Here the results of the frames in the
window are fetched along the plate's own motion and averaged where that motion can be trusted, after Lai et al.,
"Learning Blind Video Temporal Consistency", ECCV 2018, whose occlusion and agreement weights these are; unlike there
nothing is carried from frame to frame, so a frame rendered alone gets the same pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from .motion import flow, trust, warp

__all__ = ["steady"]

Array = npt.NDArray[Any]
AGREEMENT = 50.0  # alpha in Lai et al., eq. 4: weight exp(-alpha * squared difference of the warped plates)


def steady(looks: Mapping[int, Array], plates: Mapping[int, Array], *, amount: float, around: bool = False) -> Array:
    """The look of frame 0 averaged with its neighbours'.

    `looks` and `plates` map offsets to H x W x 3 float32 in the generator's space; `amount` 0..1 is the weight of a
    neighbour whose motion is certain; with `around` the pictures' left and right edges meet. Returns H x W x 3 float32.
    """
    total, weights = looks[0].copy(), np.ones((*looks[0].shape[:2], 1), np.float32)
    here = plates[0]
    for offset in sorted(set(looks) - {0}):
        forth, back = (flow(*pair, around=around) for pair in ((here, plates[offset]), (plates[offset], here)))
        moved, look = (warp(each, forth, around=around) for each in (plates[offset], looks[offset]))
        weight = amount * trust(forth, back, around=around) * _agreement(here, moved)
        total += weight * look
        weights += weight
    return total / weights


def _agreement(here: Array, moved: Array) -> Array:
    apart = ((here - moved) ** 2).sum(axis=-1, keepdims=True)
    close: Array = np.exp(-AGREEMENT * apart).astype(np.float32)
    return close
