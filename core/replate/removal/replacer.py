"""The work of the Removal node where it lays another background behind what stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from ..frame import Frame, Window
from ..nodes.base import Shots
from ..nodes.mask import mask_values
from ..picture.compositing import Array
from ..picture.layers import find_pictures
from ..picture.linear import Layer, layer_of
from ..picture.matte import matte_of
from ..picture.pictures import take
from .difference import Difference, brought, difference
from .replace import Edge, replaced

__all__ = ["with_background"]


def with_background(frames: Shots, values: Mapping[str, Any], *, around: bool) -> Frame:
    """`frames["plate"][0]` with the background in the hole, or outside of the foreground, as `values` say."""
    plate = frames["plate"][0]
    matte, old = _matte(frames, values, around)
    inside = values["replace"] == "hole"
    return replaced(
        plate,
        1 - matte if inside else matte,
        _placed(_picture(frames["background"][0], plate.view), plate, fill=values["background.fit"] == "fill"),
        edge=Edge(decontaminate=values["edge.decontaminate"], wrap=values["wrap.amount"], width=values["wrap.width"]),
        old=None if inside else old,  # in a hole it is the thing that goes, which no clean plate shows
        mix=values["mix"],
        show=values["layer.matte"],
    )


def _matte(frames: Shots, values: Mapping[str, Any], around: bool) -> tuple[Array, Array | None]:
    """What the job calls inside, H x W x 1, and what is behind it in the plate's light, where that is known."""
    plate = frames["plate"][0]
    mask = None
    if "mask" in frames:
        mask = matte_of(frames["mask"][0], plate, **mask_values(values), around=around)
    if "clean" not in frames:
        assert mask is not None
        return mask, None
    light, clean = layer_of(plate, plate.data_window).rgb, _clean(frames)
    if values["matte"] == "mask":
        assert mask is not None
        return mask, brought(light, clean)
    found = _difference(light, clean, values)
    return found.matte if mask is None else found.matte * mask, found.behind


def _difference(light: Array, clean: Array, values: Mapping[str, Any]) -> Difference:
    knobs = ("sensitivity", "softness", "shadows")
    return difference(light, clean, **{name: values[f"difference.{name}"] for name in knobs})


def _clean(frames: Shots) -> Array:
    """The nearest clean plate, H x W x 3 ACEScg over the plate's window; NaN where it shows nothing."""
    plate, clean = frames["plate"][0], frames["clean"]
    nearest = min(clean, key=lambda offset: (abs(offset), offset))
    layer = layer_of(_picture(clean[nearest], plate.view), plate.data_window)
    return np.where(layer.alpha > 0, layer.rgb, np.float32(np.nan))


def _picture(frame: Frame, view: str) -> Frame:
    """The main picture of a file that may have several, in the plate's view where there is that."""
    found = find_pictures(frame.parts)
    chosen = next((each for each in found if each.view == view), found[0] if found else None)
    return frame if chosen is None else take(frame, chosen)


def _placed(frame: Frame, plate: Frame, *, fill: bool) -> Layer:
    """The background over the plate's data window: by its coordinates, or scaled to `fill` the display window."""
    here, there = frame.display_window, plate.display_window
    if not fill or here == there:
        return layer_of(frame, plate.data_window)
    whole = layer_of(frame, here)
    scale = max(there.width / here.width, there.height / here.height)
    return Layer(*(_scaled(each, scale, there, plate.data_window) for each in (whole.rgb, whole.alpha)))


def _scaled(picture: Array, scale: float, display: Window, window: Window) -> Array:
    """`picture` (H x W x C), by `scale` about the middle of `display`, as it is seen through `window`."""
    height, width = picture.shape[:2]
    if scale < 1:  # means of all pixels that fall together, before cubic interpolation
        size = max(1, round(width * scale)), max(1, round(height * scale))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    across, down = scale * width / picture.shape[1], scale * height / picture.shape[0]
    left = display.x - window.x + (display.width - scale * width) / 2 + (across - 1) / 2
    top = display.y - window.y + (display.height - scale * height) / 2 + (down - 1) / 2
    matrix = np.array([[across, 0, left], [0, down, top]])
    size = window.width, window.height
    seen: Array = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return seen.reshape(window.height, window.width, -1)
