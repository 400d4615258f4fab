"""Two eyes.

Both views of a true stereo pair ("Motorcycle", Scharstein et al., "High-resolution stereo datasets with
subpixel-accurate ground truth", GCPR 2014, as scikit-image has it) through each look, each alone. The right one is then
moved onto the left one by the known disparity, where both eyes see the same. Difference is the root of the mean square
in sRGB 0..1; the ratio is that of the mean squares, as for steadiness in motion. To hold: at most 2.

What a look adds comes nearly all from its grid: it sees blocks of pixels, and what one eye has at the start of a block
lies elsewhere in the other eye's. The last columns show that alone: a picture and the same picture moved by whole
pixels, moved back after the look. A step of the grid (8 pixels) changes nothing; "worst" is the largest difference that
1 to 7 pixels make.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data
from common import Picture, Table, holds, show

from replate.color import default_space, transform
from replate.generator import Generator

__all__ = ["Pair", "look_at", "measure"]

BOUND = 2.0
NEAR = 1.0  # pixels of disparity by which something must be nearer to hide what is behind it


@dataclass(frozen=True)
class Pair:
    """Left and right view, H x W x 3 sRGB 0..1, and how far left each left pixel lies in the right view (not finite
    where nobody knows)."""

    left: Picture
    right: Picture
    disparity: Picture

    @classmethod
    def motorcycle(cls) -> Pair:
        """The pair that scikit-image brings."""
        left, right, disparity = skimage.data.stereo_motorcycle()
        return cls(np.float32(left) / 255, np.float32(right) / 255, disparity)

    def apart(self, left: Picture, right: Picture) -> float:
        """Mean square of the difference between what was made of both views, where both see the same."""
        moved = cv2.remap(right, self._column.astype(np.float32), self._row.astype(np.float32), cv2.INTER_CUBIC)
        return float(((left - moved)[self.seen] ** 2).mean())

    @property
    def _row(self) -> npt.NDArray[np.int_]:
        return np.indices(self.disparity.shape)[0]

    @property
    def _column(self) -> npt.NDArray[np.float64]:
        """Where each left pixel lies in the right view."""
        return np.indices(self.disparity.shape)[1] - np.where(np.isfinite(self.disparity), self.disparity, 0)

    @cached_property
    def seen(self) -> npt.NDArray[np.bool_]:
        """H x W, True where the disparity is known and nothing nearer lies at that place or beside it in the right."""
        target = np.rint(self._column).astype(int)
        inside = np.isfinite(self.disparity) & (target >= 0) & (target < target.shape[1])
        nearest = np.zeros_like(self.disparity)
        np.maximum.at(nearest, (self._row[inside], target[inside]), self.disparity[inside])
        nearest = cv2.dilate(nearest, np.ones((1, 3), np.uint8))
        front = nearest[self._row, np.clip(target, 0, target.shape[1] - 1)]
        return inside & (np.nan_to_num(self.disparity, posinf=0) >= front - NEAR)


def measure(options: argparse.Namespace) -> Table:
    """A row for each look."""
    pair = Pair.motorcycle()
    floor = pair.apart(pair.left, pair.right)
    looks = [Generator.load(name, threads=options.threads or None) for name in options.looks]
    headings = ("look", "plates", "results", "ratio", "moved by 8", "worst of 1 to 7", "holds")
    return Table(headings, [_row(look, pair, floor) for look in looks])


def _row(look: Generator, pair: Pair, floor: float) -> list[str]:
    apart = pair.apart(look_at(look, pair.left), look_at(look, pair.right))
    moved = [_moved(look, pair.left, step) for step in range(1, 9)]
    roots = [f"{value**0.5:.4f}" for value in (floor, apart)]
    grid = [f"{value:.4f}" for value in (moved[-1], max(moved[:-1]))]
    return [look.card.name, *roots, f"{apart / floor:.2f}", *grid, holds(apart / floor <= BOUND)]


def look_at(look: Generator, picture: Picture) -> Picture:
    """The picture (sRGB 0..1) in the look."""
    space = transform(default_space("picture"), look.card.space)
    made, _ = look.apply(np.ascontiguousarray(picture), transform=space, confidence=False)
    return made.clip(0, 1)


def _moved(look: Generator, picture: Picture, step: int) -> float:
    """What moving the picture by `step` pixels changes, far from its edges: root of the mean square."""
    here, there = look_at(look, picture[:, :-step]), look_at(look, picture[:, step:])
    inner = slice(look.card.overlap, -look.card.overlap)
    return float(((here[:, step:] - there[:, :-step])[:, inner] ** 2).mean() ** 0.5)


if __name__ == "__main__":
    show(measure)
