"""Dense motion between two views, parts of which are hidden.

Motion is measured with what surrounds a pixel, so what stands in for a hidden part pulls at all that is beside it: it
moves as the hole does, not as the background. Therefore motion is measured twice. First, what is far enough from all
that is hidden tells how the rest goes on. Then each view is shown, where it is hidden, what the other one has there,
and the two are compared once more, from that motion on.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..picture.motion import fetched, grid, returns
from .planes import continued, plane_of
from .views import Array, View

__all__ = ["both_ways", "covered", "dense"]

BESIDE = 8  # pixels from what is hidden within which the first motion is not believed
SMALLEST = 16  # pixels a side below which dense motion is not measured


def both_ways(here: View, there: View) -> tuple[Array, Array]:
    """The motion from one view to the other, and back: H x W x 2 each. Where both are hidden it shows a little which of
    them is `here`."""
    forth, back = dense(here.grey, there.grey), dense(there.grey, here.grey)
    if not (here.hidden.any() or there.hidden.any()):
        return forth, back
    forth, back = _from_afar(forth, back, here, there), _from_afar(back, forth, there, here)
    one, other = _unveiled(here, there, forth, back)
    return dense(one, other, forth), dense(other, one, back)


def dense(here: Array, there: Array, start: Array | None = None) -> Array:
    """H x W x 2 by dense inverse search (Kroeger et al., ECCV 2016) between two H x W uint8, begun at `start`."""
    cv2.setNumThreads(1)  # its stripes follow the thread count: one, so none show
    if min(here.shape) < SMALLEST:
        return np.zeros((*here.shape, 2), np.float32) if start is None else start
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found: Array = search.calc(here, there, None if start is None else start.copy())
    return found


def covered(hidden: Array, motion: Array) -> Array:
    """How much of the place that `motion` leads to is `hidden` (H x W bool) there, H x W in 0..1."""
    share: Array = fetched(hidden.astype(np.float32), grid(motion.shape) + motion, outside=cv2.BORDER_CONSTANT)
    return share[..., 0]


def _from_afar(motion: Array, back: Array, here: View, there: View) -> Array:
    """A first motion; near what is hidden in either view, as what is farther from it moves."""
    clear = ~_wider(here.hidden) & (covered(_wider(there.hidden), motion) == 0)
    sure = clear & returns(motion, back)
    return continued(motion, sure, plane_of(motion, sure), ~clear)


def _wider(hidden: Array) -> Array:
    wide: Array = cv2.dilate(hidden.astype(np.uint8), np.ones((2 * BESIDE + 1,) * 2, np.uint8)) > 0
    return wide


def _unveiled(here: View, there: View, forth: Array, back: Array) -> tuple[Array, Array]:
    """Both grey pictures, H x W uint8, alike where one of them is hidden."""
    one, other = here.grey.astype(np.float32), there.grey.astype(np.float32)
    shown = here.hidden & (covered(there.hidden, forth) == 0)
    one = np.where(shown, fetched(other, grid(forth.shape) + forth)[..., 0], one)
    other = np.where(there.hidden, fetched(one, grid(back.shape) + back)[..., 0], other)
    return np.rint(one).astype(np.uint8), np.rint(other).astype(np.uint8)
