"""Promise 2: a frame alone, a chunk, other chunks and the whole shot give the same pixels."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plates import bits, read
from replate.nodes.removal import Removal
from replate.params import Curve
from walks import Walk, box, walk

from .conftest import FRAMES, burn, burning, remove, style

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
    _same_in_any_order_and_alone(walked, tmp_path, **SEARCH, motion=motion)


def test_removal_of_what_stands_in_any_order_and_alone(tmp_path: Path) -> None:
    """What no frame shows is drawn at some frames and carried to others."""
    stands = walk(tmp_path / "in", FRAMES, matte=lambda _: box(4))
    _same_in_any_order_and_alone(stands, tmp_path, **SEARCH)


def _same_in_any_order_and_alone(shot: Walk, folder: Path, **asked: Any) -> None:
    """In order, backwards, and each frame by a job of its own, with nothing left over from another."""
    backwards = ",".join(map(str, reversed(FRAMES)))
    remove(shot, folder / "order" / "%04d.exr", **asked)
    remove(shot, folder / "back" / "%04d.exr", frames=backwards, **asked)
    for frame in FRAMES:
        remove(shot, folder / "alone" / "%04d.exr", frames=str(frame), **asked)
    order, back, alone = (pixels(folder / name) for name in ("order", "back", "alone"))
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


GUST: dict[str, Any] = {"wind.x": Curve(((1003, 0.0), (1008, 20.0))), "speed": Curve(((1001, 1.0), (1010, 0.6)))}


@pytest.fixture(scope="module")
def burnt(tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    folder = tmp_path_factory.mktemp("burnt")
    burn(burning(folder / "in"), folder / "%04d.exr", **GUST)
    return pixels(folder)


def test_fire_in_chunks_and_backwards(tmp_path: Path, burnt: list[np.ndarray]) -> None:
    """An emitter that moves and wind that rises; each part by a job of its own, and all of them from the last on."""
    shot = burning(tmp_path / "in")
    for chunk in ("1001-1004", "1005", "1006-1010"):
        burn(shot, tmp_path / "chunks" / "%04d.exr", frames=chunk, **GUST)
    burn(shot, tmp_path / "back" / "%04d.exr", frames=",".join(map(str, reversed(FRAMES))), **GUST)
    chunks, back = (pixels(tmp_path / name) for name in ("chunks", "back"))
    assert all(np.array_equal(a, b) and np.array_equal(a, c) for a, b, c in zip(burnt, chunks, back, strict=True))
    assert len({frame.tobytes() for frame in burnt}) == len(burnt)


def test_fire_with_one_thread(tmp_path: Path, burnt: list[np.ndarray]) -> None:
    burn(burning(tmp_path / "in"), tmp_path / "one" / "%04d.exr", threads=1, **GUST)
    for a, b in zip(burnt, pixels(tmp_path / "one"), strict=True):
        assert np.abs(a.view(np.float32) - b.view(np.float32)).max() <= 1e-5


def test_fire_sees_no_frame_beyond_its_window(tmp_path: Path, burnt: list[np.ndarray]) -> None:
    """Another last matte is another fire in that frame, and in no frame before it."""
    shot = burning(tmp_path / "in")
    (tmp_path / "in" / "emitter.1001.exr").replace(tmp_path / "in" / "emitter.1010.exr")
    burning(tmp_path / "other")
    (tmp_path / "other" / "emitter.1001.exr").replace(tmp_path / "in" / "emitter.1001.exr")
    burn(shot, tmp_path / "changed" / "%04d.exr", **GUST)
    same = [np.array_equal(a, b) for a, b in zip(burnt, pixels(tmp_path / "changed"), strict=True)]
    assert all(same[:-1]) and not same[-1]
