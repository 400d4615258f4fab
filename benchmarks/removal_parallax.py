"""A walker removed under a moving camera.

A courtyard rendered with and without a walker by `benchmarks/blender_scene.py` (`--scene`, the folder it wrote): 24
frames of 480 x 270 in scene-linear EXR. The camera dollies and pans, so walls, crates and a lamp post slide past each
other; the mask is exact. Pictures are compared as a screen shows them: PSNR in the hole and in its worst frame;
sharpness is the mean absolute Laplacian over the truth's; flicker is the squared difference of a frame and the one
before moved onto it by the true motion, over the truth's. "vectors" is the node again, given the background's motion as
it was rendered. To hold: more in the hole than the classical fills, and flicker at most 1.5.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from common import Picture, Table, holds, parser, show
from removing import FILLS, Mask, Shot, chosen, fill, psnr, room, sheet

from replate.frame import Frame
from replate.media import open_sink, open_source

BOUND = 1.5
GIVEN = "vectors"
SPACE = "Linear Rec.709 (sRGB)"
COLOUR, MOTION = "ViewLayer.Combined.", "ViewLayer.Vector."


def measure(options: argparse.Namespace) -> Table:
    """A row for each way to fill the hole."""
    if options.scene is None:
        parser().error("the courtyard needs --scene DIR, what benchmarks/blender_scene.py has rendered")
    with room(options.out) as folder:
        shot = _shot(options.scene, folder / "courtyard")
        numbers = chosen(shot, options)
        for way in options.ways:
            fill(shot, way, options)
        fill(shot, GIVEN, options, node=options.ways[-1], vectors=str(options.scene / "clean.%04d.exr"))
        ways = [*options.ways, GIVEN]
        figures = {way: _figures(options.scene, shot, way, numbers) for way in ways}
        if options.out is not None:
            few = [numbers[int(place)] for place in np.linspace(0, len(numbers) - 1, 6)]
            sheet(folder / "courtyard.png", shot, ["plate", "truth", *ways], few, enlarged=True)
    rival = max(hole for way, (hole, *_) in figures.items() if way in FILLS)
    rows = [[way, *_words(*each), holds(each[0] > rival and each[-1] <= BOUND)] for way, each in figures.items()]
    return Table(("way", "hole", "worst frame", "sharp", "flicker", "holds"), rows)


def _words(hole: float, worst: float, sharp: float, flicker: float) -> list[str]:
    return [f"{hole:.2f} dB", f"{worst:.2f} dB", f"{sharp:.2f}", f"{flicker:.2f}"]


def _shot(scene: Path, folder: Path) -> Shot:
    """Plate, truth and mask: what differs at all."""
    folder.mkdir(parents=True, exist_ok=True)
    shot = Shot(folder, "exr")
    with open_sink(shot.pattern("plate")) as plates, open_sink(shot.pattern("truth")) as truths:
        for path in sorted(scene.glob("full.*.exr")):
            number = int(path.name.split(".")[1])
            plate, truth = (_layer(scene / f"{name}.{number:04d}.exr", COLOUR, "RGB") for name in ("full", "clean"))
            for sink, pixels in ((plates, plate), (truths, truth)):
                sink.write(Frame.of(pixels, "RGB", number=number, space=SPACE, formats=("float",) * 3))
            mask = 255 * (plate != truth).any(axis=-1).astype(np.uint8)
            cv2.imwrite(str(folder / f"mask.{number:04d}.png"), mask)
    return shot


def _layer(path: Path, layer: str, channels: str) -> Picture:
    """H x W x C of one of the passes in a file of several parts."""
    with open_source(str(path)) as source:
        frame = source.read(source.frames[0])
    for part in (frame, *frame.others):
        if layer + channels[0] in part.channels:
            return np.ascontiguousarray(part.pixels[..., [part.channels.index(layer + each) for each in channels]])
    raise SystemExit(f"{path} has no {layer}{channels[0]}")


def _figures(scene: Path, shot: Shot, way: str, numbers: Sequence[int]) -> tuple[float, float, float, float]:
    made, truths = ({number: shot.seen(name, number) for number in numbers} for name in (way, "truth"))
    holes = {number: shot.hole(number) for number in numbers}
    found = [psnr(made[number], truths[number], holes[number]) for number in numbers]
    sharp = [_sharpness(made[number], holes[number]) / _sharpness(truths[number], holes[number]) for number in numbers]
    motions = {number: _to_last(scene / f"clean.{number:04d}.exr") for number in numbers}
    flicker = [
        sum(_apart(each[number - 1], each[number], motions[number], holes[number]) for number in numbers[1:])
        for each in (made, truths)
    ]
    return float(np.mean(found)), min(found), float(np.mean(sharp)), flicker[0] / max(flicker[1], 1e-12)


def _sharpness(picture: Picture, hole: Mask) -> float:
    return float(np.abs(cv2.Laplacian(picture.mean(axis=-1), cv2.CV_32F))[hole].mean())


def _to_last(path: Path) -> Picture:
    """Where each pixel was in the frame before; Blender's vectors have y upwards."""
    return _layer(path, MOTION, "XY") * np.float32([1, -1])


def _apart(last: Picture, picture: Picture, motion: Picture, hole: Mask) -> float:
    y, x = np.indices(hole.shape).astype(np.float32)
    moved = cv2.remap(last, x + motion[..., 0], y + motion[..., 1], cv2.INTER_LINEAR)
    return float(np.square(moved - picture)[hole].mean())


if __name__ == "__main__":
    show(measure)
