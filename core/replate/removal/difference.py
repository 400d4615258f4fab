"""The matte of what stands before a set, from a plate and a clean plate of the set.

What differs is measured against what the two takes differ by anyway: their grain, as it is found in the picture level
by level, and what is left of the camera's shake along the set's edges. A set that is only darker, in its own colour and
with its own texture, lies in shadow and is the set still (the idea of Horprasert, Harwood and Davis, "A statistical
approach for real-time robust background subtraction and shadow detection", ICCV 1999).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..color import transform
from ..picture.compositing import Array
from .cleanplate import matched, spread, thinned
from .matting import soft_matte
from .pyramid import pyramid_fill

__all__ = ["SPACE", "Difference", "brought", "difference"]

SPACE = "ACEScg"
"""The scene-linear space that plates are handed over in."""

STOP = 1 / 17.52  # of ACEScct
LEVELS = 12  # of light at which grain is measured
MISSED = 0.15  # pixels by which edges of the set may still be off
FINE, FAINT = 0.8, 2.5  # standard deviations in pixels at which differences are looked at
TEXTURE = 4.0  # pixels: structure smaller than this is not made by a shadow
SURE, POSSIBLE = 6.0, 3.0  # times the noise
TINT, LIFT = 0.1, 0.25  # of a shadow's depth: how far its colour may lean, and how much light may be reflected instead
SPECK = 12  # pixels that must be sure: fewer are grain
DENSE, INSIDE = 0.8, 2  # share of neighbours in the matte that a solid pixel has, and pixels between it and the edge
HAZE = 0.25  # of a matte: less must be proven
DEEP = 3.0  # times the softness: farther inside even a faint difference is solid


@dataclass(frozen=True, slots=True)
class Difference:
    """What a plate shows beside its set.

    `matte` is H x W x 1 float32: 1 where only foreground is seen, 0 where the set is seen, between at soft edges.
    `behind` is H x W x 3 float32, ACEScg: the set in the plate's framing, exposure and shadows; NaN where not known.
    """

    matte: Array
    behind: Array


def difference(
    plate: Array, clean: Array, *, sensitivity: float = 1.0, softness: float = 6.0, shadows: float = 1.0
) -> Difference:
    """Tell what stands in `plate` from the set in `clean`.

    Both are H x W x 3 float32, scene-linear ACEScg, of one framing; they may differ in grain, by some tenths of a stop,
    and by a few pixels of shake. `sensitivity` multiplies what a difference counts. `softness` is how many pixels
    around what surely differs are looked at for hair and blur. `shadows` is by how many stops the set may be darker and
    still be the set; 0 takes shadows along with what throws them. Where either plate is not finite nothing is known,
    which counts as the set.
    """
    log = transform(SPACE)
    known, seen, empty = _together(plate, clean)
    fine, all_ = (sensitivity * each for each in _evidence(seen, empty, shadows))
    mask = _filled(_joined(all_), max(1, round(min(all_.shape) / 200)))
    near = cv2.dilate(mask.astype(np.uint8), _disc(round(softness)))
    solid = _solid(_filled(_joined(fine) & mask, 1)) | _eroded(mask, round(DEEP * softness))
    behind = log.inverse(empty + _light_behind(seen - empty, near))
    matte = soft_matte(log.inverse(seen), behind, solid=solid, near=near > 0)
    return Difference(_without_haze(matte, fine), np.where(known, behind, np.float32(np.nan)))


def brought(plate: Array, clean: Array) -> Array:
    """`clean` in the framing and exposure of `plate`, both as for `difference`; NaN where either is not known."""
    known, _, empty = _together(plate, clean)
    return np.where(known, transform(SPACE).inverse(empty), np.float32(np.nan))


def _together(plate: Array, clean: Array) -> tuple[Array, Array, Array]:
    """Where both are known (H x W x 1), and both in ACEScct, the clean plate matched to the other."""
    log = transform(SPACE)
    known: Array = np.logical_and.reduce(np.isfinite(plate) & np.isfinite(clean), axis=-1, keepdims=True)
    seen, empty = (log.forward(np.where(known, each, np.float32(0.18))) for each in (plate, clean))
    empty = matched(empty, seen)
    return known, np.where(known, seen, empty), empty


def _evidence(seen: Array, empty: Array, shadows: float) -> tuple[Array, Array]:
    """How many times its noise a pixel differs from the set, H x W: looked at finely, and in every way."""
    apart, level = seen - empty, _blurred(empty, FAINT).mean(axis=-1)
    slack = MISSED * np.hypot(*_slopes(empty))
    found = []
    for scale in (FINE, FAINT):
        smooth = _blurred(apart, scale)
        shade = np.clip(smooth.mean(axis=-1, keepdims=True), -shadows * STOP, LIFT * shadows * STOP)
        found.append(_times_noise(smooth - shade, level, slack + TINT * np.abs(shade)))
    texture = _times_noise(apart - _blurred(apart, TEXTURE), level, slack)
    plain = _times_noise(_blurred(apart, FINE), level, slack)
    steep = _times_noise(np.concatenate(_slopes(apart), axis=-1), level, np.concatenate([slack, slack], axis=-1))
    return np.maximum(found[0], np.minimum(plain, steep)), np.maximum(np.maximum(*found), texture)


def _slopes(picture: Array) -> tuple[Array, Array]:
    """By how much a picture rises from pixel to pixel, across and down."""
    smooth = _blurred(picture, FINE)
    across, down = (cv2.Sobel(smooth, -1, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    return across, down


def _times_noise(apart: Array, level: Array, slack: Array) -> Array:
    noise = _noise(apart, level)
    times: Array = np.sqrt((apart**2 / (noise**2 + slack**2)).mean(axis=-1))
    return times


def _noise(apart: Array, level: Array) -> Array:
    """The standard deviation of differences (H x W x 3) at the set's light (`level`, H x W), as H x W x 3."""
    some, at = thinned(apart), thinned(level)
    borders = np.quantile(at, np.linspace(0, 1, LEVELS + 1))
    place = np.clip(np.searchsorted(borders, at) - 1, 0, LEVELS - 1)
    whole = spread(some)
    table = np.array([spread(some[place == each]) if (place == each).any() else whole for each in range(LEVELS)])
    table, middles = np.minimum(table, 3 * whole), (borders[1:] + borders[:-1]) / 2
    return np.stack([np.interp(level, middles, column).astype(np.float32) for column in table.T], axis=-1)


def _joined(evidence: Array) -> Array:
    """What is possible and hangs together with enough that is sure, H x W bool (Canny's hysteresis)."""
    count, labels = cv2.connectedComponents((evidence > POSSIBLE).astype(np.uint8), connectivity=8)
    sure = np.bincount(labels[evidence > SURE], minlength=count)
    sure[0] = 0  # the label of what is not even possible
    joined: Array = (sure >= SPECK)[labels]
    return joined


def _filled(mask: Array, radius: int) -> Array:
    """Without gaps up to twice `radius` wide and without holes as small as chance makes."""
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, _disc(radius))
    _, labels, facts, _ = cv2.connectedComponentsWithStats(1 - closed, connectivity=4)
    small = facts[:, cv2.CC_STAT_AREA] < (min(mask.shape) / 20) ** 2
    small[0] = False  # the label of the mask itself
    filled: Array = (closed > 0) | small[labels]
    return filled


def _solid(mask: Array) -> Array:
    """Where certainly only foreground is seen: inside, and not among hair, H x W bool."""
    dense = _blurred(mask.astype(np.float32), FAINT) > DENSE
    return _eroded(mask & dense, INSIDE)


def _eroded(mask: Array, depth: int) -> Array:
    eroded: Array = cv2.erode(mask.astype(np.uint8), _disc(depth)) > 0
    return eroded


def _without_haze(matte: Array, evidence: Array) -> Array:
    """The matte (H x W x 1) without what is faint and no more than grain by the evidence (H x W)."""
    proven = (evidence[..., None] - 1) / (POSSIBLE - 1)
    return matte * np.clip(np.maximum(proven, matte / HAZE), 0, 1).astype(np.float32)


def _light_behind(apart: Array, near: Array) -> Array:
    """The shadow and the drift that the set around it has, continued behind the foreground."""
    return pyramid_fill(_blurred(apart, FAINT), near[..., None].astype(np.float32))


def _blurred(picture: Array, deviation: float) -> Array:
    blurred: Array = cv2.GaussianBlur(picture, (0, 0), deviation)
    return blurred


def _disc(radius: int) -> Array:
    disc: Array = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return disc
