"""What burns: the emitter's mattes of a frame and of those before it, ready to be asked at any place and time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..frame import Window

__all__ = ["Emitter"]

Array = npt.NDArray[Any]

_SEEN = 3  # samples within the standard deviation of a blur that are enough to show it


class Emitter:
    """Mattes (h x w float32 in 0..1 over `window`) of the frame, the one before, and so on.

    `window` is in pixels from the display window's corner; the mattes may be smaller than it is. What came before the
    last of them gave nothing. `softness` is the standard deviation of a blur in pixels, `around` the width of a
    panorama in pixels, 0 if it is none.
    """

    def __init__(self, mattes: Sequence[Array], window: Window, *, softness: float, around: int = 0) -> None:
        self.mattes, self.window, self.around, self.softness = mattes, window, around, softness
        height, width = mattes[0].shape
        factor = max(1, math.floor(softness / max(window.width / width, window.height / height) / _SEEN))
        self.size = math.ceil(width / factor), math.ceil(height / factor)
        self.pitch = window.width / self.size[0], window.height / self.size[1]
        self._soft: dict[int, Array] = {}
        self._wider: dict[tuple[int, float], Emitter] = {}

    def sampled(self, back: float, x: Array, y: Array, *, spread: float = 0.0) -> Array:
        """The matte `back` frames ago at places in pixels; 0 beyond its window.

        `spread` is a further blur in pixels, as its softness is.
        """
        if spread:
            return self._widened(self._hard(back), spread).sampled(0.0, x, y)
        left, top = (np.float32(each) for each in (self.window.x, self.window.y))
        x = np.mod(x - left, np.float32(self.around)) if self.around else x - left
        columns = x / np.float32(self.pitch[0]) + np.float32(self._margin - 0.5)
        rows = (y - top) / np.float32(self.pitch[1]) - np.float32(0.5)
        found: Array = cv2.remap(self._at(back), columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return found

    def _widened(self, matte: Array, spread: float) -> Emitter:
        """One with this matte alone, and softer; who looks ahead asks for the same as the one who then works."""
        key = id(matte), spread
        if key not in self._wider:
            wide = math.hypot(self.softness, spread)
            self._wider[key] = Emitter([matte], self.window, softness=wide, around=self.around)
        return self._wider[key]

    def _hard(self, back: float) -> Array:
        """The matte nearest in time: what is spread has lost its place within a frame."""
        index = round(back)
        return self.mattes[index] if index < len(self.mattes) else self._nothing

    @cached_property
    def _nothing(self) -> Array:
        return np.zeros_like(self.mattes[0])

    def _at(self, back: float) -> Array:
        """The soft matte; between two frames, both in proportion."""
        early, late, share = math.ceil(back), math.floor(back), np.float32(back - math.floor(back))
        newer = self._softened(late)
        return newer if not share else newer + share * (self._softened(early) - newer)

    def _softened(self, back: int) -> Array:
        index = self.mattes[back] if back < len(self.mattes) else None
        key = back if index is None else id(index)  # a still is one matte, often
        if key not in self._soft:
            self._soft[key] = self._blurred(self._nothing if index is None else index)
        return self._soft[key]

    def _blurred(self, matte: Array) -> Array:
        """The matte as small as nobody can see, and soft."""
        small: Array = cv2.resize(matte, self.size, interpolation=cv2.INTER_AREA)
        if self._margin:
            small = np.pad(small, ((0, 0), (self._margin, self._margin)), mode="wrap")
        if self.softness <= 0:
            return small
        wide, high = (self.softness / each for each in self.pitch)
        soft: Array = cv2.GaussianBlur(small, (0, 0), sigmaX=wide, sigmaY=high, borderType=cv2.BORDER_CONSTANT)
        return soft

    @property
    def _margin(self) -> int:
        """Columns that a panorama is continued by at its sides."""
        return 2 + math.ceil(4 * self.softness / self.pitch[0]) if self.around else 0
