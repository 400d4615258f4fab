"""A walker removed from a still shot.

100 frames of `vtest.avi` (`--footage`), 768 x 576, from a camera that stands still: a woman crosses the lawn, and for
some twenty frames hardly moves on. Her mask is made by a classical tracker: what differs from the median of the whole
movie and hangs together with her mask of the frame before, grown by some pixels. The truth is that median. PSNR in the
hole; "around" is that of the plate itself in a ring about the hole, which grain and compression leave and no fill can
pass for long; unrest is the root of the mean square by which the hole changes from frame to frame over that of the
ring. To hold: at least 30 dB.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from common import Table, holds, parser, show
from removing import Mask, Shot, chosen, fill, psnr, room, sheet

BOUND = 30
FIRST, TAKEN = 615, range(100)
"""Frames of the movie, the first counted as 0."""
SEED = (380, 480)  # x, y of a pixel on her in the first
DIFFERENT = 22  # of 255, in any channel
GROWN, RING = 9, 25  # pixels in diameter

Eight = npt.NDArray[np.uint8]


def measure(options: argparse.Namespace) -> Table:
    """A row for each way to fill her."""
    movie = None if options.footage is None else options.footage / "vtest.avi"
    if movie is None or not movie.is_file():
        parser().error("the walker needs --footage DIR, a folder with vtest.avi")
    with room(options.out) as folder:
        shot = _shot(movie, folder / "walker")
        numbers = chosen(shot, options)
        for way in options.ways:
            fill(shot, way, options)
        rows = [_row(shot, way, numbers) for way in options.ways]
        if options.out is not None:
            few = [numbers[int(place)] for place in np.linspace(0, len(numbers) - 1, 8)]
            sheet(folder / "walker.png", shot, ["plate", "mask", "truth", *options.ways], few, enlarged=True)
    return Table(("way", "hole", "worst frame", "around", "unrest", "holds"), rows)


def _shot(movie: Path, folder: Path) -> Shot:
    """Plate, mask and truth of every frame as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {index: frame for index, frame in enumerate(_frames(movie)) if index % 8 == 0 or index - FIRST in TAKEN}
    truth = np.median([frame for index, frame in kept.items() if index % 8 == 0], axis=0).astype(np.uint8)
    taken = [kept[FIRST + index] for index in TAKEN]
    for number, (plate, mask) in enumerate(zip(taken, _masks(taken, truth), strict=True), 1001):
        for name, picture in (("plate", plate), ("mask", mask), ("truth", truth)):
            cv2.imwrite(str(folder / f"{name}.{number}.png"), picture)
    return Shot(folder)


def _frames(movie: Path) -> Iterator[Eight]:
    source = cv2.VideoCapture(str(movie))
    while (found := source.read())[0]:
        yield found[1]


def _masks(frames: Sequence[Eight], truth: Eight) -> Iterator[Eight]:
    """Hers, 0 or 255, by what hangs together with it in the frame before."""
    before = np.zeros(truth.shape[:2], np.uint8)
    before[SEED[1], SEED[0]] = 1
    for frame in frames:
        apart = cv2.GaussianBlur(cv2.absdiff(frame, truth).max(axis=-1), (0, 0), 1.5)
        joined = cv2.morphologyEx((apart > DIFFERENT).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((15, 7), np.uint8))
        _, parts = cv2.connectedComponents(joined)
        touched = np.unique(parts[before > 0])
        before = np.isin(parts, touched[touched > 0]).astype(np.uint8)
        yield 255 * _grown(before, GROWN)


def _grown(mask: Eight, size: int) -> Eight:
    return cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))


def _row(shot: Shot, way: str, numbers: Sequence[int]) -> list[str]:
    holes = {number: shot.hole(number) for number in numbers}
    rings = {number: _ring(hole) for number, hole in holes.items()}
    found = [psnr(shot.seen(way, number), shot.seen("truth", number), holes[number]) for number in numbers]
    around = [psnr(shot.seen("plate", number), shot.seen("truth", number), rings[number]) for number in numbers]
    unrest = _unrest(shot, way, holes) / _unrest(shot, "plate", rings)
    good = float(np.mean(found)) >= BOUND
    figures = [f"{np.mean(found):.2f} dB", f"{min(found):.2f} dB", f"{np.mean(around):.2f} dB", f"{unrest:.2f}"]
    return [way, *figures, holds(good)]


def _ring(hole: Mask) -> Mask:
    near = _grown(hole.astype(np.uint8), RING)
    return np.asarray((near > 0) & ~(_grown(hole.astype(np.uint8), 5) > 0))


def _unrest(shot: Shot, way: str, places: dict[int, Mask]) -> float:
    """Root of the mean square of what changes where a frame and the next both have a place."""
    changes = [
        np.square(shot.seen(way, here) - shot.seen(way, there))[places[here] & places[there]].mean()
        for here, there in pairwise(places)
        if (places[here] & places[there]).any()
    ]
    return float(np.sqrt(np.mean(changes)))


if __name__ == "__main__":
    show(measure)
