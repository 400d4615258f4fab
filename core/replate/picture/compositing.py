"""Plate, matte and result brought together, so that what was not touched stays bit-equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..frame import Frame, Pixels, Window
from .alpha import is_straight

__all__ = ["Array", "Light", "laid_over", "mixed", "over", "seen_through"]

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


def seen_through(frame: Frame, window: Window) -> Frame:
    """The frame with `window` as its data window: pixels beyond its own are 0."""
    if frame.data_window == window:
        return frame
    return replace(frame, pixels=over(frame.pixels, frame.data_window, window), data_window=window)


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
        rgb = np.asarray(_picked(plate.pixels, channels), np.float32)
        position = None if is_straight(plate) else plate.index("A")
        alpha = None if position is None else np.asarray(plate.pixels[..., position : position + 1], np.float32)
        return cls(rgb, alpha, channels)

    def put_back(self, plate: Frame, rgb: Array, layers: Mapping[str, Array] | None = None) -> Frame:
        """The plate with `rgb` as its colour and `layers` (H x W x 1) behind its own channels.

        What equals `self.rgb` bit for bit keeps the bits of the plate.
        """
        layers = layers or {}
        pixels = _copied(plate.pixels, len(layers))
        _place(pixels, self.channels, self.rgb, rgb)
        for place, layer in enumerate(layers.values(), len(plate.channels)):
            pixels[..., place] = layer[..., 0]
        formats = (*plate.formats, *("half",) * len(layers)) if plate.formats else ()
        return replace(plate, pixels=pixels, channels=(*plate.channels, *layers), formats=formats)


def _copied(pixels: Pixels, more: int) -> Pixels:
    """A copy with room for `more` channels, each a plane of its own."""
    if not more:
        return pixels.copy(order="K")
    planes = np.empty((pixels.shape[2] + more, *pixels.shape[:2]), pixels.dtype)
    copied = np.moveaxis(planes, 0, -1)
    copied[..., :-more] = pixels
    return copied


def _picked(pixels: Pixels, channels: tuple[int, ...]) -> Pixels:
    """Three channels as H x W x 3; without a copy where they are evenly apart, as R, G and B are."""
    first, second, third = channels
    step = second - first
    if third - second != step:
        return pixels[..., list(channels)]
    if step == 0:
        return np.broadcast_to(pixels[..., first : first + 1], (*pixels.shape[:2], 3))
    end = third + step
    return pixels[..., first : end if end >= 0 else None : step]


def _place(pixels: Pixels, channels: tuple[int, ...], before: Array, after: Array) -> None:
    """Bits are compared, not values: a NaN keeps its payload, and a half that was only widened is not rounded.

    One channel after the other, because at 8K everything made of three takes half a gigabyte.
    """
    changed = (before[..., i].view(np.uint32) != after[..., i].view(np.uint32) for i in range(3))
    if len(set(channels)) == 1:
        _lay(pixels[..., channels[0]], after @ LUMINANCE, np.logical_or.reduce(list(changed)))
    else:
        for source, (target, where) in enumerate(zip(channels, changed, strict=True)):
            _lay(pixels[..., target], after[..., source], where)


def _lay(plane: Pixels, light: Array, where: Array) -> None:
    """Write `light` into a channel (both H x W), as far as half can hold it."""
    light = np.clip(light, -HALF_MAX, HALF_MAX) if plane.dtype == np.float16 else light
    np.copyto(plane, light, where=where, casting="same_kind")


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


def laid_over(plate: Frame, picture: Array, weight: Array) -> Frame:
    """A solid `picture` (H x W x 3, light in the plate's space) over the plate by `weight` (H x W x 1).

    Porter and Duff's "over" ("Compositing digital images", 1984): what lies below shows through by 1 - weight, and
    alpha rises to alpha + weight (1 - alpha). The plate's own bits where the weight is 0 and where it is not finite.
    """
    light, position = replace(Light.of(plate), alpha=None), plate.index("A")
    if position is None:
        return light.put_back(plate, mixed(light, picture, weight))
    alpha = np.asarray(plate.pixels[..., position : position + 1], np.float32)
    cover = alpha + weight * (1 - alpha)
    share = weight / np.where(weight > 0, cover, 1) if is_straight(plate) else weight
    result = light.put_back(plate, mixed(light, picture, share))
    _lay(result.pixels[..., position], cover[..., 0], weight[..., 0] > 0)
    return result
