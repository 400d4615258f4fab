"""Mattes of a whole window, small enough to be held all at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..frame import Frame, Pixels, Window
from .layers import find_pictures

__all__ = ["factor_of", "scaled", "smaller"]

_FACTOR = "replate:smaller"  # in the metadata


def smaller(frame: Frame, factor: int, *, channel: str = "") -> Frame:
    """What `matte_of` can want of a mask with this `channel`, each pixel the mean of `factor` x `factor`.

    Blocks are counted from the display window's corner, which lies at 0, 0 then; beyond the data window they hold 0.
    Values are held within 0..1, and 0 where they are not finite, as a matte's are.
    """
    wanted = _wanted(frame, channel)
    parts = [_reduced(part, factor, wanted(number)) for number, part in enumerate(frame.parts)]
    return Frame.of_parts(parts, frame.part)


def factor_of(frame: Frame) -> int:
    """By how much a frame was made smaller."""
    factor: int = frame.metadata.get(_FACTOR, 1)
    return factor


def scaled(frame: Frame, factor: int) -> tuple[Window, Window]:
    """Data and display window of a frame, counted in blocks from the display window's corner."""
    data, display = frame.data_window, frame.display_window
    return _blocks(data, display, factor), _blocks(display, display, factor)


def _blocks(window: Window, corner: Window, factor: int) -> Window:
    left, top = (window.x - corner.x) // factor, (window.y - corner.y) // factor
    right, bottom = -((corner.x - window.right) // factor), -((corner.y - window.bottom) // factor)
    return Window(left, top, right - left, bottom - top)


def _wanted(frame: Frame, channel: str) -> Callable[[int], tuple[str, ...]]:
    """The channels of each part by which a mask may be meant."""
    if channel:
        layer, last = f"{channel}.", f".{channel.rpartition('.')[2]}"
        parts = frame.parts
        return lambda number: tuple(
            name for name in parts[number].channels if f".{name}".endswith(last) or name.startswith(layer)
        )
    found = [(picture.part, name) for picture in find_pictures(frame.parts) for _, name in picture.channels]
    if not found:
        return lambda number: tuple(name for name in frame.parts[number].channels[:1])
    return lambda number: tuple(dict.fromkeys(name for part, name in found if part == number))


def _reduced(part: Frame, factor: int, names: tuple[str, ...]) -> Frame:
    small, display = scaled(part, factor)
    left, top = (small.x * factor + part.display_window.x, small.y * factor + part.display_window.y)
    planes = np.zeros((small.height * factor, small.width * factor, len(names)), np.float32)
    rows, columns = (slice(a, a + n) for a, n in zip(_inside(part, left, top), part.pixels.shape, strict=False))
    for at, name in enumerate(names):
        plane = np.nan_to_num(part.pixels[..., part.channels.index(name)].astype(np.float32), posinf=0, neginf=0)
        planes[rows, columns, at] = np.clip(plane, 0, 1)
    metadata: Mapping[str, Any] = {**part.metadata, _FACTOR: factor}
    return replace(
        part,
        pixels=_means(planes, factor),
        channels=names,
        formats=(),
        data_window=small,
        display_window=display,
        metadata=metadata,
        others=(),
        part=0,
    )


def _inside(part: Frame, left: int, top: int) -> tuple[int, int]:
    return part.data_window.y - top, part.data_window.x - left


def _means(planes: Pixels, factor: int) -> Pixels:
    height, width, count = planes.shape
    blocks = planes.reshape(height // factor, factor, width // factor, factor, count)
    means: Pixels = blocks.mean(axis=(1, 3), dtype=np.float32).astype(np.float16)
    return means
