"""Whom Removal believes: witnesses of a way, ways among themselves, and a frame beside its neighbours."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from replate.color import transform
from replate.frame import Window
from replate.picture.motion import grid
from replate.removal.assembly import Assembled
from replate.removal.evidence import Way, Witness
from replate.removal.evidence import witness as heard
from replate.removal.scene import Scene
from replate.removal.search import Found, judged
from replate.removal.settling import detailed, steadied
from replate.removal.views import View

SIZE = (24, 32)
WHOLE = slice(0, SIZE[0]), slice(0, SIZE[1])
SPOT = slice(8, 14), slice(10, 18)


def flat(value: float, *, channels: int = 3) -> np.ndarray:
    return np.full((*SIZE, channels), value, np.float32)


def view(picture: np.ndarray, number: int) -> View:
    nothing = np.zeros(SIZE, bool)
    return View(number=number, picture=picture, hidden=nothing, hole=nothing)


def witness(offset: int, weight: float = 0.1) -> Witness:
    return Witness(offset=offset, places=grid(SIZE), drift=flat(0), weight=flat(weight, channels=1))


def background(picture: np.ndarray) -> Assembled:
    planes = {name: flat(1 if name == "known" else 0.5, channels=1) for name in ("known", "kept", "offset", "spread")}
    return Assembled(box=WHOLE, picture=picture, **planes)


def settled(own: Assembled, *beside: Assembled, amount: float = 1.0) -> Assembled:
    """`own` beside those of frames before and after, nothing moving."""
    scene = Scene(
        canvas=Window(0, 0, SIZE[1], SIZE[0]),
        space=transform("ACEScct", "ACEScct"),
        frames={},
        hidden={},
        views={0: view(flat(0.4), 1)},
        clean={},
        clean_frames={},
    )
    offsets = (-1, 1, -2, 2)[: len(beside)]
    found = Found(region=WHOLE, witnesses=tuple(map(witness, offsets)), spread=flat(0, channels=1))
    return steadied(scene, found, own, dict(zip(offsets, beside, strict=True)), amount=amount, fine=1.0)


def spotted(value: float) -> np.ndarray:
    """A grey picture with a spot that nobody else has."""
    picture = flat(0.4)
    picture[SPOT] = value
    return picture


@pytest.mark.parametrize("where", [0, 1, 2])
def test_what_one_frame_of_three_says_alone_is_left_out(where: int) -> None:
    own, *beside = (background(spotted(0.8) if where == at else flat(0.4)) for at in range(3))
    assert np.abs(settled(own, *beside).picture - 0.4).max() < 0.02


def test_frames_that_agree_but_for_noise_are_averaged_and_detail_stays() -> None:
    random = np.random.default_rng(3)
    noise = [random.normal(0, 0.005, (*SIZE, 3)).astype(np.float32) for _ in range(5)]
    own, *beside = (background(flat(0.4) + each) for each in noise)
    made = settled(own, *beside).picture - 0.4
    coarse, before = (cv2.GaussianBlur(each, (0, 0), 2).std() for each in (made, noise[0]))
    assert 0.3 < coarse / before < 0.6  # of five that are independent a root of a fifth is left
    assert made.std() > 0.8 * noise[0].std()


def test_neighbours_that_count_for_nothing_change_nothing() -> None:
    own = background(spotted(0.8))
    alone = settled(own, background(flat(0.4)), background(flat(0.4)), amount=0.0)
    assert np.allclose(alone.picture, own.picture, atol=1e-6)


def test_what_a_frame_has_not_found_is_taken_from_its_neighbours() -> None:
    known = flat(1, channels=1)
    known[SPOT] = 0
    own = replace(background(spotted(0)), known=known)
    made = settled(own, background(flat(0.4)), amount=0.0)
    assert (made.known == 1).all()
    assert np.allclose(made.picture[SPOT], 0.4, atol=1e-6)


def test_one_who_speaks_alone_does_not_outdo_many_who_agree() -> None:
    """A lone witness agrees with itself perfectly, which proves nothing."""
    random = np.random.default_rng(5)
    views = {at: view(flat(0.4) + np.float32(random.normal(0, 0.006)), at) for at in range(1, 7)} | {
        9: view(flat(0.8), 9)
    }
    many, lone = [witness(at) for at in range(1, 7)], [witness(9)]
    found = judged(views, [many, lone], WHOLE)
    assert found is not None
    share = sum(each.weight[12, 16, 0] for each in found.witnesses if each.offset != 9)
    assert share > 0.8


def test_a_frame_is_believed_where_it_fits_the_plate_beside() -> None:
    """Another frame shows the same on the left of the hole, and something else on its right."""
    random, hole = np.random.default_rng(7), np.zeros(SIZE, bool)
    hole[8:16, 8:24] = True
    plate = flat(0.4) + random.normal(0, 0.03, (*SIZE, 3)).astype(np.float32)
    other = plate.copy()
    other[:, 16:] = flat(0.4)[:, 16:] + random.normal(0, 0.03, (SIZE[0], 16, 3)).astype(np.float32)
    here, there = View(number=1, picture=plate, hidden=hole, hole=hole), view(other, 2)
    at_rest = Way(motion=np.zeros((*SIZE, 2), np.float32))
    weight = heard(here, there, at_rest, offset=1, hole=hole, region=WHOLE).weight[12, :, 0]
    assert weight[9] > 10 * weight[22]


def test_grain_that_is_strengthened_with_the_detail_counts_as_kept() -> None:
    """Else the plate's grain would come on top of it."""
    texture = flat(0.4) + np.random.default_rng(9).normal(0, 0.02, (*SIZE, 3)).astype(np.float32)
    found, hole = background(flat(0.4) + 0.8 * (texture - 0.4)), flat(0, channels=1)
    found, hole[SPOT] = replace(found, kept=flat(0.2, channels=1)), 1
    made = detailed(found, texture, hole, fine=1.0)
    stronger = np.abs(made.picture - 0.4)[SPOT].mean() / np.abs(found.picture - 0.4)[SPOT].mean()
    assert stronger > 1.2
    assert made.kept[SPOT].mean() == pytest.approx(0.2 * stronger**2, rel=0.2)
    assert (made.kept[hole == 0] == found.kept[hole == 0]).all()


def test_frames_give_way_to_each_other_over_many_pixels() -> None:
    """Of two that show different texture, each is like what both say at every other pixel: judged pixel by pixel they
    would take turns, and the picture be torn."""
    random = np.random.default_rng(11)
    texture = [flat(0.4) + random.normal(0, 0.05, (*SIZE, 1)).astype(np.float32) for _ in range(3)]
    views = {at: view(each, at) for at, each in enumerate(texture, 1)}
    found = judged(views, [[witness(at) for at in views]], WHOLE)
    assert found is not None
    for each in found.witnesses:
        weight = each.weight[..., 0]
        assert np.abs(np.diff(weight, axis=1)).mean() < 0.1 * weight.mean()


def test_a_speck_that_one_frame_shows_is_left_out() -> None:
    own, *beside = (background(flat(0.4)) for _ in range(5))
    own.picture[12:14, 16:18] = 0.8
    assert np.abs(settled(own, *beside).picture - 0.4).max() < 0.02
