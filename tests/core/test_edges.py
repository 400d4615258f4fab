"""Edge colour: what is found of a foreground whose colour, matte and background are known; and light wrap over it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from replate.removal.edges import foreground
from replate.removal.wrap import wrapped

SIZE = (96, 130)
LIGHT = st.floats(-4, 1e4, width=32) | st.sampled_from([np.nan, np.inf, -np.inf])
MATTES = st.sampled_from([0.0, 0.0, 0.2, 0.5, 0.9, 1.0, 1.0])


def scene(seed: int) -> np.ndarray:
    """Scene-linear H x W x 3: soft blobs of colour and fine texture."""
    random = np.random.default_rng(seed)
    coarse, fine = (
        cv2.resize(random.normal(size=(n, n, 3)), SIZE[::-1], interpolation=cv2.INTER_CUBIC) for n in (5, 40)
    )
    return np.exp2(coarse + 0.3 * fine - 2).astype(np.float32)


def disc(soft: float) -> np.ndarray:
    """H x W x 1, 1 inside."""
    matte = np.zeros(SIZE, np.float32)
    cv2.circle(matte, (65, 48), 28, 1.0, -1)
    for turn in np.arange(0, 6.28, 0.35):
        end = (round(65 + 42 * np.cos(turn)), round(48 + 42 * np.sin(turn)))
        cv2.line(matte, (65, 48), end, 1.0, 1, cv2.LINE_AA)
    return cv2.GaussianBlur(matte, (0, 0), soft)[..., None].clip(0, 1)


def over(front: np.ndarray, matte: np.ndarray, behind: np.ndarray) -> np.ndarray:
    light: np.ndarray = matte * front + (1 - matte) * behind
    return light


def error(front: np.ndarray, matte: np.ndarray, truth: np.ndarray) -> float:
    """How wrong the soft edge is behind which the background is changed."""
    edge = ((matte > 0.02) & (matte < 0.98))[..., 0]
    return float(np.sqrt(np.square(matte * (front - truth))[edge].mean()))


class TestForeground:
    @pytest.mark.parametrize("soft", [0.7, 2.0, 4.0])
    @pytest.mark.parametrize("exposure", [1 / 64, 1.0, 64.0])
    def test_the_old_background_goes(self, soft: float, exposure: float) -> None:
        truth, behind, matte = exposure * scene(1), exposure * scene(2), disc(soft)
        plate = over(truth, matte, behind)
        as_it_is = error(plate, matte, truth)
        assert error(foreground(plate, matte), matte, truth) < 0.75 * as_it_is
        assert error(foreground(plate, matte, background=behind), matte, truth) < 0.25 * as_it_is

    def test_a_plain_foreground_is_found_exactly(self) -> None:
        truth, matte = np.full((*SIZE, 3), (0.1, 0.4, 0.8), np.float32), disc(2)
        found = foreground(over(truth, matte, 0 * truth + 0.05), matte)
        assert np.abs(found - truth)[matte[..., 0] > 0.05].max() < 0.02

    def test_a_lamp_behind_the_edge_is_not_the_foreground(self) -> None:
        truth, behind, matte = scene(1), scene(2), disc(2)
        behind[40:44, 80:110] = 3000.0
        plate = over(truth, matte, behind)
        assert error(plate, matte, truth) > 40
        assert error(foreground(plate, matte), matte, truth) < 0.3
        assert error(foreground(plate, matte, background=behind), matte, truth) < 0.1

    def test_light_above_1_stays_the_foregrounds(self) -> None:
        truth, matte = scene(1), disc(2)
        truth[30:60, 30:90] *= 500
        behind = scene(2)
        found = foreground(over(truth, matte, behind), matte, background=behind)
        edge = (matte > 0.3) & (matte < 1)
        assert np.median(np.abs(found / truth - 1)[edge[..., 0]]) < 0.02

    def test_where_nobody_knows_the_background_it_is_estimated(self) -> None:
        truth, behind, matte = scene(1), scene(2), disc(2)
        plate, half = over(truth, matte, behind), behind.copy()
        half[:, 65:] = np.nan
        found = foreground(plate, matte, background=half)
        left, right = (error(found[:, part], matte[:, part], truth[:, part]) for part in (np.s_[:60], np.s_[70:]))
        alone = error(foreground(plate, matte)[:, 70:], matte[:, 70:], truth[:, 70:])
        assert left < 0.5 * right and right == pytest.approx(alone, rel=0.1)

    def test_a_dead_pixel_hurts_only_itself(self) -> None:
        truth, behind, matte = scene(1), scene(2), disc(2)
        plate = over(truth, matte, behind)
        dead = plate.copy()
        dead[48, 95], dead[20, 65], dead[48, 65] = np.nan, np.inf, -np.inf
        found, healthy = foreground(dead, matte), foreground(plate, matte)
        assert np.isfinite(found[matte[..., 0] < 1]).all()
        assert np.abs(matte * (found - healthy))[48, 95].max() < 0.3
        near = np.abs(np.where(np.isfinite(dead), matte * (found - healthy), 0))
        assert near.max() < 0.1

    @given(st.data())
    def test_any_pixels_and_any_matte(self, data: st.DataObject) -> None:
        size = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
        plate = data.draw(arrays(np.float32, (*size, 3), elements=LIGHT))
        matte = data.draw(arrays(np.float32, (*size, 1), elements=MATTES))
        old = data.draw(st.none() | arrays(np.float32, (*size, 3), elements=LIGHT))
        found, solid = foreground(plate, matte, background=old), matte[..., 0] == 1
        assert found[solid].tobytes() == plate[solid].tobytes()
        assert np.isfinite(found[~solid]).all()
        assert (found[~solid] >= np.minimum(np.nan_to_num(plate[~solid]), 0)).all()

    def test_what_is_far_away_does_not_matter(self) -> None:
        plate, matte = (
            np.pad(each, ((0, 0), (320, 320), (0, 0))) for each in (over(scene(1), disc(2), scene(2)), disc(2))
        )
        found = foreground(plate, matte)
        plate[:, 700:] = 50.0
        assert np.abs(matte * (foreground(plate, matte) - found))[:, :480].max() < 1e-3


class TestWrap:
    def wrap(self, front: np.ndarray, matte: np.ndarray, behind: np.ndarray, **how: Any) -> np.ndarray:
        return wrapped(front, matte, behind, **{"amount": 1.0, "width": 8.0, **how})

    def test_nothing_beyond_its_width(self) -> None:
        matte = np.zeros((20, 60, 1), np.float32)
        matte[:, 30:] = 1
        dark, bright = np.full((20, 60, 3), 0.1, np.float32), np.full((20, 60, 3), 900.0, np.float32)
        result = self.wrap(dark, matte, bright)
        assert result[:, 38:].tobytes() == dark[:, 38:].tobytes()
        edge = result[10, 30:38, 0]
        assert (np.diff(edge) < 0).all() and edge[-2] > 0.1

    def test_off_is_off(self) -> None:
        front, matte = scene(1), disc(2)
        assert self.wrap(front, matte, scene(2), amount=0.0) is front
        assert self.wrap(front, matte, scene(2), width=0.0) is front
        assert self.wrap(front, np.ones_like(matte), scene(2)).tobytes() == front.tobytes()

    @given(st.floats(0.1, 1), st.floats(0.5, 30))
    def test_light_is_added_and_no_more_than_there_is(self, amount: float, width: float) -> None:
        front, behind, matte = scene(1), scene(2), disc(1)
        added = self.wrap(front, matte, behind, amount=amount, width=width) - front
        assert added.min() >= 0
        assert (front + added <= np.maximum(front, behind.max()) + 1e-4).all()
        assert self.wrap(front, matte, front, amount=amount, width=width).max() <= front.max() + 1e-4
        assert added.sum() <= amount * np.pad(behind * (1 - matte), ((30, 30), (30, 30), (0, 0)), mode="edge").sum()

    def test_more_width_reaches_farther_without_a_step(self) -> None:
        front, behind, matte = np.zeros_like(scene(1)), scene(2), disc(0.5)
        results = [self.wrap(front, matte, behind, width=width) for width in (4.0, 4.01, 9.0)]
        assert np.abs(results[1] - results[0]).max() < 0.01 * behind.max()
        assert (results[2] > 0).sum() > (results[0] > 0).sum()

    def test_broken_light_gives_none(self) -> None:
        front, behind, matte = scene(1), scene(2), disc(1)
        behind[10:14, 10:14], behind[48, 20:25], behind[48, 100] = np.nan, np.inf, -7.0
        result = self.wrap(front, matte, behind)
        assert np.isfinite(result).all() and (result >= front).all()
        front[48, 36] = np.nan
        assert np.isfinite(self.wrap(front, matte, behind)).all(axis=-1).sum() == front.shape[0] * front.shape[1] - 1
