"""Plate, matte and result brought together, so that what was not touched stays bit-equal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .alpha import is_straight
from .errors import InputError
from .frame import Frame, Pixels, Window

__all__ = ["Array", "Light", "mixed", "over", "with_layer"]

HALF_MAX = 65504.0  # the largest finite float16
LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709, item 3.2
Array = npt.NDArray[Any]


def over(picture: Array, here: Window, there: Window, *, outside: float = 0.0) -> Array:
    """`picture` (H x W x C), which covers the window `here`, as it is seen through `there`; `outside` beyond it."""
    if here == there:
        return picture
    seen = np.full((there.height, there.width, picture.shape[2]), outside, picture.dtype)
    common = here.intersect(there)
    if common.width and common.height:
        seen[common.slices_in(there)] = picture[common.slices_in(here)]
    return seen


@dataclass(frozen=True, slots=True)
class Light:
    """The colour of a plate: `rgb` H x W x 3 float32 as it is in the file, `alpha` H x W x 1 float32 or None.

    There is an alpha only where the colour is multiplied by it.
    """

    rgb: Array
    alpha: Array | None
    channels: tuple[int, ...]

    @classmethod
    def of(cls, plate: Frame) -> Light:
        """Taken out of the plate; a lone Y stands for all three. Raises InputError where there is no colour."""
        channels = plate.rgb()
        if channels is None:
            names = ", ".join(plate.channels)
            raise InputError(
                f"frame {plate.number} has no R, G, B or Y channel to work on, only {names}; "
                "name a plate whose colour is in R, G and B"
            )
        rgb = np.ascontiguousarray(plate.pixels[..., list(channels)], dtype=np.float32)
        position = None if is_straight(plate) else plate.index("A")
        alpha = None if position is None else plate.pixels[..., position : position + 1].astype(np.float32)
        return cls(rgb, alpha, channels)

    def put_back(self, plate: Frame, rgb: Array) -> Frame:
        """The plate with `rgb` as its colour; what equals `self.rgb` bit for bit keeps the bits of the plate."""
        return plate.with_pixels(_place(plate.pixels, self.channels, self.rgb, rgb))


def _place(pixels: Pixels, channels: tuple[int, ...], before: Array, after: Array) -> Pixels:
    """Bits are compared, not values: a NaN keeps its payload, and a half that was only widened is not rounded."""
    changed = before.view(np.uint32) != np.ascontiguousarray(after).view(np.uint32)
    if len(set(channels)) == 1:
        channels, after, changed = channels[:1], (after @ LUMINANCE)[..., None], changed.any(axis=-1, keepdims=True)
    if pixels.dtype == np.float16:
        after = np.clip(after, -HALF_MAX, HALF_MAX)
    result = pixels.copy()
    for source, target in enumerate(channels):
        np.copyto(result[..., target], after[..., source], where=changed[..., source], casting="same_kind")
    return result


def mixed(before: Light, after: Array, weight: float | Array) -> Array:
    """`after` (H x W x 3) over the plate's light by `weight` (a number or H x W x 1).

    The plate's own bits where the weight is 0, where it is not finite, and where alpha and light are both 0.
    """
    rgb = before.rgb
    touched = np.isfinite(rgb).all(axis=-1, keepdims=True) & (np.asarray(weight) > 0)
    if before.alpha is not None:
        touched &= (before.alpha != 0) | (rgb != 0).any(axis=-1, keepdims=True)
    result = rgb.copy()
    np.copyto(result, rgb + weight * (after - rgb), where=touched)
    return result


def with_layer(frame: Frame, name: str, layer: Array | None) -> Frame:
    """The frame with one more channel (H x W x 1); unchanged where there is no layer."""
    if layer is None:
        return frame
    pixels = np.concatenate([frame.pixels, layer.astype(frame.pixels.dtype)], axis=-1)
    formats = (*frame.formats, "half") if frame.formats else ()
    return replace(frame, pixels=pixels, channels=(*frame.channels, name), formats=formats)
