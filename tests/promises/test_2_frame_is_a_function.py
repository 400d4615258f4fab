"""Promise 2: a frame alone, a chunk, other chunks and the whole shot give the same pixels."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from plates import bits, read
from replate.params import Curve

from .conftest import FRAMES, style

KEYS = Curve(((1001, 0.2), (1010, 1.0)), "smooth")


def pixels(folder: Path) -> list[np.ndarray]:
    return [bits(read(folder / f"{frame:04d}.exr")[0]) for frame in FRAMES]


@pytest.fixture
def whole(tmp_path: Path, shot: str, generator: str) -> list[np.ndarray]:
    style(shot, tmp_path / "whole" / "%04d.exr", generator, strength=KEYS)
    return pixels(tmp_path / "whole")


@pytest.mark.parametrize("size", [1, 3, 7])
def test_chunks(tmp_path: Path, shot: str, generator: str, whole: list[np.ndarray], size: int) -> None:
    for first in FRAMES[::size]:
        last = min(first + size - 1, FRAMES[-1])
        style(shot, tmp_path / "chunks" / "%04d.exr", generator, frames=f"{first}-{last}", strength=KEYS)
    assert all(np.array_equal(a, b) for a, b in zip(whole, pixels(tmp_path / "chunks"), strict=True))


def test_any_order(tmp_path: Path, shot: str, generator: str, whole: list[np.ndarray]) -> None:
    order = random.Random(3).sample(FRAMES, len(FRAMES))
    frames = ",".join(map(str, order))
    style(shot, tmp_path / "order" / "%04d.exr", generator, frames=frames, strength=KEYS)
    assert all(np.array_equal(a, b) for a, b in zip(whole, pixels(tmp_path / "order"), strict=True))


def test_number_of_threads(tmp_path: Path, shot: str, generator: str, whole: list[np.ndarray]) -> None:
    style(shot, tmp_path / "one" / "%04d.exr", generator, strength=KEYS, threads=1)
    for a, b in zip(whole, pixels(tmp_path / "one"), strict=True):
        assert np.abs(a.view(np.float32) - b.view(np.float32)).max() <= 1e-5


def test_frames_do_differ(whole: list[np.ndarray]) -> None:
    """Or the tests above would prove nothing."""
    assert len({frame.tobytes() for frame in whole}) == len(whole)
