"""Borders that do not show: a fill brought to the plate's level around a hole, and mixed into it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ..picture.compositing import Array
from .pyramid import finite, pyramid_fill

__all__ = ["inner_weight", "joined", "levelled", "missing_grain"]

RING = 12  # pixels around the hole where plate and fill are compared
CELL = 4  # pixels a side over which they are, because grain is no difference
CALM = 0.25  # how much one cell counts against its neighbours
GRAINLESS = 5  # pixels a side over which plate and fill are compared inside the hole
SPECK = 2  # how much farther apart they may be at one pixel
UNLIKE = 4.685  # deviations beyond which a difference is something else, as is usual for the biweight
UNSURE = 0.02  # a deviation that says nothing of the fill any more: else what is to go would be taken for like it
SURE = 0.01  # a deviation below which differences are alike, in a log space
FARTHEST = 6  # doublings of a cell over which what is around a hole is averaged, at most


def levelled(plate: Array, fill: Array, hole: Array, *, reach: float) -> Array:
    """`fill` without the step that it has against `plate` at the border of `hole`: H x W x C float32, a log space.

    Both are compared just outside the hole (H x W x 1, above 0 inside), where both are finite; a fill that is known
    inside alone stays as it is. The difference is carried in as a membrane, which is what solving for the plate's
    gradients comes to (Pérez, Gangnet and Blake, "Poisson image editing", 2003, section 2), over a pyramid instead of
    by iteration. Within `reach` pixels it gives way to what the surroundings have in common, so that a wide hole is not
    tinted in its middle by one side of its border. Differences that are far from the others count less or not at all:
    there the plate shows something that the fill does not. Around the hole, too, the result is at the plate's level.
    """
    box = _box(hole, margin=RING)
    light, made, inside = plate[box], fill[box], hole[box]
    around = _ring(inside) & _both_finite(light, made)
    if not around.any():
        return fill
    difference = np.zeros_like(made)
    np.subtract(light, made, out=difference, where=around[..., None])
    near, far = _membranes(difference, _agreement(difference, around), box, hole.shape, reach)
    fading = _ramp(_depth(inside), reach)
    result = fill.copy()
    result[box] = made + near + fading * (far - near)
    return result


def inner_weight(plate: Array, fill: Array, hole: Array, *, blend: float) -> Array:
    """How much of `fill` is to be seen in `hole` (H x W x 1 in 0..1), of its shape, float32.

    0 where the hole is 0. Inside it rises over `blend` pixels, but only as far as the plate shows the same as the fill
    there: what is to be removed does not shine through where the hole is tight. It is no more than the hole says.
    """
    weight, box = np.zeros(hole.shape, np.float32), _box(hole, margin=RING)
    inside = hole[box]
    alike = _alikeness(plate[box], fill[box], _ring(inside))
    np.minimum(inside, 1 - alike * (1 - _ramp(_depth(inside), blend + 1)), out=weight[box])
    return weight


def _alikeness(plate: Array, fill: Array, around: Array) -> Array:
    """How much the plate is like the fill at a pixel, 0..1, H x W x 1, measured by how alike they are `around`.

    They have to be alike over a few pixels, and loosely at each of them, or a speck would be lost among its neighbours.
    """
    sound = _both_finite(plate, fill)
    difference = np.zeros_like(fill)
    np.subtract(plate, fill, out=difference, where=sound[..., None])
    smooth = cv2.blur(difference, (GRAINLESS, GRAINLESS)).reshape(difference.shape)
    alike = sound.astype(np.float32)
    for apart in (np.abs(smooth), np.abs(difference) / SPECK):
        compared = apart[around & sound]
        if not len(compared):
            return np.zeros((*sound.shape, 1), np.float32)
        np.minimum(alike, _biweight(apart, np.minimum(1.4826 * np.median(compared, axis=0), UNSURE)), out=alike)
    return alike[..., None]


def joined(plate: Array, fill: Array, weight: Array) -> Array:
    """`fill` over `plate` (H x W x C float32) by `weight` (H x W x 1 in 0..1).

    The plate's own bits where the weight is 0. Where it is not finite and the weight above 0, the fill alone.
    """
    result, box = plate.copy(), _box(weight)
    light, made, share = plate[box], fill[box], weight[box]
    sound = np.isfinite(light).all(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        np.copyto(result[box], light + share * (made - light), where=(share > 0) & sound)
    np.copyto(result[box], made, where=(share == 1) | ((share > 0) & ~sound))
    return result


def missing_grain(weight: Array, kept: float | Array = 0.0) -> Array:
    """The share of the grain's variance that `joined` leaves to be added, of the shape of `weight`.

    `kept` is the share that the fill has, as the mean of n frames has 1 / n. Where plate and fill are mixed their
    grain averages out; what is left of both is taken off.
    """
    missing: Array = np.clip(1 - (1 - weight) ** 2 - weight**2 * np.float32(kept), 0, 1)
    return missing


def _box(where: Array, *, margin: int = 0) -> tuple[slice, slice]:
    """Rows and columns that hold all that is above 0 and `margin` pixels around it, from corner to corner of cells."""
    sides = []
    for axis, length in enumerate(where.shape[:2]):
        found = np.flatnonzero((where[..., 0] > 0).any(axis=1 - axis))
        first, last = (int(found[0]), int(found[-1])) if found.size else (0, -1)
        low, high = (first - margin) // CELL * CELL, -(-(last + 1 + margin) // CELL) * CELL
        sides.append(slice(max(0, low), min(length, high)))
    return sides[0], sides[1]


def _depth(hole: Array) -> Array:
    """Pixels to the nearest one outside the hole, H x W x 1; beyond the picture nothing is outside.

    OpenCV's exact distance is not the same for every number of threads; this one is within 2 % of it.
    """
    depth: Array = cv2.distanceTransform((hole[..., 0] > 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return depth[..., None]


def _ramp(depth: Array, width: float) -> Array:
    """From 0 to 1 over `width`, with level ends."""
    part = np.clip(depth / np.float32(max(width, 1e-6)), 0, 1)
    ramp: Array = part * part * (3 - 2 * part)
    return ramp


def _ring(hole: Array) -> Array:
    """The pixels around the hole, H x W."""
    inside = (hole[..., 0] > 0).astype(np.uint8)
    size = 2 * RING + 1
    ring: Array = cv2.dilate(inside, np.ones((size, size), np.uint8)) > inside
    return ring


def _both_finite(one: Array, other: Array) -> Array:
    """Where all channels of both are, H x W."""
    return finite(one) & finite(other)


def _agreement(difference: Array, around: Array) -> Array:
    """How much the difference at a pixel is like the others, 0..1, H x W x 1."""
    found = difference[around]
    residual = np.abs(found - np.median(found, axis=0))
    agreement = np.zeros((*around.shape, 1), np.float32)
    agreement[around, 0] = _biweight(residual, 1.4826 * np.median(residual, axis=0))
    return agreement


def _biweight(residual: Array, deviation: Array) -> Array:
    """Beaton and Tukey's weight (1974) of residuals, ... x C; of that channel in which they are greatest."""
    unlike = (residual / (UNLIKE * np.maximum(deviation, SURE))).max(axis=-1)
    weight: Array = np.maximum(1 - unlike**2, 0) ** 2
    return weight


def _membranes(
    difference: Array, weight: Array, box: tuple[slice, slice], size: tuple[int, ...], reach: float
) -> tuple[Array, Array]:
    """The differences in a box of a picture of `size`, carried into the hole: as they are near to each place, and
    averaged over `reach` and more."""
    small, sure = _cells(difference * weight), _cells(weight)
    whole = np.zeros((-(-size[0] // CELL), -(-size[1] // CELL), small.shape[2] + 1), np.float32)
    place = tuple(slice(side.start // CELL, -(-side.stop // CELL)) for side in box)
    whole[place] = np.concatenate([small / np.maximum(sure, 1e-6), sure], axis=-1)
    doublings = min(FARTHEST, max(1, math.ceil(math.log2(max(reach, 1) / CELL))))
    shares = (CALM, CALM / 4.0**doublings)
    filled = (pyramid_fill(whole[..., :-1], 1 - share * whole[..., -1:]) for share in shares)
    near, far = (_enlarged(each[place], weight.shape) for each in filled)
    return near, far


def _cells(picture: Array) -> Array:
    """Means of CELL x CELL pixels; at the borders, of what there is continued."""
    rows, columns = (-side % CELL for side in picture.shape[:2])
    padded = cv2.copyMakeBorder(picture, 0, rows, 0, columns, cv2.BORDER_REPLICATE)
    size = (padded.shape[1] // CELL, padded.shape[0] // CELL)
    cells: Array = cv2.resize(padded, size, interpolation=cv2.INTER_AREA)
    return cells.reshape(*cells.shape[:2], picture.shape[2])


def _enlarged(cells: Array, shape: tuple[int, ...]) -> Array:
    """Cells as pixels, of height and width `shape`."""
    large: Array = cv2.resize(cells, (cells.shape[1] * CELL, cells.shape[0] * CELL), interpolation=cv2.INTER_LINEAR)
    return large.reshape(*large.shape[:2], cells.shape[2])[: shape[0], : shape[1]]
