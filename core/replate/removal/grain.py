"""The plate's own grain, laid over what fills a hole.

Grain is taken for what Norkin and Birkbeck, "Film grain synthesis for AV1 video codec" (DCC 2018), take it for: noise
of one spectrum whose strength follows the brightness below it. They describe the spectrum by an autoregressive filter,
which runs over a picture from its corner; here symmetric filters do it, which can begin anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..frame import Window
from ..picture.compositing import Array
from ..picture.noise import field

__all__ = ["NOTHING", "REACH", "Grain"]

REACH = 12  # pixels to which grain is correlated, at most
NOTHING = 1e-6  # standard deviation that is none
TILE = 128  # pixels, REACH on either side included


@dataclass(frozen=True)
class Grain:
    """Grain of C channels, up to 4.

    `brightness` and `deviation` hold, for each channel, two lists of equal length: rising brightness, and the
    standard deviation there. In between its logarithm is straight, as a sensor's is; beyond, it is constant. `filters`
    (C x C x n x n, n = 2 REACH + 1) turn white noise of C channels into noise of variance 1 that has the grain's
    spectrum and correlation of channels.
    """

    brightness: tuple[Array, ...]
    deviation: tuple[Array, ...]
    filters: Array

    @classmethod
    def none(cls, channels: int) -> Grain:
        """That of a plate without grain."""
        nothing = (np.zeros(1),) * channels
        return cls(nothing, nothing, np.eye(channels, dtype=np.float32)[..., None, None])

    @property
    def present(self) -> bool:
        """False where nothing would be added."""
        return any(each.any() for each in self.deviation)

    def strength(self, picture: Array) -> Array:
        """Standard deviation of the grain over `picture` (H x W x C), of the same shape, float32."""
        logarithms = [np.log(np.maximum(each, NOTHING)) for each in self.deviation]
        curves = zip(np.moveaxis(picture, -1, 0), self.brightness, logarithms, strict=True)
        strength: Array = np.exp(np.stack([np.interp(*each) for each in curves], -1), dtype=np.float32)
        strength[strength < 2 * NOTHING] = 0
        return strength

    def over(
        self,
        picture: Array,
        missing: Array,
        *,
        origin: tuple[int, int] = (0, 0),
        frame: int = 0,
        seed: int = 0,
        amount: float = 1.0,
    ) -> Array:
        """`picture` (H x W x C float32) with `amount` times the grain that it is missing, in a copy.

        `missing` (H x W x 1, 0..1) is the share of the grain's variance that is not in the picture yet: 1 under what
        is free of grain, 0 outside the hole, where the bits stay. `origin` is the place of the first pixel, counted
        from the display window's corner. What a pixel gets depends on its place, its brightness, `frame` and `seed`,
        and on nothing else.
        """
        result = picture.copy()
        if not self.present or amount == 0:
            return result
        whole = Window(*origin, picture.shape[1], picture.shape[0])
        for tile in _tiles(whole):
            common = tile.intersect(whole)
            here, lack = (each[common.slices_in(whole)] for each in (result, missing))
            if lack.any():
                grain = self._tile(tile, frame, seed)[common.slices_in(tile)]
                scale = np.float32(amount) * np.sqrt(lack) * self.strength(here)
                np.copyto(here, here + scale * grain, where=lack > 0)
        return result

    def _tile(self, tile: Window, frame: int, seed: int) -> Array:
        """Grain of variance 1, H x W x C."""
        wide = Window(tile.x - REACH, tile.y - REACH, TILE, TILE)
        white = np.moveaxis(field(wide, frame=frame, seed=seed), -1, 0)[: len(self.filters)]
        waves = np.einsum("abyx,byx->ayx", self._response, np.fft.rfft2(white))
        grain = np.fft.irfft2(waves, (TILE, TILE))[:, REACH:-REACH, REACH:-REACH]
        return np.moveaxis(grain, 0, -1).astype(np.float32)

    @cached_property
    def _response(self) -> Array:
        """The filters' response to the waves of a tile: real, because they are symmetric."""
        size = self.filters.shape[-1]
        wide = np.zeros((*self.filters.shape[:2], TILE, TILE), np.float32)
        wide[..., :size, :size] = self.filters
        return np.fft.rfft2(np.roll(wide, (-(size // 2),) * 2, (-2, -1))).real.astype(np.float32)


def _tiles(whole: Window) -> Iterator[Window]:
    """Those that `whole` touches, of a grid that begins at the display window's corner."""
    side = TILE - 2 * REACH
    for top in range(whole.y // side * side, whole.bottom, side):
        for left in range(whole.x // side * side, whole.right, side):
            yield Window(left, top, side, side)
