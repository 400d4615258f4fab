"""The first fill of a hole goes on from what lies around it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replate.removal.pyramid import pyramid_fill

Array = npt.NDArray[np.float32]


def _scene(height: int, width: int) -> Array:
    """A slope of three colours, none of them black."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return np.stack([0.3 + 0.4 * x / width, 0.6 - 0.3 * y / height, np.full_like(x, 0.45)], -1)


def _box(height: int, width: int, rows: slice, columns: slice) -> Array:
    hole = np.zeros((height, width, 1), np.float32)
    hole[rows, columns] = 1
    return hole


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 3, 4]))
def test_any_size_and_hole_stays_between_what_is_known(height: int, width: int, seed: int, channels: int) -> None:
    random = np.random.default_rng(seed)
    picture = random.uniform(0.2, 3, (height, width, channels)).astype(np.float32)
    hole = (random.random((height, width, 1)) < random.random()).astype(np.float32)
    known = picture[hole[..., 0] == 0]
    filled = pyramid_fill(np.where(hole > 0, np.float32(-99), picture), hole)
    assert filled.shape == picture.shape and filled.dtype == np.float32
    assert np.array_equal(filled[hole[..., 0] == 0], known)
    if len(known):
        assert (filled >= known.min(axis=0) - 1e-5).all() and (filled <= known.max(axis=0) + 1e-5).all()


@pytest.mark.parametrize("columns", [slice(90, 200), slice(0, 200), slice(120, 301)], ids=["middle", "left", "right"])
def test_a_slope_goes_on_without_black_holes_and_steps(columns: slice) -> None:
    scene, hole = _scene(200, 301), _box(200, 301, slice(40, 160), columns)
    filled = pyramid_fill(scene * (1 - hole), hole)
    assert np.abs(filled - scene).max() < 0.2
    steps = max(np.abs(np.diff(filled, axis=axis)).max() for axis in (0, 1))
    assert steps < 0.012  # eight times the slope's own


def test_a_hole_as_large_as_the_frame_takes_what_little_is_known() -> None:
    scene, hole = np.full((256, 300, 3), 0.4, np.float32), np.ones((256, 300, 1), np.float32)
    hole[255, 299] = 0
    assert np.allclose(pyramid_fill(scene * (1 - hole), hole), 0.4, atol=1e-5)


def test_nothing_known_is_zero_not_a_nan() -> None:
    assert not pyramid_fill(np.full((9, 7, 3), np.nan, np.float32), np.zeros((9, 7, 1), np.float32)).any()


def test_pixels_that_are_not_finite_are_unknown() -> None:
    scene = _scene(64, 64)
    broken = scene.copy()
    broken[30:33, 30:33, 1] = [np.nan, np.inf, -np.inf]
    filled = pyramid_fill(broken, np.zeros((64, 64, 1), np.float32))
    assert np.abs(filled - scene).max() < 0.02
    assert np.array_equal(filled[:30], scene[:30])


def test_a_soft_hole_mixes() -> None:
    scene, hole = _scene(64, 64), _box(64, 64, slice(20, 40), slice(20, 40))
    marked = scene + hole
    hard, half = pyramid_fill(marked, hole), pyramid_fill(marked, 0.5 * hole)
    assert (np.abs(half - scene) < np.abs(marked - scene) + 1e-6).all()
    assert np.abs(half - scene)[30, 30].max() > np.abs(hard - scene)[30, 30].max()


def test_highlights_are_carried_at_their_value() -> None:
    scene, hole = np.full((40, 40, 3), 1.4, np.float32), _box(40, 40, slice(10, 30), slice(10, 30))
    assert np.allclose(pyramid_fill(scene * (1 - hole), hole), 1.4, atol=1e-5)
