"""A frame as plain pictures and movies hold it: the display window, colour, and alpha where there is room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..frame import Frame

__all__ = ["flatten"]


def flatten(frame: Frame, *, alpha: bool, grey: bool = True) -> Frame:
    """R G B, or Y alone where `grey` allows it, and A where `alpha` does; float32.

    Overscan is cut off and what the data window does not reach is 0. Of a frame without colour the first channel is
    shown as grey.
    """
    positions = frame.rgb() or (0, 0, 0)
    lone = grey and len(set(positions)) == 1
    chosen = list(positions[:1] if lone else positions)
    names = ["Y"] if lone else ["R", "G", "B"]
    if alpha and (index := frame.index("A")) is not None:
        chosen, names = [*chosen, index], [*names, "A"]
    window = frame.display_window
    pixels = np.zeros((window.height, window.width, len(chosen)), np.float32)
    shown = frame.data_window.intersect(window)
    if shown.width and shown.height:
        pixels[shown.slices_in(window)] = frame.pixels[shown.slices_in(frame.data_window)][..., chosen]
    formats = tuple(frame.formats[i] for i in chosen) if frame.formats else ()
    return replace(frame, pixels=pixels, channels=tuple(names), formats=formats, data_window=window)
