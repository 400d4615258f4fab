"""A frame: named channels of pixels, where they lie, and what is written beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Frame", "Pixels", "Window"]

Pixels = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of pixels; `x`, `y` is its top-left corner, y grows downwards (OpenEXR's convention)."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column to the right of the window."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row below the window."""
        return self.y + self.height

    def intersect(self, other: Window) -> Window:
        """The common part; width or height is 0 where there is none."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        width, height = min(self.right, other.right) - x, min(self.bottom, other.bottom) - y
        return Window(x, y, max(0, width), max(0, height))

    def unite(self, other: Window) -> Window:
        """The smallest window that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Window(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def slices_in(self, outer: Window) -> tuple[slice, slice]:
        """Row and column slices of this window within an array that covers `outer`."""
        top, left = self.y - outer.y, self.x - outer.x
        return slice(top, top + self.height), slice(left, left + self.width)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One picture of a shot.

    `pixels` is H x W x C, float32 or float16, rows from the top, scene-linear or in whatever space `space` names;
    H and W are those of `data_window`. Nothing is clamped: values below 0, above 1, NaN and inf are legal.
    `formats` holds each channel's type in the file ("half", "float", "uint16", ...), so that writing keeps it.
    `metadata` are the file's attributes by name, untouched. `view` is the eye ("left") where a shot has several.

    `others` are the file's other parts, in order, each a frame of its own; `part` is this one's place among them all.
    """

    pixels: Pixels
    channels: tuple[str, ...]
    data_window: Window
    display_window: Window
    number: int = 0
    space: str = ""
    formats: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    view: str = ""
    others: tuple[Frame, ...] = ()
    part: int = 0

    def __post_init__(self) -> None:
        shape = (self.data_window.height, self.data_window.width, len(self.channels))
        if self.pixels.shape != shape:
            raise ValueError(f"pixels are {self.pixels.shape}, windows and channels say {shape}")
        if self.pixels.dtype not in (np.float32, np.float16):
            raise ValueError(f"pixels are {self.pixels.dtype}, a frame holds float32 or float16")

    @classmethod
    def of(cls, pixels: Pixels, channels: Sequence[str] = "RGBA", **fields: Any) -> Frame:
        """A frame whose windows are the size of `pixels` (H x W x C) with the first C of `channels`."""
        window = Window(0, 0, pixels.shape[1], pixels.shape[0])
        names = tuple(channels[: pixels.shape[2]])
        return cls(pixels=pixels, channels=names, data_window=window, display_window=window, **fields)

    @property
    def parts(self) -> tuple[Frame, ...]:
        """Every part of the file in its order; this frame alone where there is one."""
        return (*self.others[: self.part], self, *self.others[self.part :])

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the pixels of all parts take."""
        return sum(part.pixels.nbytes for part in self.parts)

    @classmethod
    def of_parts(cls, parts: Sequence[Frame], part: int = 0) -> Frame:
        """Part number `part`, with the others beside it."""
        return replace(parts[part], others=(*parts[:part], *parts[part + 1 :]), part=part)

    def index(self, channel: str) -> int | None:
        """Position of `channel`, or None."""
        return self.channels.index(channel) if channel in self.channels else None

    def rgb(self) -> tuple[int, int, int] | None:
        """Positions of R, G and B; a lone Y (grey) stands for all three; None where the frame has no colour."""
        found = [self.index(name) for name in "RGB"]
        if all(i is not None for i in found):
            return tuple(found)  # type: ignore[return-value]
        grey = self.index("Y")
        return None if grey is None else (grey, grey, grey)

    def with_pixels(self, pixels: Pixels) -> Frame:
        """The same frame with other pixels of the same shape."""
        return replace(self, pixels=pixels)
