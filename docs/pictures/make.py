"""Render the pictures of this documentation again: python docs/pictures/make.py"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import OpenImageIO as oiio

from replate.demo import SAMPLE, Picture, contact_sheet, looks, run
from replate.news.watching import watching

HERE = Path(__file__).parent
SIZE = (480, 270)  # of a picture on the sheet of looks
DETAIL = (slice(100, 370), slice(10, 490))  # rows and columns of the sample, shown pixel by pixel


def main() -> None:
    """The demo's contact sheet, and every shipped look beside its plate, as JPEG."""
    with TemporaryDirectory() as folder, watching() as watcher:
        for line in run(Path(folder), watcher=watcher, frames="1-48x8"):
            watcher.note(line)
        sheet = cv2.imread(str(Path(folder) / "before_after.png"))[..., ::-1]
        save(
            cv2.resize(sheet, (1440, 1440 * len(sheet) // sheet.shape[1]), interpolation=cv2.INTER_AREA), "before_after"
        )
        save(looks_sheet(Path(folder)), "looks")


def looks_sheet(folder: Path) -> Picture:
    """A column for the plate and for each look of a demo in `folder`: the whole frame, below it a part at full size."""
    names = looks()
    sequences = [str(folder / name / f"{name}.%04d.exr") for name in names]
    rows = contact_sheet([str(SAMPLE), *sequences], columns=1)
    frames = np.split(rows, len(names) + 1)
    return np.concatenate([column(*named) for named in zip(["plate", *names], frames, strict=True)], axis=1)


def column(name: str, frame: Picture) -> Picture:
    """The whole frame with its name, above a part of it at full size."""
    whole = cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA)
    for colour, thickness in ((0, 4), (255, 1)):  # white, outlined in black
        cv2.putText(whole, name, (12, 258), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (colour,) * 3, thickness, cv2.LINE_AA)
    return np.concatenate([whole, frame[DETAIL]])


def save(picture: Picture, name: str) -> None:
    """Write a picture as JPEG beside this file."""
    image = oiio.ImageBuf(np.ascontiguousarray(picture))
    image.specmod().attribute("compression", "jpeg:85")
    image.write(str(HERE / f"{name}.jpg"))


if __name__ == "__main__":
    main()
