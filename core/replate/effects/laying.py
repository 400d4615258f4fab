"""What burns over a plate: with its light on what is around it, and with the layers for a comp of one's own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..frame import Frame, Window
from ..picture.compositing import Array, Light, over
from ..picture.linear import Layer, layer_of, put_back
from .cast import cast
from .light import Element

__all__ = ["LAYERS", "Burnt", "laid", "with_layers"]


@dataclass(frozen=True)
class Burnt:
    """An element over a window of the plate, with its motion.

    `ways` (H x W x 4 float32) lead to where it is in the next frame and where it was in the last: pixels right, down.
    """

    element: Element
    ways: Array
    window: Window

    def through(self, window: Window) -> Burnt:
        """As it is seen through another window."""

        def seen(array: Array) -> Array:
            return over(array, self.window, window)

        return Burnt(self.element.each(seen), seen(self.ways), window)

    def around(self, whole: Window) -> Burnt:
        """The same over the whole of a panorama, whose sides meet."""
        inside = Window(self.window.x, whole.y, self.window.width, whole.height)
        columns = (np.arange(self.window.x, self.window.right) - whole.x) % whole.width

        def wrapped(array: Array) -> Array:
            joined = np.zeros((whole.height, whole.width, array.shape[2]), np.float32)
            joined[:, columns] = over(array, self.window, inside)
            return joined

        return Burnt(self.element.each(wrapped), wrapped(self.ways), whole)


def laid(plate: Frame, burnt: Burnt, values: Mapping[str, Any]) -> Frame:
    """The plate under what burns in it, and lit by it.

    Porter and Duff's "over"; the plate's own bits where there is neither light nor smoke.
    """
    amount, reach = np.float32(values["cast.amount"]), math.ceil(values["cast.reach"] * values["scale"])
    burnt = burnt.through(_grown(burnt.window, reach if amount else 0).intersect(plate.data_window))
    element, below = burnt.element, layer_of(plate, burnt.window)
    light, alpha = (np.float32(values["mix"]) * each for each in (element.light, element.alpha))
    with np.errstate(invalid="ignore", over="ignore"):  # of pixels that are not finite, which stay as they are
        lit = below.rgb
        if amount:
            lit = lit + amount * np.float32(values["mix"]) * cast(element.emission, below.rgb, reach=reach)
        made = Layer(lit * (1 - alpha) + light, alpha + below.alpha * (1 - alpha))
        touched = (alpha > 0) | _any(light > 0) | (_any(lit != below.rgb) if amount else False)
    return put_back(plate, made, touched, {}, window=burnt.window)


def with_layers(plate: Frame, burnt: Burnt | None, values: Mapping[str, Any]) -> Frame:
    """The plate with the layers that were asked for behind its own channels; 0 where nothing burns."""
    layers, light = dict[str, Array](), Light.of(plate)
    nothing = np.zeros((plate.data_window.height, plate.data_window.width, 1), np.float32)
    for names, shown in (LAYERS[group] for group in LAYERS if values[group]):
        planes = None if burnt is None else over(shown(burnt), burnt.window, plate.data_window)
        for at, name in enumerate(names):
            layers[f"replate.{name}"] = nothing if planes is None else planes[..., at, None]
    return light.put_back(plate, light.rgb, layers)


def _element(burnt: Burnt) -> Array:
    return np.concatenate([burnt.element.light, burnt.element.alpha, burnt.element.emission], axis=-1)


def _data(burnt: Burnt) -> Array:
    return np.concatenate([burnt.element.density, burnt.element.temperature], axis=-1)


def _ways(burnt: Burnt) -> Array:
    """As Nuke has them, with v upwards; none where there is nothing to move."""
    there = (burnt.element.alpha > 0) | _any(burnt.element.light > 0)
    ways: Array = burnt.ways * there * np.array([1, -1, 1, -1], np.float32)
    return ways


LAYERS: Mapping[str, tuple[tuple[str, ...], Callable[[Burnt], Array]]] = {
    "layer.element": ((*(f"element.{c}" for c in "RGBA"), *(f"emission.{c}" for c in "RGB")), _element),
    "layer.data": (("density", "temperature"), _data),
    "layer.motion": (("forward.u", "forward.v", "backward.u", "backward.v"), _ways),
}
"""The parameters that ask for layers: the channels of each, and what they hold (H x W x C float32)."""


def _any(channels: Array) -> Array:
    """Where any of three channels (H x W x 3) is True: H x W x 1."""
    found: Array = channels[..., :1] | channels[..., 1:2] | channels[..., 2:]
    return found


def _grown(window: Window, by: int) -> Window:
    return Window(window.x - by, window.y - by, window.width + 2 * by, window.height + 2 * by)
