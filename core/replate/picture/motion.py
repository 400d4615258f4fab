"""Motion between two frames of a shot: dense flow, warping, and where the flow can be trusted.

In a panorama motion may lead across the edge: with `around`, left and right of a picture meet.

Everything here is a function of the two pictures. OpenCV cuts the picture into as many stripes as it has threads and
propagates flow inside each, so the thread count would show in the result: it is fixed to one.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["fetched", "flow", "follow", "grid", "returns", "trust", "warp"]

Array = npt.NDArray[Any]
FLOW_WIDTH = 960  # flow is smooth: finding it on a proxy costs a quarter at HD and loses nothing that a blend shows
RIM = 2  # columns that cubic interpolation looks at beyond the nearest
AGREEMENT = 50.0  # alpha in Lai et al., "Learning Blind Video Temporal Consistency", ECCV 2018, equation 4
SLACK, SLOPE = 0.5, 0.01  # forward-backward test of Sundaram, Brox and Keutzer, ECCV 2010, eq. 5 (pixels squared)


def flow(here: Array, there: Array, *, around: bool = False) -> Array:
    """H x W x 2 float32: pixel (x, y) of `here` is found at (x, y) + flow in `there`.

    Both are H x W x 3 float32 in a perceptual space with picture values in about 0..1 (ACEScct). Dense inverse
    search, Kroeger et al., ECCV 2016.
    """
    cv2.setNumThreads(1)
    height, width = here.shape[:2]
    if around:
        margin = math.ceil(width / 8)
        return flow(_wide(here, margin), _wide(there, margin))[:, margin:-margin]
    scale = min(1.0, FLOW_WIDTH / max(height, width))
    small = [_grey(picture, scale) for picture in (here, there)]
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    found: Array = search.calc(small[0], small[1], None)
    if scale == 1.0:
        return found
    factors = np.array([width / found.shape[1], height / found.shape[0]], np.float32)
    enlarged: Array = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR) * factors
    return enlarged


def _grey(picture: Array, scale: float) -> Array:
    grey: Array = np.clip(picture[..., :3].mean(axis=-1) * 255, 0, 255).astype(np.uint8)
    if scale == 1.0:
        return grey
    smaller: Array = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return smaller


def grid(shape: tuple[int, ...]) -> Array:
    """The place of every pixel, H x W x 2 float32: x, y."""
    y, x = (np.arange(side, dtype=np.float32) for side in shape[:2])
    return np.stack(np.broadcast_arrays(x, y[:, None]), -1)


def fetched(
    picture: Array,
    places: Array,
    *,
    how: int = cv2.INTER_LINEAR,
    outside: int = cv2.BORDER_REPLICATE,
    around: bool = False,
) -> Array:
    """`picture` (H x W [x C] float32) at `places` (h x w x 2: x, y): h x w x C."""
    x, y = (np.ascontiguousarray(places[..., axis]) for axis in (0, 1))
    if around:
        x, picture = x % picture.shape[1] + RIM, _wide(picture, RIM)
    values: Array = cv2.remap(picture, x, y, how, borderMode=outside)
    return values.reshape(*places.shape[:2], -1)


def warp(picture: Array, motion: Array, *, around: bool = False) -> Array:
    """`picture` fetched along `motion` (H x W x 2): its pixel at (x, y) + motion lands on (x, y). Cubic, edges held."""
    return fetched(picture, grid(motion.shape) + motion, how=cv2.INTER_CUBIC, around=around)


def follow(here: Array, there: Array, *, around: bool = False) -> tuple[Array, Array]:
    """The flow from `here` to `there`, and how far it can be trusted: H x W x 1, 0..1, less where the pictures differ.

    The weight of a pixel is exp(-alpha * squared difference) where flow and backward flow agree.
    """
    forth, back = flow(here, there, around=around), flow(there, here, around=around)
    apart = ((here - warp(there, forth, around=around)) ** 2).sum(axis=-1, keepdims=True)
    alike = np.exp(-AGREEMENT * apart).astype(np.float32)
    return forth, trust(forth, back, around=around) * alike


def trust(forth: Array, back: Array, *, around: bool = False) -> Array:
    """H x W x 1 float32, 1 where `returns` is so within the picture, 0 elsewhere."""
    x, y = np.moveaxis(grid(forth.shape) + forth, -1, 0)
    inside = (y >= 0) & (y <= forth.shape[0] - 1)
    if not around:
        inside &= (x >= 0) & (x <= forth.shape[1] - 1)
    kept: Array = (returns(forth, back, around=around) & inside).astype(np.float32)[..., None]
    return kept


def returns(forth: Array, back: Array, *, around: bool = False) -> Array:
    """H x W bool: where going `forth` and coming `back` (H x W x 2 each) ends where it began."""
    returned = fetched(back, grid(forth.shape) + forth, around=around)
    ends: Array = _square(forth + returned) < SLOPE * (_square(forth) + _square(returned)) + SLACK
    return ends


def _square(motion: Array) -> Array:
    """Of a motion's length. NumPy's sum over a short axis would take twenty times as long."""
    square: Array = motion[..., 0] ** 2 + motion[..., 1] ** 2
    return square


def _wide(picture: Array, margin: int) -> Array:
    """A panorama continued by `margin` columns on either side."""
    return np.pad(picture, ((0, 0), (margin, margin), (0, 0)), mode="wrap")
