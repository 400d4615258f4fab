"""Removal where it is hard: masks of every shape, shots with hardly a frame, light that changes, a sphere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from plates import bits, read, write
from replate.job import Job
from replate.render import render
from walks import SIZE, Walk, backdrop, box, walk

FRAMES = range(1001, 1010)
Matte = Callable[[int], np.ndarray]


def remove(shot: Walk, folder: Path, *, frames: str = "", projection: str = "flat", **given: Any) -> dict[int, Any]:
    """The frames that were asked for, by number."""
    folder.mkdir(parents=True, exist_ok=True)
    job = Job(
        node="removal",
        inputs={"plate": shot.plate, "mask": shot.mask},
        output=str(folder / "out.%04d.exr"),
        frames=frames,
        generator=shot.generator,
        params={"reach": 4, **given},
        options={"projection": projection},
    )
    report = render(job)
    assert not report.failed, report.failed
    return {number: read(folder / f"out.{number}.exr")[0] for number in report.done}


def _part(*, top: int = 0, left: int = 0, height: int = SIZE[0], width: int = SIZE[1]) -> np.ndarray:
    matte = np.zeros(SIZE, np.float32)
    matte[top : top + height, left : left + width] = 1
    return matte


MATTES: dict[str, Matte] = {
    "left edge": lambda index: _part(left=0, width=8 + 4 * index, top=20, height=30),
    "corner": lambda index: _part(height=10 + 2 * index, width=12 + 3 * index),
    "bottom, all of it": lambda _: _part(top=50),
    "everything in one frame": lambda index: np.ones(SIZE, np.float32) if index == 4 else box(index),
    "everything but one frame": lambda index: box(index) if index == 0 else np.ones(SIZE, np.float32),
    "everything": lambda _: np.ones(SIZE, np.float32),
    "all but one pixel": lambda _: 1 - _part(top=30, left=50, height=1, width=1),
    "every other frame": lambda index: box(index) * (index % 2 == 0),
    "in one frame alone": lambda index: box(index) * (index == 4),
    "trembling": lambda index: np.roll(box(index), (7 * index) % 5 - 2, axis=0),
    "a hair": lambda index: _part(left=40 + index, width=1),
    "one pixel": lambda index: _part(top=30, left=40, height=1, width=1),
    "pieces": lambda index: (np.random.default_rng(index).random(SIZE) < 0.02).astype(np.float32),
    "soft": lambda index: cv2.GaussianBlur(box(index), (0, 0), 3),
    "faint": lambda index: 0.01 * box(index),
    "standing": lambda _: box(4),
}


@pytest.mark.parametrize("name", MATTES)
def test_mask(tmp_path: Path, name: str) -> None:
    """Nothing of what was there is left, nothing is brighter than the shot, and all else keeps its bits."""
    shot = walk(tmp_path / "in", FRAMES, matte=MATTES[name])
    made = remove(shot, tmp_path / "out", frames="1001,1005,1009")
    for number, after in made.items():
        before, hole = read(shot.plate % number)[0], MATTES[name](number - FRAMES[0]) > 0
        assert np.array_equal(bits(before[~hole]), bits(after[~hole]))
        assert np.isfinite(after).all()
        assert after[hole].max(initial=0) <= 1.5 and after[hole].min(initial=0) >= -0.1


@pytest.mark.parametrize("name", ["left edge", "everything in one frame", "trembling", "pieces", "standing"])
def test_what_is_under_the_mask_makes_no_difference(tmp_path: Path, name: str) -> None:
    made = []
    for colour in ((9.0, 0.0, 9.0), (0.0, 0.3, 0.0), (np.nan, np.inf, -1e4)):
        shot = walk(tmp_path / str(colour[0]), FRAMES, matte=MATTES[name], colour=colour)
        if not np.isfinite(colour).all():
            shot = _spoilt(shot, MATTES[name], colour)
        made.append(remove(shot, tmp_path / f"out{colour[0]}", frames="1005")[1005])
    assert np.array_equal(bits(made[0]), bits(made[1])) and np.array_equal(bits(made[0]), bits(made[2]))


def _spoilt(shot: Walk, matte: Matte, colour: tuple[float, ...]) -> Walk:
    """Colours that are not finite cannot be mixed in: they are put there."""
    for number in FRAMES:
        pixels = read(shot.truth % number)[0]
        pixels[matte(number - FRAMES[0]) > 0] = colour
        write(Path(shot.plate % number), pixels, formats=("float",) * 3)
    return shot


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_shots(tmp_path: Path, count: int) -> None:
    shot = walk(tmp_path / "in", FRAMES[:count])
    for number, after in remove(shot, tmp_path / "out").items():
        hole = box(number - FRAMES[0]) > 0
        assert np.isfinite(after).all() and after[hole].max() <= 1.5


def test_finds_the_background_to_the_ends_of_the_shot(tmp_path: Path) -> None:
    """The backdrop pans by whole pixels and shows in other frames, so it can be found all but exactly."""
    shot = walk(tmp_path / "in", FRAMES)
    for number, after in remove(shot, tmp_path / "out", reach=8, **{"grain.amount": 0.0}).items():
        hole = box(number - FRAMES[0]) > 0
        assert _apart(after, read(shot.truth % number)[0], hole) < 0.03, number


@pytest.mark.parametrize(
    "light",
    [
        pytest.param(lambda index: 1 - index / 10, id="fade to a tenth"),
        pytest.param(lambda index: 4.0 if index == 4 else 1.0, id="flash in this frame"),
        pytest.param(lambda index: 4.0 if index == 5 else 1.0, id="flash in the next"),
        pytest.param(lambda index: (0.5, 2.0)[index % 2], id="flicker"),
    ],
)
def test_light_that_changes(tmp_path: Path, light: Callable[[int], float]) -> None:
    """The fill has the light of its own frame."""
    shot = walk(tmp_path / "in", FRAMES, light=light)
    after = remove(shot, tmp_path / "out", frames="1005", **{"grain.amount": 0.0})[1005]
    assert _apart(after / light(4), read(shot.truth % 1005)[0] / light(4), box(4) > 0) < 0.06


def test_black_frames(tmp_path: Path) -> None:
    """A fade that ends in black: nothing to measure, nothing to see, nothing to fail at."""
    shot = walk(tmp_path / "in", FRAMES, light=lambda index: max(0.0, 1 - index / 4))
    made = remove(shot, tmp_path / "out", frames="1005,1009")
    assert all(np.abs(after).max() < 0.02 for after in made.values())


def test_around_the_sphere(tmp_path: Path) -> None:
    """A panorama that is turned gives the same result, turned: its left and right edges meet."""
    half = SIZE[1] // 2
    made = []
    for turn in (0, half):
        shot = walk(tmp_path / str(turn), FRAMES, matte=lambda index, turn=turn: np.roll(_seam(index), turn, axis=1))
        for number in FRAMES:
            _turned(shot, number, turn)
        made.append(remove(shot, tmp_path / f"out{turn}", frames="1005", projection="equirect")[1005])
    hole = _seam(4) > 0
    truth = _ring(4)
    assert _apart(made[0], truth, hole) < 1.5 * _apart(np.roll(made[1], -half, axis=1), truth, hole) + 0.005


def _seam(index: int) -> np.ndarray:
    """What goes crosses the seam."""
    return np.roll(_part(top=24, left=0, height=24, width=16), 6 * (index - 4) - 8, axis=1)


def _ring(index: int) -> np.ndarray:
    """A backdrop that closes around, turned by two pixels a frame."""
    wide = backdrop()
    blend = np.linspace(0, 1, SIZE[1], dtype=np.float32)[:, None]
    return np.roll((1 - blend) * wide + blend * wide[:, ::-1], -2 * index, axis=1)


def _turned(shot: Walk, number: int, turn: int) -> None:
    index = number - FRAMES[0]
    pixels = np.roll(_ring(index), turn, axis=1)
    pixels[np.roll(_seam(index), turn, axis=1) > 0] = (9, 0, 9)
    write(Path(shot.plate % number), pixels, formats=("float",) * 3)


def _apart(made: np.ndarray, truth: np.ndarray, where: np.ndarray) -> float:
    return float(np.abs(made - truth)[where].mean())


def test_texture_of_a_single_frame_is_no_strong_grain(tmp_path: Path) -> None:
    """Pebbles all over and no other frame to tell them from grain: the fill is not covered with them."""
    size = (240, 432)
    shot = walk(tmp_path / "in", FRAMES[:1], matte=lambda _: np.zeros(size, np.float32))
    random = np.random.default_rng(4)
    pebbles = np.exp2(cv2.GaussianBlur(random.standard_normal((*size, 3)), (0, 0), 1.5) * 3 - 2).astype(np.float32)
    hole = np.zeros(size, np.float32)
    hole[80:160, 150:280] = 1
    write(Path(shot.plate % 1001), np.where(hole[..., None] > 0, 0, pebbles), formats=("float",) * 3)
    write(Path(shot.mask % 1001), hole[..., None], channels="Y")
    made = [remove(shot, tmp_path / f"out{amount}", **{"grain.amount": amount})[1001] for amount in (0.0, 1.0)]
    stops = np.log2(made[1] / made[0])[hole > 0]
    assert 0 < stops.std() < 0.35 < np.log2(pebbles).std() / 1.5


def test_what_no_frame_shows_stays_from_frame_to_frame(tmp_path: Path) -> None:
    """Nothing moves, but beside the hole a lamp goes on and off: what is drawn for one frame alone does likewise."""
    matte, lamp = _part(top=16, left=24, height=40, width=48), _part(top=26, left=18, height=20, width=6)
    shot = walk(tmp_path / "in", FRAMES, matte=lambda _: matte)
    for number in FRAMES:
        plate = backdrop() + 0.5 * lamp[..., None] * (number % 2)
        write(Path(shot.plate % number), np.where(matte[..., None] > 0, np.float32(9), plate), formats=("float",) * 3)
    asked = {"frames": "1003-1007", "motion": "still", "level": 0.0, "blend": 0.0, "grain.amount": 0.0}
    calm, restless = (_change(remove(shot, tmp_path / f"{each}", steady=each, **asked), matte) for each in (1.0, 0.0))
    assert calm < 0.85 * restless


def _change(made: dict[int, np.ndarray], where: np.ndarray) -> float:
    """From each frame to the next, well inside."""
    inside = cv2.erode(where, np.ones((21, 21))) > 0
    return float(np.abs(np.diff([each[inside] for each in made.values()], axis=0)).mean())
