"""The shipped looks keep what their cards say: exposure, no grid, a whole card."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from plates import plate
from replate.card import Card
from replate.catalogue import shipped
from replate.color import transform
from replate.generator import Generator
from replate.network.onnxfile import read_card
from replate.removal.pyramid import pyramid_fill


def _card(path: Path) -> Card:
    card = read_card(path)
    assert card is not None
    return card


LOOKS = pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
COLOURS = pytest.mark.parametrize(
    "path", [path for path in shipped() if _card(path).space == "ACEScct"], ids=lambda path: path.stem
)
STOP = 1 / 17.52  # in ACEScct above its toe, S-2016-001


@pytest.fixture
def picture() -> np.ndarray:
    """A plate in ACEScct whose shadows stay above the toe when it is three stops darker."""
    light = np.abs(plate(256, 320)[..., :3]) + 0.1
    return transform("ACEScg").forward(np.ascontiguousarray(light))


def run(path: Path, rgb: np.ndarray) -> np.ndarray:
    same = transform("ACEScct", "ACEScct")
    return Generator.load(path).apply(np.ascontiguousarray(rgb, np.float32), transform=same, confidence=False)[0]


@COLOURS
@pytest.mark.parametrize("stops", [-3, 3])
def test_exposure_is_carried_through(path: Path, picture: np.ndarray, stops: int) -> None:
    shift = np.float32(stops * STOP)
    assert np.abs(run(path, picture + shift) - shift - run(path, picture)).mean() <= 0.02


@LOOKS
@pytest.mark.parametrize("period", [2, 4, 8])
def test_a_plain_wall_shows_no_grid(path: Path, period: int) -> None:
    """What repeats every few pixels stays below a fiftieth of a stop, 1.4 % of the light."""
    result = run(path, np.full((256, 256, 3), 0.4))
    detail = (result - cv2.GaussianBlur(result, (0, 0), 4))[32:-32, 32:-32]
    cells = detail.reshape(192 // period, period, 192 // period, period, 3).mean(axis=(0, 2))
    assert np.ptp(cells) < 0.02 * STOP


@LOOKS
def test_the_card_is_whole(path: Path) -> None:
    card = read_card(path)
    assert card is not None and card.training is not None
    assert card.name == path.stem and card.licence and card.commercial_use is not None
    assert card.training.steps > 0 and card.training.seconds > 0 and card.training.data and card.metrics
    assert all(data.licence for data in card.training.data)
    assert not re.search(r"(?<![\w.])/\w", card.training.command), "no folder of the machine that trained it"
    assert path.stat().st_size < 8e6


def test_three_looks_and_a_fill_are_shipped() -> None:
    assert [path.stem for path in shipped("style")] == ["colorize", "painted", "silver"]
    assert [path.stem for path in shipped("removal")] == ["fill"]


@pytest.fixture
def fill() -> Generator:
    return Generator.load("fill", device="cpu")


@pytest.fixture
def hole() -> np.ndarray:
    hole = np.zeros((256, 320, 1), np.float32)
    cv2.circle(hole, (150, 120), 40, 1, -1)
    cv2.line(hole, (20, 230), (300, 200), 1, 4)
    return cv2.GaussianBlur(hole, (0, 0), 0.8)[..., None]


@pytest.mark.parametrize("stops", [-3, 3])
def test_the_fill_keeps_what_is_known_and_its_exposure(
    fill: Generator, picture: np.ndarray, hole: np.ndarray, stops: int
) -> None:
    same, shift = transform("ACEScct", "ACEScct"), np.float32(stops * STOP)
    smooth = pyramid_fill(picture, hole)
    made = [fill.apply(each, transform=same, guides={"hole": hole})[0] for each in (smooth, smooth + shift)]
    known = hole[..., 0] == 0
    np.testing.assert_array_equal(made[0][known], picture[known])
    assert np.abs(made[0] - smooth)[~known].mean() > 1e-3, "the hole gets more than the smooth fill"
    assert np.abs(made[1] - shift - made[0]).max() < 1e-3


def test_tiles_of_the_fill_do_not_show(fill: Generator) -> None:
    light = transform("ACEScg").forward(np.ascontiguousarray(np.abs(plate(1100, 1000)[..., :3]) + 0.1))
    hole = np.zeros((1100, 1000, 1), np.float32)
    hole[300:800, 350:600] = 1
    smooth, same = pyramid_fill(light, hole), transform("ACEScct", "ACEScct")
    whole, tiled = (
        fill.apply(smooth, transform=same, guides={"hole": hole}, tile=tile, confidence=False)[0]
        for tile in ("off", "1000")
    )
    assert fill.card.overlap < 500
    assert np.abs(whole - tiled).max() <= 1e-4


def test_the_critic_of_the_fill_has_an_opinion_of_the_hole(
    fill: Generator, picture: np.ndarray, hole: np.ndarray
) -> None:
    smooth, same = pyramid_fill(picture, hole), transform("ACEScct", "ACEScct")
    trust = fill.apply(smooth, transform=same, guides={"hole": hole})[1]
    assert trust is not None and trust.shape == (256, 320, 1) and np.ptp(trust) > 0.01
