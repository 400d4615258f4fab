"""Mattes from a clean plate: the figure is found; what two takes of a set differ by is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from replate.color import transform
from replate.removal.cleanplate import matched
from replate.removal.difference import difference
from replate.removal.matting import soft_matte

SIZE = (160, 220)
LIGHT = st.floats(-1, 1e4, width=32) | st.sampled_from([np.nan, np.inf, -np.inf])


def scene(seed: int, *, low: float = -3) -> np.ndarray:
    """Scene-linear H x W x 3: blobs of colour and texture."""
    random = np.random.default_rng(seed)
    layers = [
        weight * cv2.resize(random.normal(size=(n, n, 3)), SIZE[::-1], interpolation=cv2.INTER_CUBIC)
        for n, weight in ((5, 1.0), (40, 0.3), (90, 0.15))
    ]
    return np.exp2(sum(layers) + low).astype(np.float32)


def grain(seed: int, light: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=light.shape) * np.sqrt(2e-4 * light + 2e-6)
    return (light + noise).astype(np.float32)


def figure(soft: float = 1.0) -> np.ndarray:
    """H x W x 1: a disc with an arm and strands of hair."""
    alpha = np.zeros(SIZE, np.float32)
    cv2.circle(alpha, (110, 100), 40, 1.0, -1)
    cv2.line(alpha, (110, 100), (40, 120), 1.0, 12)
    for turn in np.arange(3.4, 6.1, 0.3):
        end = (round(110 + 62 * np.cos(turn)), round(100 + 62 * np.sin(turn)))
        cv2.line(alpha, (110, 100), end, 1.0, 1, cv2.LINE_AA)
    return cv2.GaussianBlur(alpha, (0, 0), soft)[..., None].clip(0, 1)


def difference_matte(plate: np.ndarray, clean: np.ndarray, **how: float) -> np.ndarray:
    matte: np.ndarray = difference(plate, clean, **how).matte
    return matte


SET, COLOUR = scene(1), scene(2, low=1)
PLATE = grain(3, figure() * COLOUR + (1 - figure()) * SET)


def error(plate: np.ndarray, clean: np.ndarray, **how: float) -> float:
    """The mean error of the matte, in shares of the figure's area."""
    return float(np.abs(difference_matte(plate, clean, **how) - figure()).sum() / figure().sum())


class TestDifference:
    def test_the_figure_and_its_hair(self) -> None:
        matte = difference_matte(PLATE, grain(4, SET))
        assert matte.shape == (*SIZE, 1) and matte.dtype == np.float32
        assert matte.min() == 0 and matte.max() == 1
        assert np.abs(matte - figure()).sum() < 0.08 * figure().sum()
        hair = (figure() > 0.1) & (np.indices(SIZE)[0] < 55)[..., None]
        assert np.corrcoef(matte[hair], figure()[hair])[0, 1] > 0.7

    @pytest.mark.parametrize("stops", [(-0.5, -0.5, -0.5), (0.4, 0.0, -0.4)])
    def test_exposure_and_colour_may_differ(self, stops: tuple[float, float, float]) -> None:
        y, x = np.mgrid[0 : 1 : SIZE[0] * 1j, 0 : 1 : SIZE[1] * 1j]
        gain = np.exp2(np.array(stops) + 0.3 * (x * y)[..., None])
        assert error(PLATE, grain(4, (SET * gain).astype(np.float32))) < 0.1

    def test_the_camera_may_shake(self) -> None:
        turn = np.array([[0.9995, 0.003, 1.7], [-0.003, 0.9995, -1.2]])
        moved = cv2.warpAffine(SET, turn, SIZE[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        assert error(PLATE, grain(4, moved.clip(1e-3))) < 0.12

    def test_a_set_without_anybody_is_empty(self) -> None:
        assert difference_matte(grain(3, SET), grain(4, SET)).sum() < 1
        assert not difference_matte(SET, SET).any()

    def test_shadows_stay_with_the_set_or_go_with_the_figure(self) -> None:
        fallen = cv2.GaussianBlur(np.roll(figure(), (30, 60), axis=(0, 1)), (0, 0), 3)[..., None]
        lit = SET * (1 - 0.4 * fallen)
        plate = grain(3, figure() * COLOUR + (1 - figure()) * lit)
        inside = ((fallen > 0.9) & (figure() == 0))[..., 0]
        without, with_ = (difference_matte(plate, SET, shadows=stops)[inside].mean() for stops in (1.0, 0.0))
        assert without < 0.05 and with_ > 0.6

    def test_a_shadow_that_touches_the_figure_is_no_part_of_it(self) -> None:
        """Beside a dark, thin figure, where every filter that sees the figure sees the shadow, too."""
        alpha = np.zeros((*SIZE, 1), np.float32)
        alpha[30:140, 100:112], alpha[30:140, 122:134] = 1, 1
        lit = SET * (1 - 0.3 * cv2.GaussianBlur(cv2.dilate(alpha, np.ones((15, 15))), (0, 0), 5)[..., None])
        plate = grain(3, alpha * 0.05 * COLOUR + (1 - alpha) * lit)
        matte = difference_matte(plate, grain(4, SET))
        beside = (cv2.dilate(alpha, np.ones((13, 13))) > 0) & (cv2.dilate(alpha, np.ones((5, 5))) == 0)
        assert matte[beside].mean() < 0.06 and matte[alpha == 1].mean() > 0.9

    def test_the_set_is_told_in_the_plates_light(self) -> None:
        gain = np.float32([1.3, 1.1, 0.9])
        clean = (SET * gain).astype(np.float32)
        clean[:4] = np.nan
        behind = difference(PLATE, clean).behind
        assert np.isnan(behind[:4]).all() and np.isfinite(behind[4:]).all()
        assert np.abs(np.log2(behind[4:] / SET[4:])).mean() < 0.1

    def test_a_thing_in_its_own_colour_is_no_shadow(self) -> None:
        box = SET.copy()
        box[40:90, 30:90] *= np.float32([0.9, 0.5, 0.4])
        assert difference_matte(grain(3, box), grain(4, SET))[44:86, 34:86].mean() > 0.8

    def test_more_sensitivity_finds_more(self) -> None:
        faint = SET.copy()
        faint[40:90, 30:90] *= np.float32([1.3, 1.0, 0.8])
        plate, clean = grain(3, faint), grain(4, SET)
        found = [difference_matte(plate, clean, sensitivity=each)[44:86, 34:86].mean() for each in (0.1, 1.0, 4.0)]
        assert found[0] < 0.05 and found[0] < found[1] <= found[2] and found[2] > 0.9

    @pytest.mark.parametrize("exposure", [1 / 16, 16.0])
    def test_any_exposure(self, exposure: float) -> None:
        assert error(PLATE * np.float32(exposure), grain(4, SET) * np.float32(exposure)) < 0.12

    def test_dead_pixels_are_no_figure(self) -> None:
        plate, clean = grain(3, SET), grain(4, SET)
        plate[20, 30], plate[90, 100], clean[50, 60] = np.nan, np.inf, -np.inf
        clean[:, 200:] = np.nan
        assert difference_matte(plate, clean).sum() < 1

    def test_the_same_whatever_the_threads(self) -> None:
        count = cv2.getNumThreads()
        results = []
        for threads in (1, 2):
            cv2.setNumThreads(threads)
            results.append(difference_matte(PLATE, grain(4, SET)))
        cv2.setNumThreads(count)
        assert results[0].tobytes() == results[1].tobytes()

    @settings(max_examples=30)
    @given(st.data())
    def test_any_pixels(self, data: st.DataObject) -> None:
        size = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)) | st.just((40, 33)))
        plate, clean = (
            data.draw(arrays(np.float32, (*size, 3), elements=LIGHT, fill=st.just(np.float32(0.2)))) for _ in range(2)
        )
        matte = difference_matte(plate, clean)
        assert matte.shape == (*size, 1) and np.isfinite(matte).all()
        assert matte.min() >= 0 and matte.max() <= 1


class TestMatched:
    def test_what_stands_there_does_not_pull(self) -> None:
        """Exposure is found although a third of the picture is somebody."""
        log = transform("ACEScg")
        gain = np.float32([1.4, 1.2, 1.0])
        plate = SET * gain
        plate[:, :80] = COLOUR[:, :80]
        found = matched(log.forward(grain(4, SET)), log.forward(grain(3, plate)))
        off = (found - log.forward(SET * gain))[:, 100:]
        assert np.abs(np.median(off, axis=(0, 1))).max() < 0.003


class TestSoftMatte:
    def test_known_layers_give_the_matte(self) -> None:
        alpha, front = figure(2.0), np.full_like(COLOUR, (2.0, 0.3, 0.1))
        plate = alpha * front + (1 - alpha) * SET
        near = cv2.dilate(np.uint8(alpha[..., 0] > 0), np.ones((9, 9))) > 0
        found = soft_matte(plate, SET, solid=alpha[..., 0] > 0.999, near=near)
        assert np.abs(found - alpha).max() < 0.03

    def test_where_colours_are_one_it_follows_what_is_known(self) -> None:
        flat = np.full_like(SET, 0.2)
        solid = np.zeros(SIZE, bool)
        solid[:, :100] = True
        near = np.zeros(SIZE, bool)
        near[:, :106] = True
        matte = soft_matte(flat, flat, solid=solid, near=near)[..., 0]
        assert (matte[:, :100] == 1).all() and (matte[:, 106:] == 0).all()
        assert (np.diff(matte, axis=1) <= 1e-6).all() and 0.3 < matte[80, 102] < 1
