"""What a still cannot show, invented.

One photograph, no other frames: the generator alone, on what scikit-image holds (none of it was trained on). Holes are
drawn by hand and fixed: somebody who stands, a car, a scribble, wires with tracking markers; in three sizes. PSNR in
the hole and sharpness (mean |Laplacian| there over that of the truth) in sRGB, beside the smooth pyramid that the
generator begins from and Telea's inpainting of 5 pixels' radius. To hold: no less PSNR than the pyramid, sharpness from
0.7 to 1.15; the last row is of all holes together.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from common import Picture, Table, holds, show
from skimage import data

from replate.color import default_space, transform
from replate.generator import Generator
from replate.removal.pyramid import pyramid_fill

GENERATOR = "fill"
PHOTOGRAPHS = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle", "brick", "grass")
SHARP = 0.7, 1.15
WAYS = ("telea", "pyramid", GENERATOR)

PERSON = (
    "46,2 54,2 58,8 56,16 52,19 62,24 68,38 70,54 65,55 61,40 60,56 64,78 66,98 57,98 51,68 46,98 37,98 41,76 40,54 "
)
PERSON += "38,40 34,55 29,53 33,36 38,24 47,19 43,14 43,7"
CAR = "2,66 6,50 22,46 34,30 66,28 80,46 96,52 98,68 88,70 84,78 74,78 70,70 30,70 26,78 16,78 12,70"
SCRIBBLE = "5,20 30,12 48,34 22,52 40,70 68,58 60,30 84,18 95,48 78,80 50,92"
WIRES = "0,12 50,22 100,8|0,78 40,84 100,70|18,40 18,41|52,48 52,49|83,36 83,37"
HOLES = {
    "person, large": (PERSON, 0.82, (0.52, 0.52)),
    "car": (CAR, 0.45, (0.40, 0.62)),
    "person, small": (PERSON, 0.36, (0.70, 0.45)),
    "scribble": (SCRIBBLE, 0.55, (0.45, 0.45)),
    "wires": (WIRES, 0.90, (0.50, 0.50)),
}
"""Corners in hundredths of a square; that square's side as a share of the picture's height; where its middle lies."""


def measure(options: argparse.Namespace) -> Table:
    """A row for each photograph and hole."""
    generator = Generator.load(options.generator or GENERATOR, device="cpu", threads=options.threads or None)
    rows, sums, sheet = [], [], []
    for name in PHOTOGRAPHS:
        truth = _photograph(name)
        for kind in HOLES:
            hole = _hole(kind, truth.shape[:2])
            made = _fills(generator, truth, hole)
            sums.append({way: _sums(picture, truth, hole) for way, picture in made.items()})
            rows.append([name, kind, f"{100 * hole.mean():.1f} %", *_figures(sums[-1:])])
            sheet.append(_row(truth, hole, made))
    rows.append(["all", "", "", *_figures(sums)])
    if options.out:
        _write(sheet, options.out)
    headings = [f"{way}{what}" for way in WAYS for what in ("", ", sharp")]
    return Table(("picture", "hole", "share", *headings, "holds"), rows)


def _photograph(name: str) -> Picture:
    """H x W x 3 in sRGB, 0..1."""
    picture = data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(data, name)()
    codes = np.repeat(picture[..., None], 3, -1) if picture.ndim == 2 else picture[..., :3]
    return codes.astype(np.float32) / 255


def _hole(kind: str, size: tuple[int, int]) -> Picture:
    """H x W x 1, 1 in the hole."""
    corners, scale, middle = HOLES[kind]
    side, hole = scale * size[0], np.zeros(size, np.uint8)
    for part in corners.split("|"):
        points = np.array([[float(each) for each in pair.split(",")] for pair in part.split()]) / 100 - 0.5
        places = (points * side + np.array([middle[0] * size[1], middle[1] * size[0]])).round().astype(np.int32)
        if corners in (PERSON, CAR):
            cv2.fillPoly(hole, [places], 1)
        else:
            thick = side / 9 if corners is SCRIBBLE else side / 40 if len(places) == 2 else side / 110
            cv2.polylines(hole, [places], False, 1, max(2, round(thick)))
    return hole[..., None].astype(np.float32)


def _fills(generator: Generator, truth: Picture, hole: Picture) -> dict[str, Picture]:
    into = transform(default_space("picture"), generator.card.space)
    inside = transform(generator.card.space, generator.card.space)
    smooth = pyramid_fill(into.forward(truth), hole)
    drawn, _ = generator.apply(smooth, transform=inside, guides={"hole": hole}, confidence=False)
    eight = (truth * (1 - hole) * 255).round().astype(np.uint8)
    telea = cv2.inpaint(eight, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA).astype(np.float32) / 255
    return {"telea": telea, "pyramid": into.inverse(smooth).clip(0, 1), GENERATOR: into.inverse(drawn).clip(0, 1)}


def _sums(made: Picture, truth: Picture, hole: Picture) -> tuple[float, float, float, float]:
    """Of a hole: squared error, its number of values, detail of the fill and of the truth."""
    details = [float((np.abs(cv2.Laplacian(each, cv2.CV_32F)) * hole).sum()) for each in (made, truth)]
    return float((np.square(made - truth) * hole).sum()), 3 * float(hole.sum()), details[0], details[1]


def _figures(sums: list[dict[str, tuple[float, float, float, float]]]) -> Iterator[str]:
    totals = {way: np.sum([each[way] for each in sums], axis=0) for way in WAYS}
    psnr = {way: -10 * math.log10(error / count) for way, (error, count, *_) in totals.items()}
    sharp = {way: detail / like for way, (*_, detail, like) in totals.items()}
    for way in WAYS:
        yield f"{psnr[way]:.2f}"
        yield f"{sharp[way]:.2f}"
    yield holds(psnr[GENERATOR] >= psnr["pyramid"] and SHARP[0] <= sharp[GENERATOR] <= SHARP[1])


def _row(truth: Picture, hole: Picture, made: dict[str, Picture]) -> Picture:
    """What is given, the fills, the truth, side by side."""
    pictures = [np.where(hole > 0, np.float32((0.9, 0.1, 0.6)), truth), *(made[way] for way in WAYS), truth]
    return np.concatenate(pictures, axis=1)


def _write(rows: list[Picture], folder: Path) -> None:
    """One sheet a photograph."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(PHOTOGRAPHS):
        sheet = np.concatenate(rows[index * len(HOLES) : (index + 1) * len(HOLES)], axis=0)
        cv2.imwrite(str(folder / f"fill_{name}.png"), (sheet[..., ::-1] * 255).round().astype(np.uint8))


if __name__ == "__main__":
    show(measure)
