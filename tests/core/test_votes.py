"""Whom Removal believes: witnesses of a way, ways among themselves, and a frame beside its neighbours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from replate.color import transform
from replate.frame import Window
from replate.picture.motion import grid
from replate.removal.assembly import Assembled
from replate.removal.evidence import Witness
from replate.removal.scene import Scene
from replate.removal.search import Found, judged
from replate.removal.settling import steadied
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
    """`own` beside those of the frame before and after, nothing moving."""
    scene = Scene(
        canvas=Window(0, 0, SIZE[1], SIZE[0]),
        space=transform("ACEScct", "ACEScct"),
        frames={},
        hidden={},
        views={0: view(flat(0.4), 1)},
        clean={},
        clean_frames={},
    )
    offsets = (-1, 1)[: len(beside)]
    found = Found(region=WHOLE, witnesses=tuple(map(witness, offsets)), spread=flat(0, channels=1))
    return steadied(scene, found, own, dict(zip(offsets, beside, strict=True)), amount=amount)


def spotted(value: float) -> np.ndarray:
    """A grey picture with a spot that nobody else has."""
    picture = flat(0.4)
    picture[SPOT] = value
    return picture


@pytest.mark.parametrize("where", [0, 1, 2])
def test_what_one_frame_of_three_says_alone_is_left_out(where: int) -> None:
    own, *beside = (background(spotted(0.8) if where == at else flat(0.4)) for at in range(3))
    assert np.abs(settled(own, *beside).picture - 0.4).max() < 0.02


def test_frames_that_agree_but_for_noise_are_averaged() -> None:
    random = np.random.default_rng(3)
    own, *beside = (background(flat(0.4) + random.normal(0, 0.005, (*SIZE, 3)).astype(np.float32)) for _ in range(3))
    ratio = (settled(own, *beside).picture - 0.4).std() / (own.picture - 0.4).std()
    assert 0.5 < ratio < 0.7  # cubic interpolation at rest takes nothing


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
