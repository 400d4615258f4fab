"""Pictures made smaller to be worked on, and what was made of them brought back, without flicker in motion.

Pixel j of a picture half as large is pixel 2 j, blurred by Burt and Adelson's filter ("The Laplacian pyramid as a
compact image code", 1983): its taps for even and for odd pixels sum to the same, so that a point of light gives the
same energy wherever it lies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy.typing as npt

__all__ = ["Smaller", "halvings"]

Array = npt.NDArray[Any]


def halvings(scale: float) -> int:
    """How often a picture is halved where its lengths in pixels are multiplied by `scale`: once at 1, so that a proxy
    of half the size is worked on as it is and shows the same."""
    return max(0, round(math.log2(2 * scale)))


@dataclass(frozen=True, slots=True)
class Smaller:
    """A picture of height x width that is halved so many `times`, on a grid that lies at (left, top) pixels from the
    picture's corner."""

    height: int
    width: int
    times: int
    left: int = 0
    top: int = 0

    @property
    def step(self) -> int:
        """Pixels of the picture to one of the small one."""
        return 1 << self.times

    def reduce(self, picture: Array) -> Array:
        """The picture (H x W x C float32) on the small grid; dark beyond its borders."""
        margin, step = self._margin, self.step
        rows, columns = (-(-(lead + side + margin) // step) * step - lead - side for lead, side in self._sides)
        small = cv2.copyMakeBorder(
            picture, margin + self.top, rows, margin + self.left, columns, cv2.BORDER_CONSTANT, value=0
        )
        for _ in range(self.times):
            small = cv2.pyrDown(small)
        reduced: Array = small if small.ndim == 3 else small[..., None]
        return reduced

    def enlarge(self, small: Array) -> Array:
        """The small picture (h x w x C) as large as the whole one."""
        for _ in range(self.times):
            small = cv2.pyrUp(small)
        top, left = self._margin + self.top, self._margin + self.left
        large = small if small.ndim == 3 else small[..., None]
        seen: Array = large[top : top + self.height, left : left + self.width]
        return seen

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a place of the picture, in pixels from its first pixel's middle, lies in the small one."""
        return (x + self.left + self._margin) / self.step, (y + self.top + self._margin) / self.step

    @property
    def _margin(self) -> int:
        """Pixels into which light at a border is blurred."""
        return 4 * self.step if self.times else 0

    @property
    def _sides(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return (self._margin + self.top, self.height), (self._margin + self.left, self.width)
