"""A plate as it is handed to a network: a tile at a time, every value finite, what does nothing left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from . import pixels
from .tiles import Spans, Tile

__all__ = ["Piece", "Plate", "cut"]

Array = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Piece:
    """What lies under one tile. `rgb` and `alpha` are fit for a network, `before` is the plate's own light.

    All are H x W x C, contiguous; `alpha` is what light is divided by, `untouched` is H x W, True where the plate's
    bits stay.
    """

    rgb: Array
    alpha: Array | None
    weight: Array | None
    before: Array
    untouched: Mask | None

    def restore(self, result: Array, trust: Array | None) -> None:
        """Put the plate's own bits back where nothing was to change, and full trust with them."""
        if self.untouched is None:
            return
        result[self.untouched] = self.before[self.untouched]
        if trust is not None:
            trust[self.untouched] = 1


@dataclass(frozen=True, slots=True)
class Plate:
    """A whole plate, of which nothing is copied; `weight` is None where it is 1 everywhere, `alpha` likewise."""

    rgb: Array
    alpha: Array | None
    weight: Array | None

    @classmethod
    def of(cls, rgb: Array, alpha: Array | None, weight: float | Array) -> Plate:
        """`weight` is a number or H x W [x 1]. Raises InputError for a plate without pixels or of another shape."""
        if rgb.ndim != 3 or rgb.shape[2] != 3 or not rgb.size:
            raise InputError(f"a plate of shape {rgb.shape} has no pixels to work on; give height x width x 3")
        matte = np.asarray(weight, np.float32)
        matte = np.broadcast_to(matte.reshape(-1, rgb.shape[1], 1) if matte.ndim else matte, (*rgb.shape[:2], 1))
        return cls(rgb, None if alpha is None or _all_one(alpha) else alpha, None if _all_one(matte) else matte)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.rgb.shape[:2]
        return height, width

    def piece(self, tile: Tile) -> Piece | None:
        """What the tile reads, reflected beyond the plate's borders; None where nothing of its middle is to change."""
        weight = None if self.weight is None else cut(self.weight, tile.read)
        if weight is not None and not weight[tile.inner].any():
            return None
        rgb, alpha = cut(self.rgb, tile.read), None if self.alpha is None else cut(self.alpha, tile.read)
        bad = pixels.unusable(rgb)
        untouched = pixels.untouched(rgb, alpha, weight, bad)
        if untouched is not None and untouched[tile.inner].all():
            return None
        sound = rgb if bad is None else self._healed(tile)
        return Piece(sound, None if alpha is None else pixels.divisor(alpha, sound), weight, rgb, untouched)

    def _healed(self, tile: Tile) -> Array:
        """Bad pixels at the tile's border are healed from both of its sides, as in the whole plate."""
        reach = pixels.REACH
        rows, columns = (slice(span.start - reach, span.stop + reach) for span in tile.read)
        wide = cut(self.rgb, (rows, columns))
        bad = pixels.unusable(wide)
        healed = wide if bad is None else pixels.heal(wide, bad)
        return np.ascontiguousarray(healed[reach:-reach, reach:-reach])


def cut(array: Array, spans: Spans) -> Array:
    """Rows and columns of H x W x C, contiguous float32; beyond its borders a picture goes on as its own reflection."""
    rows, columns = (_positions(span, length) for span, length in zip(spans, array.shape, strict=False))
    inside = all(span.start >= 0 and span.stop <= length for span, length in zip(spans, array.shape, strict=False))
    return np.ascontiguousarray(array[spans] if inside else array[np.ix_(rows, columns)], np.float32)


def _positions(span: slice, length: int) -> npt.NDArray[np.intp]:
    """Where a span finds its pixels; the outermost pixel is the mirror and is not repeated."""
    period = max(1, 2 * (length - 1))
    folded = np.arange(span.start, span.stop) % period
    return np.minimum(folded, period - folded) if length > 1 else folded


def _all_one(array: Array) -> bool:
    return bool(array.min() == 1 == array.max())
