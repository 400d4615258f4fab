"""Promise 2: a frame alone, a chunk, other chunks and the whole shot give the same pixels."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from plates import bits, read
from replate.nodes.removal import Removal
from replate.params import Curve
from walks import Walk, box, walk

from .conftest import FRAMES, remove, style

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


SEARCH = {"reach": 4}


@pytest.fixture
def walked(tmp_path: Path) -> Walk:
    """Something that walks, with a mask that fails to come in one frame and trembles in another."""

    def matte(index: int) -> np.ndarray:
        return np.roll(box(index), 3 * (index == 6), axis=0) * (index != 3)

    return walk(tmp_path / "in", FRAMES, matte=matte)


@pytest.fixture
def removed(tmp_path: Path, walked: Walk) -> list[np.ndarray]:
    remove(walked, tmp_path / "removed" / "%04d.exr", **SEARCH)
    return pixels(tmp_path / "removed")


@pytest.mark.parametrize("motion", ["auto", "still", "planar", "flow"])
def test_removal_in_any_order_and_alone(tmp_path: Path, walked: Walk, motion: str) -> None:
    """In order, backwards, and each frame by a job of its own, with nothing left over from another."""
    asked = {**SEARCH, "motion": motion}
    backwards = ",".join(map(str, reversed(FRAMES)))
    remove(walked, tmp_path / "order" / "%04d.exr", **asked)
    remove(walked, tmp_path / "back" / "%04d.exr", frames=backwards, **asked)
    for frame in FRAMES:
        remove(walked, tmp_path / "alone" / "%04d.exr", frames=str(frame), **asked)
    order, back, alone = (pixels(tmp_path / name) for name in ("order", "back", "alone"))
    assert all(np.array_equal(a, b) and np.array_equal(a, c) for a, b, c in zip(order, back, alone, strict=True))


def test_removal_with_one_thread(tmp_path: Path, walked: Walk, removed: list[np.ndarray]) -> None:
    remove(walked, tmp_path / "one" / "%04d.exr", threads=1, **SEARCH)
    for a, b in zip(removed, pixels(tmp_path / "one"), strict=True):
        assert np.abs(a.view(np.float32) - b.view(np.float32)).max() <= 1e-5


def test_removal_sees_no_frame_beyond_its_window(tmp_path: Path, walked: Walk, removed: list[np.ndarray]) -> None:
    """Another last frame is another result for those within reach of it, and the same for all others."""
    walk(tmp_path / "other", FRAMES, seed=2)
    for name in ("plate", "mask"):
        (tmp_path / "other" / f"{name}.{FRAMES[-1]}.exr").replace(tmp_path / "in" / f"{name}.{FRAMES[-1]}.exr")
    remove(walked, tmp_path / "changed" / "%04d.exr", **SEARCH)
    same = [np.array_equal(a, b) for a, b in zip(removed, pixels(tmp_path / "changed"), strict=True)]
    assert all(same[: -max(Removal.offsets(SEARCH)) - 1]) and not same[-1]


def test_removal_crosses_no_cut(tmp_path: Path) -> None:
    """What comes after a cut makes no difference to what is before it."""
    results = []
    for seed in (2, 3):
        shot = walk(tmp_path / f"in{seed}", FRAMES[:5])
        walk(tmp_path / f"in{seed}", FRAMES[5:], seed=seed)
        remove(shot, tmp_path / f"out{seed}" / "%04d.exr", **SEARCH)
        results.append(pixels(tmp_path / f"out{seed}"))
    assert all(np.array_equal(a, b) for a, b in zip(results[0][:5], results[1][:5], strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(results[0][5:], results[1][5:], strict=True))
