"""Pictures brought to scene-linear light to be laid over each other, and back, without touching pixels that stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..color import transform
from ..frame import Frame, Window
from .alpha import is_straight
from .compositing import Array, Light, over

__all__ = ["SPACE", "Layer", "layer_of", "put_back"]

SPACE = "ACEScg"
"""The scene-linear space that layers are laid over each other in."""


@dataclass(frozen=True, slots=True)
class Layer:
    """Light (H x W x 3, scene-linear ACEScg, multiplied by alpha) and alpha (H x W x 1), both float32."""

    rgb: Array
    alpha: Array


def layer_of(frame: Frame, window: Window) -> Layer:
    """The frame's picture over `window`, by its coordinates: nothing where the frame has none, 1 where it has no alpha.

    Raises InputError where the frame has no colour.
    """
    light, position = Light.of(frame), frame.index("A")
    rgb = over(light.rgb, frame.data_window, window)
    there = over(np.ones((*light.rgb.shape[:2], 1), np.float32), frame.data_window, window)
    rgb = transform(frame.space, SPACE).forward(np.ascontiguousarray(rgb))
    alpha = there
    if position is not None:
        alpha = over(frame.pixels[..., position : position + 1].astype(np.float32), frame.data_window, window)
    with np.errstate(invalid="ignore"):
        rgb = rgb * alpha if is_straight(frame) else np.where(there > 0, rgb, 0)
    return Layer(rgb, alpha)


def put_back(plate: Frame, made: Layer, touched: Array, layers: Mapping[str, Array], *, window: Window) -> Frame:
    """The plate with what was made of its `window`, where it was touched and is finite; in its space and kind of alpha.

    `touched` is H x W x 1 over the window, `layers` are H x W x 1 each over the whole plate and go behind its channels.
    """
    light, position = Light.of(plate), plate.index("A")
    touched = touched & np.isfinite(made.rgb).all(axis=-1, keepdims=True) & np.isfinite(made.alpha)
    rgb = made.rgb / np.where(made.alpha > 0, made.alpha, 1) if is_straight(plate) else made.rgb
    inside, whole = window.slices_in(plate.data_window), light.rgb.copy()
    shown = transform(plate.space, SPACE).inverse(rgb.astype(np.float32))
    whole[inside] = np.where(touched, shown, light.rgb[inside])
    result = light.put_back(plate, whole, layers)
    if position is not None:
        alpha = result.pixels[inside][..., position]
        np.copyto(alpha, made.alpha[..., 0], where=touched[..., 0], casting="same_kind")
    return result
