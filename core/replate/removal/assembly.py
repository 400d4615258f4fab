"""What was found, fetched from the frames at full resolution.

The search decides on small pictures whom to believe and where to look; here every pixel is fetched once from each frame
that has a say, and averaged with the weights that the search ended with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .evidence import Witness
from .scene import Box, Scene
from .search import Found
from .views import Array

__all__ = ["Assembled", "assembled"]

STRONGER = 2.2  # exponent of the weights: above 1 the picture is sharper, and far above it less right
CUBIC = 0.8  # of the variance of white grain that cubic interpolation keeps, on average over all phases


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """The background as it was found, over a `box` of the canvas, in the log space.

    `picture` h x w x 3; `known` h x w x 1, 1 where anything was found, around the hole, too; `kept`, the share of the
    grain's variance that is still in it; `offset`, how many frames away it was seen best; `spread`, how far the frames
    are apart, in ACEScct.
    """

    box: Box
    picture: Array
    known: Array
    kept: Array
    offset: Array
    spread: Array

    @property
    def corner(self) -> Array:
        """Where the box begins: x, y."""
        return np.array((self.box[1].start, self.box[0].start), np.float32)

    def over(self, scene: Scene) -> Assembled:
        """The same over the whole canvas, nothing known beyond the box."""
        planes = {
            name: _placed(scene, self.box, getattr(self, name))
            for name in ("picture", "known", "kept", "offset", "spread")
        }
        return Assembled(box=scene.everywhere, **planes)


def assembled(scene: Scene, found: Found | None) -> Assembled:
    """Fetch what was found from the frames of `scene`."""
    if found is None:
        nothing = np.zeros((0, 0, 1), np.float32)
        return Assembled(
            box=(slice(0, 0), slice(0, 0)),
            picture=nothing.repeat(3, -1),
            known=nothing,
            kept=nothing,
            offset=nothing,
            spread=nothing,
        )
    box = scene.whole(found.region)
    total, light, square, offset = _summed(scene, found, box)
    sure = np.where(total > 0, total, np.float32(1))
    return Assembled(
        box=box,
        picture=light / sure,
        known=(total > 0).astype(np.float32),
        kept=CUBIC * square / sure**2,
        offset=offset,
        spread=scene.enlarged(found.spread, found.region, box),
    )


def _summed(scene: Scene, found: Found, box: Box) -> tuple[Array, ...]:
    """Over a box of the canvas: sum of weights, of light by weight, of squared weights; and whose is the greatest."""
    size = box[0].stop - box[0].start, box[1].stop - box[1].start
    total, square, best, offset = (np.zeros((*size, 1), np.float32) for _ in range(4))
    light = np.zeros((*size, 3), np.float32)
    for (at, clean), heard in _by_frame(found.witnesses):
        parts = [_part(scene, each.weight, found.region, box) for each in heard]
        places = [
            scene.enlarged(scene.at_full(each.places), found.region, part)
            for each, part in zip(heard, parts, strict=True)
        ]
        for each, part, told in zip(heard, parts, scene.seen(at, places, clean=clean), strict=True):
            weight = scene.enlarged(each.weight, found.region, part) ** STRONGER
            here = tuple(slice(a.start - b.start, a.stop - b.start) for a, b in zip(part, box, strict=True))
            light[here] += weight * (told + scene.enlarged(each.drift, found.region, part))
            total[here] += weight
            square[here] += weight**2
            np.copyto(offset[here], np.float32(at), where=weight > best[here])
            np.maximum(best[here], weight, out=best[here])
    return total, light, square, offset


def _part(scene: Scene, weight: Array, region: Box, box: Box) -> Box:
    """The part of `box` in which a witness has a say, rows and columns of the canvas."""
    sides = []
    for axis, (at, limits) in enumerate(zip(region, box, strict=True)):
        asked = np.flatnonzero(weight[..., 0].any(axis=1 - axis))
        span = slice(at.start + int(asked[0]) - 1, at.start + int(asked[-1]) + 2)
        whole = scene.whole((span, span))[axis]
        sides.append(slice(max(limits.start, whole.start), min(limits.stop, whole.stop)))
    return sides[0], sides[1]


def _by_frame(witnesses: Sequence[Witness]) -> Iterable[tuple[tuple[int, bool], list[Witness]]]:
    """Those of one frame together, so that it is read once."""
    frames = dict[tuple[int, bool], list[Witness]]()
    for each in witnesses:
        if each.weight.any():
            frames.setdefault((each.offset, each.clean), []).append(each)
    return frames.items()


def _placed(scene: Scene, box: Box, values: Array) -> Array:
    """`values` over a box of the canvas, 0 around it."""
    whole = np.zeros((scene.canvas.height, scene.canvas.width, values.shape[2]), np.float32)
    whole[box] = values
    return whole
