"""Noise is a function of its seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.picture.noise import gaussian, noise, slerp

SEEDS = st.floats(-1e6, 1e6, allow_nan=False)


def test_the_bits_below_are_philox_as_published() -> None:
    """The first of Random123's known answers for philox4x64-10: counter and key of zeros. NumPy counts before it
    draws, so its counter starts at -1."""
    zeros = np.random.Philox(key=0, counter=2**256 - 1).random_raw(4)
    assert [f"{each:016x}" for each in zeros.tolist()] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


KNOWN = [-0.4334718172538269, 1.3549219171553168, -0.4333871754428631]


def test_seeds_keep_their_numbers_for_good() -> None:
    np.testing.assert_allclose(gaussian(7, 3), KNOWN, rtol=1e-12)


def test_numbers_are_normal() -> None:
    many = np.concatenate([gaussian(seed, 128) for seed in range(-50, 200)])
    assert abs(many.mean()) < 0.02 and abs(many.std() - 1) < 0.02
    assert abs((many**4).mean() - 3) < 0.15


def test_seeds_have_nothing_in_common() -> None:
    vectors = np.stack([gaussian(seed, 128) for seed in range(64)])
    cosines = vectors @ vectors.T / 128
    assert np.abs(cosines[~np.eye(64, dtype=bool)]).max() < 0.45  # five standard deviations


@given(SEEDS)
def test_the_same_seed_gives_the_same_numbers(seed: float) -> None:
    assert np.array_equal(noise(seed, 16), noise(seed, 16))


@given(st.integers(-1000, 1000), st.floats(0, 1))
def test_between_seeds_noise_keeps_its_length(seed: int, amount: float) -> None:
    ends = [float(np.linalg.norm(gaussian(seed + more, 128))) for more in (0, 1)]
    assert 0.9 * min(ends) < np.linalg.norm(noise(seed + amount, 128)) < 1.1 * max(ends)


def test_nothing_jumps_at_a_whole_seed() -> None:
    before, at, after = noise(4 - 1e-7, 128), noise(4, 128), noise(4 + 1e-7, 128)
    assert np.abs(at - before).max() < 1e-5 > np.abs(at - after).max()


@pytest.mark.parametrize("amount", [0.0, 0.25, 1.0])
def test_slerp_of_one_vector_is_that_vector(amount: float) -> None:
    np.testing.assert_allclose(slerp(np.array([1.0, 2.0]), np.array([1.0, 2.0]), amount), [1, 2])


def test_slerp_turns_at_constant_speed() -> None:
    third = slerp(np.array([1.0, 0.0]), np.array([0.0, 1.0]), 1 / 3)
    np.testing.assert_allclose(third, [np.cos(np.pi / 6), np.sin(np.pi / 6)])
