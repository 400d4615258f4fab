"""Render the pictures of this documentation again: python docs/pictures/make.py"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import OpenImageIO as oiio

from replate.demo import run
from replate.progress import watcher_for

HERE = Path(__file__).parent


def main() -> None:
    """The demo's contact sheet, smaller, as JPEG."""
    with TemporaryDirectory() as folder, watcher_for() as watcher:
        for line in run(Path(folder), watcher=watcher, frames="1-48x8"):
            watcher.note(line)
        sheet = oiio.ImageBuf(str(Path(folder) / "before_after.png"))
        small = oiio.ImageBufAlgo.resize(
            sheet, roi=oiio.ROI(0, 1440, 0, 1440 * sheet.spec().height // sheet.spec().width)
        )
        small.specmod().attribute("compression", "jpeg:85")
        small.write(str(HERE / "before_after.jpg"))


if __name__ == "__main__":
    main()
