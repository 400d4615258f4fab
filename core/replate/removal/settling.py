"""What was found, settled: calm from frame to frame, and as detailed as the plate.

Frames look for themselves, so what one finds differs a little from what the next one does. Here a frame's background is
averaged with its neighbours', moved into place; what averaging took of the detail is given back by as much as it took
around the hole, where the plate is there to compare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from .assembly import Assembled
from .pyramid import pyramid_fill
from .scene import Scene
from .search import Found
from .tracks import fetched
from .views import Array, level, rimmed

__all__ = ["detailed", "steadied"]

ALIKE = 0.05  # difference in ACEScct at which a neighbour's background counts by 1/e
MOST = 1.8  # times as strong as found is detail made at most
LACK = 1.5  # times as much detail as around the hole is lost inside it, where motion is only continued
ENOUGH = 64  # pixels that tell anything of detail


def steadied(
    scene: Scene, found: Found, own: Assembled, beside: Mapping[int, Assembled], *, amount: float
) -> Assembled:
    """`own` averaged with what was found for the frames at offsets `beside`; `amount` 0..1 is the weight of these.

    Where nothing was found for the frame itself, theirs is taken.
    """
    light, kept, spread, total = (each.copy() for each in (own.picture, own.kept, own.spread, own.known))
    for offset, other in beside.items():
        told = next((each for each in found.witnesses if each.offset == offset and not each.clean), None)
        if told is None or not other.known.any():
            continue
        places = scene.enlarged(scene.at_full(told.places), found.region, own.box) - other.corner
        whole = rimmed(other.picture, other.known[..., 0] > 0)
        there = fetched(whole, places, how=cv2.INTER_CUBIC) + scene.enlarged(told.drift, found.region, own.box)
        known = fetched(other.known, places, outside=cv2.BORDER_CONSTANT) > 0.99
        apart = level(np.abs(there - own.picture))[..., None]
        weight = known * np.where(own.known > 0, np.float32(amount) * np.exp(-((apart / ALIKE) ** 2)), 1)
        light += weight * (there - light) / np.maximum(total + weight, 1e-9)
        kept += weight * (fetched(other.kept, places) - kept) / np.maximum(total + weight, 1e-9)
        spread += weight * (fetched(other.spread, places) - spread) / np.maximum(total + weight, 1e-9)
        total += weight
    return replace(own, picture=light, kept=kept, spread=spread, known=(total > 0).astype(np.float32))


def detailed(found: Assembled, plate: Array, hole: Array, *, fine: float) -> Assembled:
    """`found` with the detail that averaging cost it; `fine` is its size in pixels.

    `plate` (H x W x 3 in the log space, NaN where it has no light) and `hole` (H x W x 1) are the canvas's. The plate's
    detail around the hole, fitted by the detail found there (least squares: grain, which they do not share, counts for
    nothing), tells what is lacking.
    """
    plate, inside = plate[found.box], hole[found.box] > 0
    there = (found.known > 0) & ~inside & np.isfinite(plate).all(axis=-1, keepdims=True)
    if there.sum() < ENOUGH:
        return found
    picture = pyramid_fill(found.picture, 1 - found.known)  # where nothing is known begins no detail
    ours = _detail(picture, fine)
    theirs = _detail(np.where(there, plate, picture), fine)
    both, own = ((each * ours)[there[..., 0]].sum() for each in (theirs, ours))
    gain = np.clip(1 + LACK * (both / max(own, 1e-9) - 1), 1, MOST)
    return replace(found, picture=found.picture + np.float32(gain - 1) * inside * ours)


def _detail(picture: Array, fine: float) -> Array:
    detail: Array = picture - cv2.GaussianBlur(picture, (0, 0), fine)
    return detail
