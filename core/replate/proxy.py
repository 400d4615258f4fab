"""Proxies: frames and settings at a fraction of their size, for previews that need not wait.

A generator paints strokes of its own size, so a proxy shows where things go and how strong they are, not the last
detail. What is rendered is never a proxy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2

from .frame import Frame, Window
from .params import Curve, Param, Setting

__all__ = ["scaled_lengths", "smaller"]


def smaller(frame: Frame, scale: float) -> Frame:
    """The frame at `scale` (0 to 1) of its size: every part, pixels averaged, float32, windows rounded."""
    if scale >= 1:
        return frame
    return replace(_part(frame, scale), others=tuple(_part(part, scale) for part in frame.others))


def _part(frame: Frame, scale: float) -> Frame:
    window = _window(frame.data_window, scale)
    shape = window.height, window.width, len(frame.channels)
    pixels = cv2.resize(frame.pixels.astype("f4"), shape[1::-1], interpolation=cv2.INTER_AREA).reshape(shape)
    return replace(frame, pixels=pixels, data_window=window, display_window=_window(frame.display_window, scale))


def _window(window: Window, scale: float) -> Window:
    x, y = round(window.x * scale), round(window.y * scale)
    return Window(x, y, max(1, round(window.right * scale) - x), max(1, round(window.bottom * scale) - y))


def scaled_lengths(params: Sequence[Param], settings: Mapping[str, Setting], scale: float) -> dict[str, Setting]:
    """The settings for a picture at `scale`: what counts in pixels shrinks with it, defaults too."""
    lengths = {param.name: settings.get(param.name, param.default) for param in params if param.unit == "px"}
    return {**settings, **{name: _scaled(setting, scale) for name, setting in lengths.items()}}


def _scaled(setting: Setting, scale: float) -> Setting:
    if isinstance(setting, Curve):
        return replace(setting, keys=tuple((frame, value * scale) for frame, value in setting.keys))
    return setting * scale if isinstance(setting, int | float) else setting
