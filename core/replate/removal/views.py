"""What the search sees of the frames in a window: small pictures in a log space, and what is hidden in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .pyramid import pyramid_fill

__all__ = ["RIM", "Array", "View", "finer", "level", "rimmed", "shrunk"]

Array = npt.NDArray[Any]
RIM = 2  # pixels that cubic interpolation looks at beyond the nearest
_THIRDS = np.full((1, 3), 1 / 3, np.float32)
_TAILS = (1.0, 99.0)  # percent of pixels that the grey picture may clip at either end


@dataclass(frozen=True, kw_only=True)
class View:
    """A frame as the search sees it, over the canvas that all frames of a shot share.

    `picture` is H x W x 3 float32 in ACEScct. `hole` H x W bool is what is to be removed; `hidden` that, what else is
    no background, and what lies outside the frame. `vectors`, where they are given, tell where the background behind a
    pixel lies in the next frame (1) and in the last (-1): H x W x 2, NaN where nobody knows.
    """

    number: int
    picture: Array
    hidden: Array
    hole: Array
    vectors: Mapping[int, Array] | None = None

    @cached_property
    def filled(self) -> Array:
        """The picture, smooth where it is hidden, so that no edge of a mask is taken for one of the scene."""
        return pyramid_fill(self.picture, self.hidden[..., None].astype(np.float32))

    @cached_property
    def grey(self) -> Array:
        """H x W uint8, its contrast its own: fades and flashes change it little."""
        grey = level(self.filled)
        low, high = np.percentile(grey[~self.hidden] if not self.hidden.all() else grey, _TAILS)
        scaled: Array = np.clip((grey - low) * (255 / max(high - low, 1e-3)), 0, 255).astype(np.uint8)
        return scaled


def level(picture: Array) -> Array:
    """The mean of three channels, H x W of H x W x 3 float32; several times as fast as NumPy's of a short axis."""
    mean: Array = cv2.transform(picture, _THIRDS)
    return mean


def shrunk(picture: Array, scale: float) -> Array:
    """`picture` (H x W x C float32) at `scale` of its size, averaged."""
    if scale == 1:
        return picture
    size = [max(1, round(side * scale)) for side in picture.shape[1::-1]]
    small: Array = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return small.reshape(size[1], size[0], picture.shape[2])


def rimmed(picture: Array, known: Array) -> Array:
    """`picture` continued by the few pixels that cubic interpolation sees beyond what is `known` (H x W bool)."""
    weight, size = known.astype(np.float32), (2 * RIM + 1, 2 * RIM + 1)
    share: Array = cv2.boxFilter(weight, -1, size, normalize=False)[..., None]
    total: Array = cv2.boxFilter(picture * weight[..., None], -1, size, normalize=False)
    return np.where(known[..., None], picture, total / np.maximum(share, 1e-3))


def finer(picture: Array, known: Array, size: float) -> Array:
    """What of `picture` (H x W x C float32) is finer than `size` pixels, as far as it is `known` (H x W x 1, 0..1).

    The picture is finite; where it is not known, the result says nothing.
    """
    total, share = (cv2.GaussianBlur(each, (0, 0), size) for each in (picture * known, known))
    fine: Array = picture - total / np.maximum(share, np.float32(1e-6))[..., None]
    return fine
