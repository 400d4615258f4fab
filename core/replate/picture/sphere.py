"""The poles of a panorama, seen as they are: views in which nothing is stretched, and the way back.

A panorama (equirectangular projection) is W x H pixels for 360 x 180 degrees, so a row at the colatitude t (the angle
from its pole) is stretched to 1 / sin t of its length. `Cap` shows the surroundings of a pole in stereographic
projection (Snyder, "Map Projections: A Working Manual", USGS 1987, ch. 21), which keeps angles: r = 2 f tan(t / 2),
where f = H / pi is the panorama's pixels per radian.

Three views, turned by thirds, share the cap, so that a panorama that is rolled by a third of its width is seen by the
same three. In each of them the middle of its third runs straight down from the pole, as it does in the panorama.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["Cap", "smoothstep"]

Array = npt.NDArray[Any]
_RIM = 3  # pixels that cubic interpolation may need around the picture
_FADE = 32.0  # pixels over which one view turns into the next


def smoothstep(t: Array) -> Array:
    """From 0 to 1 as `t` does, flat at both ends."""
    t = np.clip(t, 0, 1)
    smooth: Array = t * t * (3 - 2 * t)
    return smooth


@dataclass(frozen=True)
class Cap:
    """The surroundings of the north pole of a panorama of `width` x `height`, out to the colatitude `edge` (radians).

    The views show `margin` pixels more than is used, for what a network looks at; what they fade over is used.
    """

    width: int
    height: int
    edge: float
    margin: int

    @property
    def rows(self) -> int:
        """How many rows of the panorama the cap has."""
        return math.ceil(self.edge / math.pi * self.height)

    @property
    def colatitude(self) -> Array:
        """The angle from the pole of each of these rows, rows x 1, in radians."""
        return _colatitude(self.rows, self.height)

    @property
    def seen(self) -> int:
        """How many rows of it the views show."""
        return min(self.height, math.ceil(float(self._in_panorama[1].max())))

    def views(self, panorama: Array) -> list[Array]:
        """The three views, h x w x C, of a panorama, `seen` x W x C float32."""
        columns, rows = self._in_panorama
        sheet = _rimmed(_smoothed(panorama, self.height))
        return [cv2.remap(_turned(sheet, -start), columns, rows, cv2.INTER_CUBIC) for start in self._starts]

    def together(self, views: Sequence[Array]) -> Array:
        """What was made of the three views (h x w x C float32) as rows x W x C of the panorama."""
        x, y, weight = self._in_view
        whole: Array = np.zeros((self.rows, self.width, views[0].shape[2]), np.float32)
        weights = np.zeros_like(whole[..., :1])
        for view, start in zip(views, self._starts, strict=True):
            whole += np.roll(weight * cv2.remap(view, x, y, cv2.INTER_CUBIC), start, axis=1)
            weights += np.roll(weight, start, axis=1)
        return whole / weights

    @property
    def _starts(self) -> list[int]:
        """The column where each third of the panorama begins."""
        return [round(third * self.width / 3) for third in range(3)]

    @property
    def _radius(self) -> float:
        return 2 * self._scale * math.tan(self.edge / 2)

    @property
    def _scale(self) -> float:
        return self.height / math.pi

    @property
    def _corner(self) -> tuple[int, int]:
        """Pixels to the left of the pole and above it in a view."""
        return math.ceil(self._radius * math.sin(math.pi / 3)) + self._border, self._border

    @property
    def _border(self) -> int:
        """Pixels that a view shows beyond its third: half of the fade, cubic interpolation's reach, the margin."""
        return math.ceil(_FADE / 2) + _RIM + self.margin

    @cached_property
    def _in_panorama(self) -> tuple[Array, Array]:
        """Column and row in the rimmed panorama of each pixel of the first third's view."""
        left, above = self._corner
        x = np.arange(-left, left) + 0.5
        y = np.arange(-above, math.ceil(self._radius) + self._border)[:, None] + 0.5
        longitude, colatitude = np.arctan2(x, y), 2 * np.arctan(np.hypot(x, y) / (2 * self._scale))
        columns = (longitude / (2 * np.pi) + 1 / 6) % 1 * self.width - 0.5 + _RIM
        rows = colatitude / np.pi * self.height - 0.5 + _RIM
        return columns.astype(np.float32), rows.astype(np.float32)

    @cached_property
    def _in_view(self) -> tuple[Array, Array, Array]:
        """Place of each of the cap's pixels in the first third's view, and how much that view counts there."""
        longitude = ((np.arange(self.width) + 0.5) / self.width - 1 / 6 + 0.5) % 1 * 2 * np.pi - np.pi
        radius = 2 * self._scale * np.tan(self.colatitude / 2)
        left, above = self._corner
        x, y = radius * np.sin(longitude) + left - 0.5, radius * np.cos(longitude) + above - 0.5
        # How far inside its third, in pixels; beyond a right angle to its border the pole is nearest.
        inside = radius * np.sin(np.maximum(np.pi / 3 - np.abs(longitude), -np.pi / 2))
        weight = smoothstep(inside / _FADE + 0.5)
        return x.astype(np.float32), y.astype(np.float32), weight.astype(np.float32)[..., None]


def _colatitude(rows: int, height: int) -> Array:
    middle: Array = (np.arange(rows)[:, None] + 0.5) / height * np.pi
    return middle


def _smoothed(rows: Array, height: int) -> Array:
    """The first rows of a panorama without what is finer than the sphere's own pixels, which a view cannot show.

    Gaussian along each row, which is a circle. A pixel of the row is cos t narrower than one of the view, so that a
    standard deviation of half the view's pixel is left to add: cos t / 2, at the equator nothing.
    """
    width = rows.shape[1]
    colatitude = _colatitude(len(rows), height)
    deviation = np.cos(np.minimum(colatitude, np.pi / 2)) / 2 * width / (2 * height * np.sin(colatitude))
    response = np.exp(-2 * (np.pi * np.fft.rfftfreq(width) * deviation) ** 2)
    smooth = np.empty_like(rows)
    for channel in range(rows.shape[2]):  # in double precision, or a rolled row would differ in what a network sees
        spectrum = np.fft.rfft(rows[..., channel].astype(np.float64), axis=1)
        smooth[..., channel] = np.fft.irfft(spectrum * response, width, axis=1)
    return smooth


def _rimmed(rows: Array) -> Array:
    """The rows continued over the pole and around both sides."""
    beyond = np.roll(rows[:_RIM][::-1], rows.shape[1] // 2, axis=1)
    return np.pad(np.concatenate([beyond, rows]), ((0, 0), (_RIM, _RIM), (0, 0)), mode="wrap")


def _turned(sheet: Array, columns: int) -> Array:
    """A rimmed sheet rolled by so many columns of the panorama in it."""
    return np.pad(np.roll(sheet[:, _RIM:-_RIM], columns, axis=1), ((0, 0), (_RIM, _RIM), (0, 0)), mode="wrap")
