"""Alpha, depth and other channels beside the colour, in a hole."""

from __future__ import annotations

import numpy as np

from ..frame import Frame
from ..picture.ids import id_channels
from .pyramid import pyramid_fill
from .views import Array

__all__ = ["filled_aovs"]


def filled_aovs(frame: Frame, hole: Array) -> Frame:
    """`frame` with every channel that is no colour filled smoothly in its `hole` (H x W x 1, above 0 inside).

    Object IDs stay: between two objects lies no third. So do the bits outside the hole.
    """
    names = [name for name in frame.channels if name not in (*"RGBY", *id_channels(frame))]
    if not names:
        return frame
    inside, pixels = hole[..., 0] > 0, frame.pixels.copy(order="K")
    for plane in (pixels[..., frame.channels.index(name)] for name in names):
        filled = pyramid_fill(np.asarray(plane, np.float32)[..., None], inside[..., None].astype(np.float32))
        np.copyto(plane, filled[..., 0], where=inside, casting="same_kind")
    return frame.with_pixels(pixels)
