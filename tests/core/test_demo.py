"""The demo, with the generators that are shipped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO as oiio

from replate.demo import looks, run
from replate.media import open_source
from replate.news.progress import Watcher


def test_sequences_movies_and_a_sheet(tmp_path: Path) -> None:
    lines = list(run(tmp_path, watcher=Watcher(), frames="1-3"))
    names = looks()
    assert names == ["painted", "silver"]
    assert len(lines) == 2 * len(names) + 1
    for name in names:
        with open_source(str(tmp_path / name / f"{name}.%04d.exr")) as shot:
            assert shot.frames == (1, 2, 3)
        with open_source(str(tmp_path / f"{name}.mp4")) as movie:
            assert len(movie.frames) == 3
    sheet = oiio.ImageBuf(str(tmp_path / "before_after.png")).get_pixels(oiio.FLOAT)
    assert sheet.shape == (3 * 404, 3 * 720, 3)
    plate, painted, silver = np.split(sheet, 3)
    assert np.abs(painted - plate).mean() > 0.02, "painted must be seen"
    assert np.ptp(silver, axis=-1).max() < 0.01, "silver must be grey"
    assert np.abs(silver.mean() - plate.mean()) < 0.1, "and keep its exposure"
