"""Grain of what stands where something was removed.

Twelve frames of a smooth, still backdrop in scene-linear light, from deep shade to above white, 768 x 432, with grain
whose law is known: white; heavy (white, half as strong as the light itself in the shade); soft (neighbours are alike);
of unlike strength in R, G and B; shot noise (variance in proportion to the light); film (soft, even in stops, unlike
channels). A hole of 160 x 96 pixels stands still, so its background is never seen and has to be made, or moves on by 24
pixels a frame, so it is found in other frames. The same with film grain and without any on a photograph of a cat
(scikit-image), whose fur looks like grain.

What the result has beyond the backdrop, eight pixels inside the hole, is divided by the strength that the law has at
each pixel, and compared with the law: variance, and the power in bands of 1/16 to 1/2 cycles a pixel; slower is the
fill's business, not the grain's. Ratios are those of the worst channel and band; of the law itself, with other random
numbers, they come within 6 % of 1. "frozen" is the correlation of a frame's grain with the next one's at the same
place. Without grain the figure is the root of the mean square of what is there nevertheless, in codes of an 8-bit
picture. To hold: variance and every band within 15 %, and less than 0.15 frozen; one code.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data
from common import Picture, Table, holds, show
from removing import Mask, Shot, fill, room, sheet

from replate.color import default_space, to_space, transform
from replate.frame import Frame
from replate.media import open_sink

__all__ = ["LAWS", "SPACE", "Case", "figures", "measure", "smooth", "written"]

BOUND, CODES = 0.15, 1.0
SIZE, COUNT, HOLE, INSET, STEP = (432, 768), 12, (96, 160), 8, 24
BANDS = (1 / 16, 1 / 8, 1 / 4, 3 / 8, 1 / 2)
"""Cycles a pixel; each band from one to the next."""
SPACE, TRIALS = "ACEScg", 64

Random = np.random.Generator
Law = Callable[[Picture, Random], Picture]
"""Of a clean picture, that picture with grain."""


@dataclass(frozen=True)
class Case:
    """A clean picture, the law of its grain, and whether the hole stands still."""

    truth: Picture
    law: Law
    still: bool

    def hole(self, index: int) -> Mask:
        """Of frame number `index`, H x W."""
        (height, width), hole = self.truth.shape[:2], np.zeros(self.truth.shape[:2], bool)
        whole = HOLE[1] if self.still else HOLE[1] + STEP * (COUNT - 1)
        top, left = (height - HOLE[0]) // 2, (width - whole) // 2 + (0 if self.still else STEP * index)
        hole[top : top + HOLE[0], left : left + HOLE[1]] = True
        return hole

    @cached_property
    def trials(self) -> Picture:
        """What the law adds, many times over: T x H x W x 3."""
        return np.stack(
            [self.law(self.truth, np.random.default_rng(1000 + each)) - self.truth for each in range(TRIALS)]
        )

    @cached_property
    def strength(self) -> Picture:
        """The standard deviation at each pixel."""
        return cv2.blur(np.sqrt(np.square(self.trials).mean(axis=0)), (9, 9))

    @cached_property
    def due(self) -> npt.NDArray[np.float64]:
        """The power in each band and channel of what the law adds, divided by its strength."""
        place = _inside(self.hole(COUNT // 2))
        return np.asarray(np.mean([_power((each / self.strength)[place]) for each in self.trials], axis=0))


def measure(options: argparse.Namespace) -> Table:
    """A row for each law and kind of hole."""
    rows, way = [], options.ways[-1]
    with room(options.out) as folder:
        for name, law, truth, still in _all():
            kind = "made" if still else "found"
            case = f"{name}_{kind}"
            if not options.cases or any(word in case for word in options.cases):
                about = Case(truth, law, still)
                shot = written(folder / case, about)
                fill(shot, way, options)
                rows.append([name, kind, *figures(shot, way, about)])
                if options.out is not None:
                    sheet(folder / f"{case}.png", shot, ["plate", "truth", way], shot.numbers[::4])
    return Table(("grain", "background", "variance", "bands", "frozen", "holds"), rows)


def _all() -> Iterator[tuple[str, Law, Picture, bool]]:
    for name, law in LAWS.items():
        for still in (True, False):
            yield name, law, smooth(), still
    for name in ("film", "none"):
        yield f"{name}, on fur", LAWS.get(name, _none), _fur(), False


def smooth() -> Picture:
    """A backdrop without anything as fine as grain."""
    y, x = np.indices(SIZE) / max(SIZE)
    stops = -5 + 6 * x + 1.5 * np.sin(4 * y)
    tint = 1 + 0.3 * np.stack([np.sin(3 * x + phase) for phase in (0, 2, 4)], axis=-1)
    return (np.exp2(stops)[..., None] * tint).astype(np.float32)


def _fur() -> Picture:
    return to_space(np.float32(skimage.data.chelsea()) / 255, default_space("picture"), SPACE)


def written(folder: Path, case: Case) -> Shot:
    """Plate, mask and truth of every frame."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shot = Shot(folder, "exr")
    with open_sink(shot.pattern("plate")) as plates, open_sink(shot.pattern("truth")) as truths:
        for index in range(COUNT):
            number, plate = 1001 + index, case.law(case.truth, np.random.default_rng(index))
            plate = np.where(case.hole(index)[..., None], np.float32([9, 0, 9]), plate)  # nobody can peek
            for sink, pixels in ((plates, plate), (truths, case.truth)):
                sink.write(Frame.of(pixels, "RGB", number=number, space=SPACE, formats=("float",) * 3))
            cv2.imwrite(str(folder / f"mask.{number}.png"), 255 * case.hole(index).astype(np.uint8))
    return shot


def figures(shot: Shot, way: str, case: Case) -> list[str]:
    """Variance, bands, frozen, and whether they hold."""
    if case.law is _none:
        apart = [_fast(shot.seen(way, each) - shot.seen("truth", each))[shot.hole(each)] for each in shot.numbers]
        codes = 255 * float(np.sqrt(np.mean([np.square(each).mean() for each in apart])))
        return [f"{codes:.2f} codes", "", "", holds(codes <= CODES)]
    grains = {number: (shot.light(way, number) - case.truth) / case.strength for number in shot.numbers}
    found = np.mean([_power(grain[_inside(shot.hole(number))]) for number, grain in grains.items()], axis=0)
    variance, bands = _worst(found.sum(axis=0) / case.due.sum(axis=0)), _worst(found / case.due)
    frozen = max((_frozen(shot, grains, *pair) for pair in pairwise(grains)), key=abs)
    good = max(abs(variance - 1), abs(bands - 1)) <= BOUND and abs(frozen) < BOUND
    return [f"{variance:.2f}", f"{bands:.2f}", f"{frozen:.2f}", holds(good)]


def _worst(ratios: npt.NDArray[np.float64]) -> float:
    """The ratio that is farthest from 1, up or down."""
    return float(ratios.flat[np.abs(np.log(np.maximum(ratios, 1e-6))).argmax()])


def _inside(hole: Mask) -> tuple[slice, slice]:
    """The hole without its rim."""
    rows, columns = (np.flatnonzero(hole.any(axis=axis)) for axis in (1, 0))
    return slice(rows[0] + INSET, rows[-1] + 1 - INSET), slice(columns[0] + INSET, columns[-1] + 1 - INSET)


def _power(grain: Picture) -> npt.NDArray[np.float64]:
    """Bands x channels: power of H x W x 3 in rings of its spectrum, under a Hann window."""
    height, width = grain.shape[:2]
    window = np.outer(np.hanning(height), np.hanning(width))[..., None]
    power = np.abs(np.fft.fft2(grain * window, axes=(0, 1))) ** 2 / (window**2).sum() / (height * width)
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width))
    return np.array([power[(radius >= low) & (radius < high)].sum(axis=0) for low, high in pairwise(BANDS)])


def _frozen(shot: Shot, grains: Mapping[int, Picture], here: int, there: int) -> float:
    """The correlation of two frames' grain where both have a hole, without what is slow."""
    both = _inside(shot.hole(here) & shot.hole(there))
    first, second = (_fast(grains[number])[both].ravel() for number in (here, there))
    return float(np.corrcoef(first, second)[0, 1])


def _fast(grain: Picture) -> Picture:
    return np.asarray(grain - cv2.GaussianBlur(grain, (0, 0), 4))


def _none(clean: Picture, _: Random) -> Picture:
    return clean


def _white(clean: Picture, random: Random, *, sigmas: Sequence[float] = (0.004,) * 3) -> Picture:
    return (clean + _normal(clean, random) * np.float32(sigmas)).astype(np.float32)


def _soft(clean: Picture, random: Random) -> Picture:
    return (clean + 0.004 * _blurred(_normal(clean, random), 0.8)).astype(np.float32)


def _heavy(clean: Picture, random: Random) -> Picture:
    return _white(clean, random, sigmas=(0.012,) * 3)


def _unlike(clean: Picture, random: Random) -> Picture:
    return _white(clean, random, sigmas=(0.006, 0.004, 0.012))


def _counted(clean: Picture, random: Random) -> Picture:
    return (clean + np.sqrt(2e-4 * clean + 1e-6) * _normal(clean, random)).astype(np.float32)


def _film(clean: Picture, random: Random) -> Picture:
    log = transform(SPACE, "ACEScct")
    grain = _blurred(_normal(clean, random), 1.0) * np.float32([0.010, 0.008, 0.016])
    return np.asarray(log.inverse(log.forward(clean) + grain), np.float32)


def _normal(clean: Picture, random: Random) -> Picture:
    return random.standard_normal(clean.shape, dtype=np.float32)


def _blurred(grain: Picture, radius: float) -> Picture:
    """At the strength it had."""
    blurred = cv2.GaussianBlur(grain, (0, 0), radius)
    return np.asarray(blurred / blurred.std())


LAWS: Mapping[str, Law] = {
    "white": _white,
    "heavy": _heavy,
    "soft": _soft,
    "unlike channels": _unlike,
    "shot noise": _counted,
    "film": _film,
}


if __name__ == "__main__":
    show(measure)
