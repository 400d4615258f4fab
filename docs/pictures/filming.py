"""Short movies for the docs."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE = 24


def film(path: Path, pictures: Iterable[Any]) -> None:
    """H.264 of pictures (H x W x 3, 8-bit, blue first) of one even size."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(RATE), options={"crf": "27", "preset": "slow"})
        for index, picture in enumerate(pictures):
            if index == 0:
                stream.height, stream.width, stream.pix_fmt = *picture.shape[:2], "yuv420p"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")))
        container.mux(stream.encode(None))
