"""Where a field has its samples: a lattice that lies still on the shot, and the part of it that is worked on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ..frame import Window

__all__ = ["SAMPLES", "Lattice"]

Array = npt.NDArray[Any]
Pair = tuple[Array, Array]

SAMPLES = 48
"""Of a coarse field across the largest eddy."""


@dataclass(frozen=True)
class Lattice:
    """Samples `pitch` pixels apart (across, down), counted from the display window's corner.

    `column`, `row` are the first of `columns` x `rows` that are worked on. In a panorama `around` samples go once
    around; else it is 0.
    """

    pitch: tuple[float, float]
    column: int
    row: int
    columns: int
    rows: int
    around: int = 0

    @classmethod
    def over(cls, window: Window, eddy: tuple[float, float], *, around: int = 0) -> Lattice:
        """Over a window (x, y from the display window's corner) for eddies of so many pixels across and down.

        `around` is the width of a panorama in pixels.
        """
        pitch = eddy[0] / SAMPLES, eddy[1] / SAMPLES
        column, row = math.floor(window.x / pitch[0]), math.floor(window.y / pitch[1])
        right, bottom = math.ceil(window.right / pitch[0] - 1e-6), math.ceil(window.bottom / pitch[1] - 1e-6)
        return cls(pitch, column, row, right - column, bottom - row, round(around / pitch[0]))

    def finer(self, factor: float) -> Lattice:
        """With so many times as many samples each way, over the same place; coarser below 1, and then over no less."""
        left, top = math.floor(self.column * factor), math.floor(self.row * factor)
        right, bottom = (
            math.ceil((first + count) * factor) for first, count in ((self.column, self.columns), (self.row, self.rows))
        )
        pitch = self.pitch[0] / factor, self.pitch[1] / factor
        return Lattice(pitch, left, top, right - left, bottom - top, round(self.around * factor))

    def part(self, rows: slice, columns: slice) -> Lattice:
        """These of its rows and columns; they may lie beyond its own."""
        return replace(
            self,
            column=self.column + columns.start,
            row=self.row + rows.start,
            columns=columns.stop - columns.start,
            rows=rows.stop - rows.start,
        )

    def places(self) -> Pair:
        """Where its samples are, in pixels from the display window's corner: x and y, each rows x columns float32."""
        x = (np.arange(self.column, self.column + self.columns) + 0.5) * self.pitch[0]
        y = (np.arange(self.row, self.row + self.rows) + 0.5) * self.pitch[1]
        x, y = np.meshgrid(x, y)
        return x.astype(np.float32), y.astype(np.float32)

    @property
    def window(self) -> Window:
        """The pixels that it covers wholly."""
        left, top = (math.ceil(n * p - 1e-6) for n, p in zip((self.column, self.row), self.pitch, strict=True))
        right = math.floor((self.column + self.columns) * self.pitch[0] + 1e-6)
        bottom = math.floor((self.row + self.rows) * self.pitch[1] + 1e-6)
        return Window(left, top, right - left, bottom - top)

    def picture(self, grid: Array, window: Window) -> Array:
        """What the samples hold (rows x columns x C), as pixels of `window`: H x W x C float32, C up to 4.

        Cubic where there are more pixels than samples, else blurred by as much as pixels hold several.
        """
        a, b = 1 / self.pitch[0], 1 / self.pitch[1]
        if max(a, b) > 1:
            wide, high = (0.5 * math.sqrt(max(0.0, each**2 - 1)) + 1e-3 for each in (a, b))
            grid = cv2.GaussianBlur(grid, (0, 0), sigmaX=wide, sigmaY=high)
        x, y = (0.5 + window.x) * a - self.column - 0.5, (0.5 + window.y) * b - self.row - 0.5
        how = cv2.WARP_INVERSE_MAP | (cv2.INTER_CUBIC if max(a, b) < 1 else cv2.INTER_LINEAR)
        matrix = np.array([[a, 0, x], [0, b, y]])
        seen: Array = cv2.warpAffine(
            grid, matrix, (window.width, window.height), flags=how, borderMode=cv2.BORDER_REPLICATE
        )
        return seen.reshape(window.height, window.width, -1)
