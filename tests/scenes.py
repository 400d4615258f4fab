"""Places that are told apart at a glance, and a camera that pans over them: material for datasets."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from films import encode

__all__ = ["place", "shoot"]

Array = npt.NDArray[Any]


def place(seed: int, *, frame: int = 0, size: tuple[int, int] = (96, 128), speed: int = 1) -> Array:
    """What a camera sees of place number `seed`: H x W x 3, uint8, moved by `speed` pixels a frame."""
    random = np.random.default_rng(seed)
    height, width = size
    wide = np.zeros((height, width * 4, 3), np.float32)
    for cells, weight in ((3, 0.6), (8, 0.3), (24, 0.1)):
        grid = random.random((cells, cells * 5, 3), np.float32)
        wide += weight * cv2.resize(grid, (width * 4, height), interpolation=cv2.INTER_CUBIC)
    low, high = wide.min(), wide.max()
    left = speed * frame
    tint = random.uniform(0.35, 1.0, 3)
    return (15 + 240 * tint * (wide[:, left : left + width] - low) / (high - low)).astype(np.uint8)


def shoot(path: Path, pictures: Iterable[Array], **how: Any) -> Path:
    """A movie of RGB pictures, uint8, in H.264 that loses next to nothing."""
    frames = (av.VideoFrame.from_ndarray(np.ascontiguousarray(each), format="rgb24") for each in pictures)
    return encode(path, (each.reformat(format="yuv420p") for each in frames), options={"crf": "10"}, **how)
