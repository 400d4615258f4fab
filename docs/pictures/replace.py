"""Render the picture of docs/replace.md again: python docs/pictures/replace.py DIR

DIR is what benchmarks/blender_scene.py renders: a courtyard with and without a walker.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio

from replate.color import to_display
from replate.demo import SAMPLE, Picture
from replate.frame import Frame
from replate.media import open_source
from replate.picture.pictures import Choice, take
from replate.removal.difference import SPACE, difference
from replate.removal.replace import Edge, Layer, layer_of, replaced

HERE, FRAME = Path(__file__).parent, 1012
PART, SIZE = np.s_[60:240, 85:405], (480, 270)  # of the frame that is shown, and how large
OTHER_TAKE = (1.3, 1.1, 0.9)  # the clean plate's light over the plate's


def main(scene: Path) -> None:
    """Plate and clean plate; below them the walker's matte, and the walker at night in the bundled city."""
    plate, clean = (picture(str(scene / f"{name}.%04d.exr"), FRAME) for name in ("full", "clean"))
    empty = layer_of(clean, plate.data_window).rgb * np.float32(OTHER_TAKE)
    found = difference(layer_of(plate, plate.data_window).rgb, empty)
    edge = Edge(wrap=0.5, width=8.0)
    night = replaced(plate, found.matte, city(plate), edge=edge, old=found.behind)
    light = [layer_of(each, plate.data_window).rgb for each in (plate, night)]
    shown = [to_display(each, SPACE) for each in (light[0], empty, light[1])]
    matte = np.repeat(found.matte, 3, axis=-1)
    parts = [
        cv2.resize(each[PART], SIZE, interpolation=cv2.INTER_CUBIC) for each in (shown[0], shown[1], matte, shown[2])
    ]
    save(np.concatenate([np.concatenate(row, axis=1) for row in (parts[:2], parts[2:])]))


def picture(path: str, number: int) -> Frame:
    """The main picture of a frame."""
    with open_source(path) as source:
        frame = source.read(number)
        return take(frame, Choice().of(frame.parts)[0])


def city(plate: Frame) -> Layer:
    """The sample shot, scaled to the plate's size."""
    frame = picture(str(SAMPLE), 20)
    layer = layer_of(frame, frame.data_window)
    size = plate.display_window.width, plate.display_window.height
    rgb = cv2.resize(layer.rgb, size, interpolation=cv2.INTER_AREA)
    return Layer(rgb, np.ones((*rgb.shape[:2], 1), np.float32))


def save(shown: Picture) -> None:
    """As JPEG beside this file."""
    image = oiio.ImageBuf(np.ascontiguousarray(shown.clip(0, 1), np.float32))
    image.specmod().attribute("compression", "jpeg:88")
    image.write(str(HERE / "replace.jpg"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
