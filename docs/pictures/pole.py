"""Render the picture of docs/panorama.md again: python docs/pictures/pole.py"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from replate.color import default_space, transform
from replate.generator import Generator
from replate.picture import panorama as replated

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "benchmarks"))
from panorama import camera, globe  # noqa: E402

FACES = ("coffee", "astronaut", "rocket", "coffee", "chelsea", "coffee")  # public domain, from scikit-image
SIDE = 320


def main() -> None:
    """A cat around the north pole: the plate, the look on the flat panorama, the look with `--projection equirect`."""
    plate = globe(1152, FACES)
    look = Generator.load("painted")
    space = transform(default_space("picture"), look.card.space)
    flat, _ = look.apply(plate, transform=space, confidence=False)
    whole, _ = replated.apply(look, plate, transform=space, confidence=False)
    views = [_middle(camera(picture, 0, 0.3)[0]) for picture in (plate, flat, whole)]
    sheet = oiio.ImageBuf(np.ascontiguousarray(np.concatenate(views, axis=1).clip(0, 1)))
    sheet.specmod().attribute("compression", "jpeg:88")
    sheet.write(str(HERE / "pole.jpg"))


def _middle(picture: np.ndarray) -> np.ndarray:
    top, left = (each // 2 - SIDE // 2 for each in picture.shape[:2])
    return picture[top : top + SIDE, left : left + SIDE]


if __name__ == "__main__":
    main()
