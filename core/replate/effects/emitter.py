"""What burns: the emitter's mattes of a frame and of those before it, ready to be asked at any place and time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..frame import Window

__all__ = ["Emitter"]

Array = npt.NDArray[Any]


class Emitter:
    """Mattes (h x w float32 in 0..1 over `window`) of the frame, the one before, and so on.

    `window` is in pixels from the display window's corner; the mattes may be smaller than it is. What came before the
    last of them gave nothing. `softness` is the standard deviation of a blur in pixels, `around` the width of a
    panorama in pixels, 0 if it is none.
    """

    def __init__(self, mattes: Sequence[Array], window: Window, *, softness: float, around: int = 0) -> None:
        self.mattes, self.window, self.around = mattes, window, around
        height, width = mattes[0].shape
        self.pitch = window.width / width, window.height / height
        self.softness = softness
        self._soft: dict[int, Array] = {}

    def sampled(self, back: float, x: Array, y: Array, *, spread: float = 0.0) -> Array:
        """The matte `back` frames ago at places in pixels; 0 beyond its window.

        `spread` is a further blur in pixels, as its softness is.
        """
        if spread:
            wider = self._spread(back, spread)
            return wider.sampled(0.0, x, y)
        x = x if not self.around else np.mod(x - self.window.x, np.float32(self.around)) + np.float32(self.window.x)
        columns = (x - np.float32(self.window.x)) / np.float32(self.pitch[0]) - np.float32(0.5)
        rows = (y - np.float32(self.window.y)) / np.float32(self.pitch[1]) - np.float32(0.5)
        if self.around:
            columns += np.float32(self._margin)
        found: Array = cv2.remap(self._at(back), columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return found

    def _spread(self, back: float, spread: float) -> Emitter:
        """The matte of a moment alone, wider, and as much smaller as nobody can see."""
        matte = self._raw(back)
        factor = max(1, math.floor(spread / min(self.pitch) / 3))
        size = math.ceil(matte.shape[1] / factor), math.ceil(matte.shape[0] / factor)
        small = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
        return Emitter([small], self.window, softness=math.hypot(self.softness, spread), around=self.around)

    def _raw(self, back: float) -> Array:
        """The hard matte, nearest in time: what is spread has lost its place within a frame."""
        index = round(back)
        return self.mattes[index] if index < len(self.mattes) else np.zeros_like(self.mattes[0])

    def _at(self, back: float) -> Array:
        """The soft matte; between two frames, both in proportion."""
        early, late, share = math.ceil(back), math.floor(back), np.float32(back - math.floor(back))
        newer = self._softened(late)
        return newer if not share else newer + share * (self._softened(early) - newer)

    def _softened(self, back: int) -> Array:
        index = self.mattes[back] if back < len(self.mattes) else None
        key = back if index is None else id(index)  # a still is one matte, often
        if key not in self._soft:
            self._soft[key] = self._blurred(np.zeros_like(self.mattes[0]) if index is None else index)
        return self._soft[key]

    def _blurred(self, matte: Array) -> Array:
        if self.around:
            matte = np.pad(matte, ((0, 0), (self._margin, self._margin)), mode="wrap")
        if self.softness <= 0:
            return matte
        wide, high = (self.softness / each for each in self.pitch)
        soft: Array = cv2.GaussianBlur(matte, (0, 0), sigmaX=wide, sigmaY=high, borderType=cv2.BORDER_CONSTANT)
        return soft

    @property
    def _margin(self) -> int:
        """Columns that a panorama is continued by at its sides."""
        return 2 + math.ceil(4 * float(self.softness / self.pitch[0]))
