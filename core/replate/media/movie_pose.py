"""How a movie's pictures are to be turned before they are shown; telephones note it instead of turning them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import av
import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import Type

__all__ = ["Pose"]

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Pose:
    """The upper left of a display matrix (ISO/IEC 14496-12, 6.2.2), where column x and row y of the file are shown:

    at column a x + c y and row b x + d y, each of a, b, c, d being -1, 0 or 1.
    """

    a: int = 1
    b: int = 0
    c: int = 0
    d: int = 1

    @classmethod
    def of(cls, picture: av.VideoFrame) -> Self:
        """That of a decoded picture; upright where it says nothing, or turns by something else than right angles."""
        try:
            matrix = np.frombuffer(picture.side_data[Type.DISPLAYMATRIX], np.int32)[[0, 1, 3, 4]]
        except KeyError:
            return cls()
        a, b, c, d = (int(value) for value in np.sign(matrix))
        straight = abs(a) + abs(b) == 1 and abs(a) == abs(d) and abs(b) == abs(c)
        return cls(a, b, c, d) if straight else cls()

    @property
    def is_turned(self) -> bool:
        """Whether width and height change places."""
        return self.a == 0

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height as shown."""
        return (height, width) if self.is_turned else (width, height)

    def upright(self, pixels: Array) -> Array:
        """H x W x C as shown."""
        if self == Pose():
            return pixels
        if self.is_turned:
            pixels = pixels.swapaxes(0, 1)
        across, down = (self.c, self.b) if self.is_turned else (self.a, self.d)
        return np.ascontiguousarray(pixels[:: down or 1, :: across or 1])
