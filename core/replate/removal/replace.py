"""A foreground over another background: what a matte keeps of a plate, laid over another plate.

All of it happens in scene-linear light. The matte says how much of a pixel stays. A plate that is transparent itself
keeps no more than its alpha, so a keyed plate can be given its own alpha as matte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..frame import Frame
from ..picture.compositing import Array
from ..picture.linear import Layer, layer_of, put_back
from .edges import foreground
from .wrap import wrapped

__all__ = ["Edge", "replaced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """What is done to the edge of what stays.

    `decontaminate` (0..1) is how far the old background's colour is taken out of it; `wrap` (0..1) and `width` (pixels)
    are amount and reach of the new background's light over it.
    """

    decontaminate: float = 1.0
    wrap: float = 0.0
    width: float = 8.0


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
    layers = {"replate.matte": keep} if show else {}
    return put_back(plate, made, touched, layers, window=plate.data_window)


def _mixed(front: Layer, made: Layer, mix: float) -> Layer:
    return Layer(front.rgb + mix * (made.rgb - front.rgb), front.alpha + mix * (made.alpha - front.alpha))


def _cleaned(light: Array, keep: Array, amount: float, old: Array | None) -> Array:
    """The light of what stays, freed of what stood behind it."""
    if amount <= 0 or not ((keep > 0) & (keep < 1)).any():
        return light
    clean = foreground(light, keep, background=old)
    return np.where(keep < 1, light + np.float32(amount) * (clean - light), light)
