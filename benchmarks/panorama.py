"""Panoramas.

A sphere painted with six pictures of scikit-image, as the faces of a cube, in a panorama of 1536 x 768.

Rolled: the result rolled by a third of the width against the result of the panorama rolled by as much, greatest
difference in the generator's space. To hold: at most 1e-4.

Seam: the difference between the two columns at the edges over that between neighbouring columns nearby, in the middle
half of the rows. To hold: with `--projection equirect` at most 1.2 times the plate's.

Camera: the look in the panorama, seen through an ordinary camera that looks so many degrees from a pole, against the
look on what that camera sees of the plate. Root of the mean square within 8 degrees of its axis, over that of what the
look changes there; four directions, both poles. First where only the edges are joined, then with the views of the
poles. It is not 0 at the equator either, because a look changes a little with the pixels that a picture is sampled at.
To hold: with the views nowhere more.

Cost: seconds over those of the same picture without `--projection equirect`.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt
import skimage.data
from common import Picture, Table, holds, race, show

from replate.color import convert, default_space, transform
from replate.generator import Generator
from replate.picture import panorama

HEIGHT = 768
ANGLES = (0, 15, 30, 45, 60, 90)
ROLL_BOUND, SEAM_BOUND = 1e-4, 1.2
FACES = ("coffee", "chelsea", "rocket", "astronaut", "stereo_motorcycle", "immunohistochemistry")
Directions = npt.NDArray[np.float64]
Look = Callable[[Picture], Picture]


def measure(options: argparse.Namespace) -> Table:
    """A column for each look."""
    looks = [Generator.load(name, threads=options.threads or None) for name in options.looks]
    columns = [_figures(look, globe(HEIGHT)) for look in looks]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    return Table(("", *(look.card.name for look in looks)), rows)


def _figures(look: Generator, plate: Picture) -> dict[str, str]:
    space = look.card.space
    plate, inside = convert(plate, default_space("picture"), space), transform(space, space)

    def flat(picture: Picture) -> Picture:
        return look.apply(np.ascontiguousarray(picture), transform=inside, confidence=False)[0]

    def joined(picture: Picture) -> Picture:
        reach = -(-look.card.overlap // look.card.multiple) * look.card.multiple
        return flat(np.pad(picture, ((0, 0), (reach, reach), (0, 0)), mode="wrap"))[:, reach:-reach]

    def whole(picture: Picture, tile: str | int = "auto") -> Picture:
        return panorama.apply(look, picture, transform=inside, tile=tile, confidence=False)[0]

    figures = _rolled(whole, plate) | _seams(plate, flat(plate), whole(plate))
    figures |= _cameras(flat, plate, joined(plate), whole(plate))
    clocks = race({"flat": lambda: flat(plate), "whole": lambda: whole(plate)}, rounds=3)
    return figures | {"cost": f"{clocks['whole'].wall / clocks['flat'].wall:.2f} x"}


def _rolled(whole: Callable[..., Picture], plate: Picture) -> dict[str, str]:
    third, errors = plate.shape[1] // 3, {}
    for name, tile in (("in tiles of 512", 512), ("in one piece", "off")):
        here, there = whole(plate, tile), whole(np.roll(plate, third, axis=1), tile)
        errors[f"rolled, {name}"] = float(np.abs(np.roll(here, third, axis=1) - there).max())
    told = {name: f"{error:.1e}" for name, error in errors.items()}
    return told | {"rolled: holds": holds(max(errors.values()) <= ROLL_BOUND)}


def _seams(plate: Picture, flat: Picture, whole: Picture) -> dict[str, str]:
    seams = {"plate": _seam(plate), "without": _seam(flat), "equirect": _seam(whole)}
    good = seams["equirect"] <= SEAM_BOUND * seams["plate"]
    return {f"seam, {name}": f"{seam:.2f}" for name, seam in seams.items()} | {"seam: holds": holds(good)}


def _seam(picture: Picture) -> float:
    height, width = picture.shape[:2]
    rows = np.roll(picture[height // 4 : -height // 4], width // 2, axis=1)
    steps = np.abs(np.diff(rows, axis=1)).mean(axis=(0, 2))
    edge = width // 2 - 1
    return float(steps[edge] / np.mean([steps[edge - 8 : edge], steps[edge + 1 : edge + 9]]))


def _cameras(flat: Look, plate: Picture, joined: Picture, whole: Picture) -> dict[str, str]:
    pairs = {angle: [_error(flat, plate, result, angle) for result in (joined, whole)] for angle in ANGLES}
    told = {f"camera, {angle}° from a pole": f"{pair[0]:.2f}, {pair[1]:.2f}" for angle, pair in pairs.items()}
    return told | {"camera: holds": holds(all(pair[1] <= pair[0] + 0.005 for pair in pairs.values()))}


def _error(flat: Look, plate: Picture, result: Picture, angle: float) -> float:
    """How far what cameras see of the result is from the look on what they see of the plate."""
    apart, change = [], []
    for order in (slice(None), slice(None, None, -1)):
        for turn in (0.3, 1.9, 3.5, 5.1):
            (seen, middle), (made, _) = (camera(each[order], angle, turn) for each in (plate, result))
            expected = flat(seen[order])[order]
            apart.append(((made - expected)[middle] ** 2).mean())
            change.append(((expected - seen)[middle] ** 2).mean())
    return math.sqrt(np.mean(apart) / np.mean(change))


def globe(height: int, faces: Sequence[str] = FACES) -> Picture:
    """A panorama, `height` x 2 `height` sRGB 0..1, of six pictures as a cube's faces: four around, above, below."""
    where = _directions(height)
    result = np.zeros((*where.shape[:2], 3), np.float32)
    axes = [(np.cos(turn), np.sin(turn), 0.0) for turn in np.arange(4) * np.pi / 2]
    for name, ahead in zip(faces, [*axes, (0, 0, 1.0), (0, 0, -1.0)], strict=True):
        x, y, depth = _through(np.asarray(ahead), where)
        face = _face(name, round(height * 2 / np.pi))
        inside = (depth > 0) & (np.maximum(np.abs(x), np.abs(y)) <= 1)
        places = ((each + 1) / 2 * len(face) - 0.5 for each in (x, y))
        result[inside] = _sampled(face, *places)[inside]
    return cv2.resize(result, (2 * height, height), interpolation=cv2.INTER_AREA)


def _face(name: str, side: int) -> Picture:
    picture = getattr(skimage.data, name)()
    picture = picture[0] if isinstance(picture, tuple) else picture
    short = min(picture.shape[:2])
    return cv2.resize(np.float32(picture[:short, :short]) / 255, (side, side), interpolation=cv2.INTER_AREA)


def _directions(height: int) -> Directions:
    """Unit vectors of a panorama's pixels at twice its size; z points to the north pole."""
    down = (np.arange(2 * height)[:, None] + 0.5) / (2 * height) * np.pi
    along = (np.arange(4 * height) + 0.5) / (2 * height) * np.pi
    return np.stack(np.broadcast_arrays(np.sin(down) * np.cos(along), np.sin(down) * np.sin(along), np.cos(down)), -1)


def _through(ahead: Directions, where: Directions) -> tuple[Directions, Directions, Directions]:
    """Where a camera that looks `ahead` sees directions: right and down in units of its distance, and how far ahead."""
    right = np.array([0.0, 1, 0]) if abs(ahead[2]) == 1 else np.cross([0, 0, 1.0], ahead)
    depth = where @ ahead
    scale = np.where(depth > 1e-6, depth, np.inf)
    return where @ right / scale, where @ -np.cross(ahead, right) / scale, depth


def camera(picture: Picture, angle: float, turn: float) -> tuple[Picture, npt.NDArray[np.bool_]]:
    """A panorama through a camera of 64 degrees that looks `angle` degrees from its first row's pole, in the direction
    `turn` (radians); and the pixels within 8 degrees of its axis. Each pixel is the mean of 4 x 4 samples."""
    height, width = picture.shape[:2]
    side = round(height / math.pi * math.tan(math.radians(32))) * 2
    grid = (np.arange(4 * side) + 0.5 - 2 * side) / 4 / (height / math.pi)
    x, y, tilt = grid[None], grid[:, None], math.radians(angle)
    # Ahead, right and down of the camera on the meridian of `turn`.
    out, up = math.sin(tilt) + y * math.cos(tilt), math.cos(tilt) - y * math.sin(tilt)
    column = (np.arctan2(x, out) + turn) / (2 * np.pi) % 1 * width + 0.5
    row = np.arctan2(np.hypot(x, out), up + 0 * x) / np.pi * height - 0.5
    sheet = np.pad(picture, ((0, 0), (1, 2), (0, 0)), mode="wrap")
    samples = _sampled(sheet, column, row)
    seen = cv2.resize(samples, (side, side), interpolation=cv2.INTER_AREA)
    middle = np.hypot(*np.meshgrid(grid[2::4], grid[2::4])) < math.tan(math.radians(8))
    return seen, middle


def _sampled(picture: Picture, x: Directions, y: Directions) -> Picture:
    return cv2.remap(picture, np.float32(x), np.float32(y), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


if __name__ == "__main__":
    show(measure)
