"""A foreground over another background: what a matte keeps of a plate, laid over another plate.

All of it happens in scene-linear light. The matte says how much of a pixel stays. A plate that is transparent itself
keeps no more than its alpha, so a keyed plate can be given its own alpha as matte.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..color import transform
from ..frame import Frame, Window
from ..picture.alpha import is_straight
from ..picture.compositing import Array, Light, over
from .edges import foreground
from .wrap import wrapped

__all__ = ["SPACE", "Edge", "Layer", "layer_of", "replaced"]

SPACE = "ACEScg"
"""The scene-linear space that layers are laid over each other in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What is done to the edge of what stays.

    `decontaminate` (0..1) is how far the old background's colour is taken out of it; `wrap` (0..1) and `width` (pixels)
    are amount and reach of the new background's light over it.
    """

    decontaminate: float = 1.0
    wrap: float = 0.0
    width: float = 8.0


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
    rgb = transform(frame.space, SPACE).forward(light.rgb)
    alpha = np.ones((*rgb.shape[:2], 1), np.float32)
    if position is not None:
        alpha = frame.pixels[..., position : position + 1].astype(np.float32)
    with np.errstate(invalid="ignore"):
        rgb = rgb * alpha if is_straight(frame) else rgb
    rgb, alpha = (over(each, frame.data_window, window) for each in (rgb, alpha))
    return Layer(rgb, alpha)


@np.errstate(invalid="ignore", over="ignore")  # of pixels that are not finite, which stay as they are
def replaced(
    plate: Frame,
    keep: Array,
    behind: Layer,
    *,
    edge: Edge,
    old: Array | None = None,
    mix: float = 1.0,
    show: bool = False,
) -> Frame:
    """`plate` where `keep` (H x W x 1 in 0..1) is 1, `behind` where it is 0, and the one over the other between.

    `mix` (0..1) is how much of that lies over the plate. `behind` and `old` cover the plate's data window; `old` is
    H x W x 3, what stood behind before in the plate's light, ACEScg, where that is known. The plate's own bits where
    `keep` is 1 and no light wraps, where `behind` is not finite, and where the plate is not finite and still seen. With
    `show` the layer replate.matte holds `keep`.
    """
    front = layer_of(plate, plate.data_window)
    alpha = np.clip(np.nan_to_num(front.alpha, nan=1.0), 0, 1)
    cover = np.where(alpha > 0, alpha, np.float32(1))
    light = _cleaned(front.rgb / cover, np.minimum(keep / cover, 1), edge.decontaminate, old)
    wrapping = wrapped(light, keep, behind.rgb, amount=edge.wrap, width=edge.width)
    touched = (mix > 0) & ((keep < 1) | (wrapping != light).any(axis=-1, keepdims=True))
    rgb = np.where(keep > 0, np.minimum(keep, cover) * wrapping, 0) + (1 - keep) * behind.rgb
    alpha = np.where(keep < 1, np.minimum(keep, alpha) + (1 - keep) * behind.alpha, front.alpha)
    made = Layer(rgb, alpha) if mix == 1 else _mixed(front, Layer(rgb, alpha), mix)
    return _put_back(plate, made, touched, {"replate.matte": keep} if show else {})


def _mixed(front: Layer, made: Layer, mix: float) -> Layer:
    return Layer(front.rgb + mix * (made.rgb - front.rgb), front.alpha + mix * (made.alpha - front.alpha))


def _cleaned(light: Array, keep: Array, amount: float, old: Array | None) -> Array:
    """The light of what stays, freed of what stood behind it."""
    if amount <= 0 or not ((keep > 0) & (keep < 1)).any():
        return light
    clean = foreground(light, keep, background=old)
    return np.where(keep < 1, light + np.float32(amount) * (clean - light), light)


def _put_back(plate: Frame, made: Layer, touched: Array, layers: Mapping[str, Array]) -> Frame:
    """The plate with what was made, where it was touched and is finite, in its own space and kind of alpha."""
    light, position = Light.of(plate), plate.index("A")
    touched &= np.isfinite(made.rgb).all(axis=-1, keepdims=True) & np.isfinite(made.alpha)
    rgb = made.rgb / np.where(made.alpha > 0, made.alpha, 1) if is_straight(plate) else made.rgb
    rgb = np.where(touched, transform(plate.space, SPACE).inverse(rgb.astype(np.float32)), light.rgb)
    result = light.put_back(plate, rgb, layers)
    if position is not None:
        np.copyto(result.pixels[..., position], made.alpha[..., 0], where=touched[..., 0], casting="same_kind")
    return result
