"""Shots, duplicates, kinship and the split, on pictures where the truth is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.color import default_space
from replate_training.dataset.cuts import shots
from replate_training.dataset.kinship import Album, groups
from replate_training.dataset.proxy import proxy, signature
from replate_training.dataset.split import held_out
from scenes import place

Array = npt.NDArray[np.float32]


def look(picture: npt.NDArray[np.generic]) -> Array:
    """The proxy of an 8-bit picture, or of one in 0..1."""
    scale = 255 if picture.dtype == np.uint8 else 1
    return proxy(picture.astype(np.float32) / scale, default_space("picture"))


def shot(seed: int, count: int) -> list[npt.NDArray[np.uint8]]:
    return [place(seed, frame=frame) for frame in range(count)]


def spans(pictures: Sequence[npt.NDArray[np.generic]], **how: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """First and last position of each shot that is found."""
    return [(found[0], found[-1]) for found in shots(np.stack(list(map(look, pictures))), **how)]


def test_cuts_are_found_where_they_are() -> None:
    assert spans(shot(1, 20) + shot(2, 9) + shot(3, 14)) == [(0, 19), (20, 28), (29, 42)]


def test_one_shot_stays_whole() -> None:
    assert spans(shot(4, 40)) == [(0, 39)]
    assert spans([place(4)] * 12) == [(0, 11)]
    assert spans([place(4)]) == [(0, 0)]


def test_a_lamp_that_is_switched_on_and_a_flash_are_no_cuts() -> None:
    lit = [each if at < 10 else (each * 0.4).astype(np.uint8) for at, each in enumerate(shot(5, 20))]
    assert spans(lit) == [(0, 19)]
    pictures = shot(6, 20)
    pictures[9] = np.full_like(pictures[9], 255)
    assert spans(pictures) == [(0, 19)]
    assert 9 not in shots(np.stack(list(map(look, pictures))))[0]


def test_a_damaged_frame_is_no_cut() -> None:
    pictures = shot(7, 20)
    pictures[12] = place(8)
    assert spans(pictures) == [(0, 19)]


def test_a_fade_through_black_parts_shots_and_is_left_out() -> None:
    ramp = np.linspace(1, 0, 13)[1:]
    first, second = shot(9, 32), shot(10, 32)
    out = [(each * gain).astype(np.uint8) for each, gain in zip(first[20:], ramp, strict=True)]
    back = [(each * gain).astype(np.uint8) for each, gain in zip(second[:12], ramp[::-1], strict=True)]
    found = spans(first[:20] + out + back + second[12:])
    assert len(found) == 2
    assert found[0][0] == 0 and 13 <= found[0][1] <= 23
    assert 40 <= found[1][0] <= 50 and found[1][1] == 63


def test_a_dissolve_parts_shots_and_is_left_out() -> None:
    first, second = shot(11, 36), shot(12, 36)
    mixed = [
        (a * (1 - amount) + b * amount).astype(np.uint8)
        for a, b, amount in zip(first[20:], second[:16], np.linspace(0.05, 0.95, 16), strict=True)
    ]
    found = spans(first[:20] + mixed + second[16:])
    assert len(found) == 2
    assert 15 <= found[0][1] <= 23 and 32 <= found[1][0] <= 40


def test_numbered_photographs_are_shots_of_their_own() -> None:
    assert spans([place(seed) for seed in range(20, 30)]) == [(at, at) for at in range(10)]


def test_another_size_is_another_shot() -> None:
    sizes = [(64, 48)] * 6 + [(64, 50)] * 6
    assert spans(shot(13, 12), sizes=sizes) == [(0, 5), (6, 11)]


def test_a_picture_is_known_again_until_something_moves() -> None:
    album, plain = Album(), place(14)
    noisy = np.clip(plain + np.random.default_rng(0).normal(0, 3, plain.shape), 0, 255).astype(np.uint8)
    walker = plain.copy()
    walker[40:60, 60:66] = 20
    assert album.place(look(plain)) == (0, False)
    assert album.place(look(noisy)) == (0, True)
    assert album.place(look(walker)) == (1, False)
    assert [album.place(look(place(seed))) for seed in range(100, 200)] == [(at, False) for at in range(2, 102)]
    assert album.place(look(place(150))) == (52, True)


def test_shots_of_one_place_are_akin_in_any_exposure() -> None:
    pictures = [place(15), place(16), (place(15, frame=1) * 0.5).astype(np.uint8), place(17)]
    marks = signature(np.stack(list(map(look, pictures))))
    assert groups(marks, [0, 1, 2, 3], 4) == [0, 1, 0, 3]
    assert groups(marks, [0, 1, 2, 3], 4, twins=[(1, 3), (2, 3)]) == [0, 0, 0, 0]


@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    kinds=st.integers(1, 30),
    share=st.floats(0, 0.9),
)
def test_the_split_keeps_groups_together(sizes: list[int], kinds: int, share: float) -> None:
    group = [index % kinds for index in range(len(sizes))]
    names = [f"shot-{index}" for index in range(len(sizes))]
    held = held_out(group, names, sizes, share=share)
    assert held == held_out(group, names, sizes, share=share)
    assert held <= set(group)
    if share > 0 and len(set(group)) > 1:
        assert held and held != set(group)
    else:
        assert not held


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_the_split_comes_near_the_share(share: float) -> None:
    names = [f"shot-{index}" for index in range(200)]
    sizes = [1 + index % 7 for index in range(200)]
    held = held_out(list(range(200)), names, sizes, share=share)
    assert sum(sizes[index] for index in held) / sum(sizes) == pytest.approx(share, abs=0.01)
