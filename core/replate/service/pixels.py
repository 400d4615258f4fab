"""From a frame to the pixels that a host wants to see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from ..errors import UsageError
from ..frame import Frame, Pixels
from ..media.half import widened
from ..media.sink import in_space
from ..params import nearest
from ..picture.compositing import seen_through
from .pictures import Pictures

__all__ = ["place", "shown"]

_WIDE = widened(np.arange(2**16, dtype=np.uint16).view(np.float16))


def shown(frame: Frame, *, space: str = "") -> Frame:
    """The frame as a host sees it: through its display window, and in this colour space where one is named."""
    frame = seen_through(frame, frame.display_window)
    return in_space(frame, space) if space else frame


def place(
    frame: Frame, pictures: Pictures, *, channels: Sequence[str] = (), layers: Sequence[str] = ()
) -> dict[str, Any]:
    """Put a picture where the client can read it, float32, row after row from the top, channels side by side.

    Returns what the client has to know of it. Without `channels` they are R G B and A, or Y and A, as far as the
    picture has them. Channels of `layers` that it has come behind them. Raises UsageError for one of `channels` that it
    does not have, and what `Pictures.give` raises.
    """
    channels = (*_chosen(frame, channels), *(name for name in layers if name in frame.channels))
    planes = [np.ascontiguousarray(frame.pixels[..., frame.channels.index(name)]) for name in channels]
    shape = (*planes[0].shape, len(planes))
    name, path, memory = pictures.give(4 * math.prod(shape))
    _fill(np.frombuffer(memory, np.float32).reshape(shape), planes)
    return {
        "picture": name,
        "file": str(path),
        "width": shape[1],
        "height": shape[0],
        "channels": list(channels),
        "space": frame.space,
        "frame": frame.number,
    }


def _chosen(frame: Frame, channels: Sequence[str]) -> tuple[str, ...]:
    for name in channels:
        if name not in frame.channels:
            raise UsageError(f"the picture has no channel '{name}'{nearest(name, frame.channels)}")
    usual = "RGBA" if "R" in frame.channels else "YA"
    return tuple(channels) or tuple(name for name in usual if name in frame.channels)


def _fill(there: Pixels, planes: Sequence[Pixels]) -> None:
    """`planes` side by side in `there`; half through a table of all its values, which is three times as fast."""
    if planes[0].dtype == np.float16:
        values = cv2.merge([plane.view(np.uint16) for plane in planes]).reshape(there.shape)
        try:
            made = cv2.LUT(values, _WIDE, there)
        except cv2.error:  # before OpenCV 5 its tables have 256 values
            made = _WIDE[values]
    else:
        made = cv2.merge(planes, there)
    if made is not there:
        there[:] = made.reshape(there.shape)
