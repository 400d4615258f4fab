"""Shots in which something crosses a backdrop, with the matte of it: what there is to remove."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from nets import identity
from plates import write
from replate.card import Card

__all__ = ["SIZE", "Walk", "backdrop", "box", "walk"]

SIZE = (72, 112)
PAN = 2  # pixels by which the backdrop moves to the left in a frame
COLOUR = (9.0, 0.0, 9.0)  # of what goes; the backdrop has nothing like it

Matte = Callable[[int], np.ndarray]


@dataclass(frozen=True)
class Walk:
    """Patterns of a shot's plates, of its mattes, and of the plates as they were without anybody.

    `generator` is one that invents nothing: what no frame shows stays smooth.
    """

    plate: str
    mask: str
    truth: str
    generator: str


def backdrop(seed: int = 1, *, frame: int = 0, size: tuple[int, int] = SIZE) -> np.ndarray:
    """H x W x 3 scene-linear light with coarse and fine texture, 0.02 to 0.9, that pans with `frame`."""
    random = np.random.default_rng(seed)
    height, width = size
    wide = np.zeros((height, width * 3, 3), np.float32)
    for cells, weight in ((4, 0.5), (12, 0.3), (36, 0.2)):
        wide += weight * cv2.resize(random.random((cells, cells * 4, 3), np.float32), (width * 3, height))
    left = width + PAN * frame
    return np.ascontiguousarray(0.02 + 0.88 * wide[:, left : left + width])


def box(frame: int, *, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The matte of something of 24 x 16 pixels that goes 6 pixels to the right in a frame, H x W, 0 or 1."""
    matte = np.zeros(size, np.float32)
    left = 24 + 6 * frame
    matte[24:48, left : left + 16] = 1
    return matte


def walk(
    folder: Path,
    frames: Sequence[int],
    *,
    matte: Matte = box,
    seed: int = 1,
    light: Callable[[int], float] = lambda _: 1.0,
    colour: Sequence[float] = COLOUR,
    **how: Any,
) -> Walk:
    """Write the plates of `frames`, counted from the first as 0.

    `light` is what all light in a frame is multiplied by, `colour` what stands where the matte is, and `how` is for
    `plates.write`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    patterns = (str(folder / f"{name}.%04d.exr") for name in ("plate", "mask", "truth"))
    still = identity(folder / "still.onnx", card=Card(name="still", kind="removal"))
    found = Walk(*patterns, generator=str(still))
    how = {"formats": ("float",) * 3, **how}
    for number in frames:
        index = number - frames[0]
        shape = matte(index)
        truth = light(index) * backdrop(seed, frame=index, size=shape.shape)
        with np.errstate(invalid="ignore"):  # a colour need not be finite
            plate = (truth + shape[..., None] * (np.float32(colour) - truth)).astype(np.float32)
        write(Path(found.truth % number), truth, **how)
        write(Path(found.plate % number), plate, **how)
        write(Path(found.mask % number), shape[..., None], channels="Y", **{**how, "formats": ("half",)})
    return found
