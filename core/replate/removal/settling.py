"""What was found, settled: calm from frame to frame, and as detailed as the plate.

Frames look for themselves, so what one finds differs a little from what the next one does, and now and then one is
deceived. Here a frame's background and its neighbours', moved into place, vote: what one of five says alone is left
out. Detail, which moving and averaging would cost, stays the frame's own. What averaging the witnesses took of it is
given back by as much as it took around the hole, where the plate is there to compare.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np

from ..picture.motion import fetched, grid
from .assembly import Assembled
from .evidence import PATCH, verdict
from .pyramid import pyramid_fill
from .scene import Box, Scene
from .search import Found
from .views import Array, finer, rimmed

__all__ = ["detailed", "leading", "steadied"]

ALIKE = 0.025  # distance from what most say, in ACEScct, at which a background counts half
MOST = 2.5  # times as strong as found is detail made at most
LACK = 2.4  # times as much detail as around the hole is lost inside it, where motion is only continued
ENOUGH = 64  # pixels that tell anything of detail


def steadied(
    scene: Scene, found: Found, own: Assembled, beside: Mapping[int, Assembled], *, amount: float, fine: float
) -> Assembled:
    """What most agree on of `own` and of what was found for the frames at offsets `beside`; these count by `amount`.

    What of `own` is finer than `fine` pixels stays, as far as the others believe it. Where nothing was found for the
    frame itself, theirs is taken.
    """
    moved = [_moved(scene, found, own, other, offset) for offset, other in beside.items() if other.known.any()]
    told = [own, *(each for each in moved if each is not None)]
    theirs = np.where(own.known > 0, np.float32(amount), np.float32(1))
    weights = [own.known, *(each.known * theirs for each in told[1:])]
    over = round(PATCH * fine) | 1  # odd, so that it has a middle
    trusted = verdict([each.picture for each in told], weights, outlier=ALIKE, over=over).trusted
    voted = _mean([each.picture for each in told], trusted)
    return replace(
        own,
        picture=voted + trusted[0] * finer(own.picture - voted, trusted[0], fine),
        kept=_mean([each.kept for each in told], trusted),
        spread=_mean([each.spread for each in told], trusted),
        known=(np.sum(weights, axis=0) > 0).astype(np.float32),
    )


def leading(scene: Scene, found: Found, box: Box, offset: int) -> tuple[Array, Array] | None:
    """Where on the canvas the frame at `offset` has what lies in `box`, and how its light is to drift.

    H x w x 2 and h x w x 3; None where no way leads there from the frame that `found` is of.
    """
    rows, columns = box
    if offset == 0:
        size = rows.stop - rows.start, columns.stop - columns.start
        return grid(size) + np.array((columns.start, rows.start), np.float32), np.zeros((*size, 3), np.float32)
    told = next((each for each in found.witnesses if each.offset == offset), None)
    if told is None:
        return None
    places = scene.enlarged(scene.at_full(told.places), found.region, box)
    return places, scene.enlarged(told.drift, found.region, box)


def _moved(scene: Scene, found: Found, own: Assembled, other: Assembled, offset: int) -> Assembled | None:
    """What was found for the frame at `offset` over the box of `own`, in its light; None where no way leads there."""
    way = leading(scene, found, own.box, offset)
    if way is None:
        return None
    places, drift = way[0] - other.corner, way[1]
    whole = rimmed(other.picture, other.known[..., 0] > 0)
    there = fetched(whole, places, how=cv2.INTER_CUBIC) + drift
    known = fetched(other.known, places, outside=cv2.BORDER_CONSTANT) > 0.99
    kept, spread = (fetched(each, places) for each in (other.kept, other.spread))
    return replace(own, picture=there, known=known.astype(np.float32), kept=kept, spread=spread)


def _mean(told: Sequence[Array], weights: Sequence[Array]) -> Array:
    total = np.maximum(np.sum(weights, axis=0), np.float32(1e-9))
    mean: Array = np.sum([part * each for part, each in zip(weights, told, strict=True)], axis=0) / total
    return mean


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
    gain = np.float32(np.clip(1 + LACK * (both / max(own, 1e-9) - 1), 1, MOST))
    kept = np.where(inside, np.minimum(gain**2 * found.kept, np.float32(1)), found.kept)
    return replace(found, picture=found.picture + (gain - 1) * inside * ours, kept=kept)


def _detail(picture: Array, fine: float) -> Array:
    detail: Array = picture - cv2.GaussianBlur(picture, (0, 0), fine)
    return detail
