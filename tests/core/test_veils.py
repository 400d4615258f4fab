"""Motion beside a hole, whose filling moves with the hole and not with the background."""

from __future__ import annotations

import cv2
import numpy as np

from replate.removal.tracks import Tracks
from replate.removal.veils import both_ways, dense
from replate.removal.views import View

SIZE, PAN, DRIFT = (160, 240), 6, 5  # the background goes to the left, the hole to the right


def views() -> tuple[View, View]:
    """A texture that is panned over, and a hole that crosses it the other way."""
    random = np.random.default_rng(4)
    ground = cv2.GaussianBlur(random.normal(0, 1, (SIZE[0], SIZE[1] + PAN)).astype(np.float32), (0, 0), 3)
    ground = 0.4 + 0.1 * ground / ground.std()
    return view(ground[:, :-PAN], 0, 90), view(ground[:, PAN:], 1, 90 + DRIFT)


def view(grey: np.ndarray, number: int, left: int) -> View:
    hole = np.zeros(SIZE, bool)
    hole[50:110, left : left + 60] = True
    return View(number=number, picture=np.repeat(grey[..., None], 3, -1), hidden=hole, hole=hole)


def errors(motion: np.ndarray, hidden: np.ndarray) -> tuple[float, float]:
    """How far a motion is off, in pixels: beside what is hidden, and at its edge inside."""
    near = cv2.dilate(hidden.astype(np.uint8), np.ones((17, 17))) > 0
    rim = hidden & ~(cv2.erode(hidden.astype(np.uint8), np.ones((9, 9))) > 0)
    off = np.hypot(motion[..., 0] + PAN, motion[..., 1])
    return float(off[near & ~hidden].mean()), float(off[rim].mean())


def test_what_stands_in_for_a_hole_does_not_pull_at_what_is_beside_it() -> None:
    here, there = views()
    beside, rim = errors(both_ways(here, there)[0], here.hidden)
    assert beside < 0.1
    assert rim < 0.3
    assert errors(dense(here.grey, there.grey), here.hidden)[0] > 2 * beside


def test_both_ways_lead_there_and_back() -> None:
    here, there = views()
    forth, back = both_ways(here, there)
    assert abs(np.median(forth[..., 0]) + PAN) < 0.05
    assert abs(np.median(back[..., 0]) - PAN) < 0.05


def test_where_all_is_hidden_nothing_moves() -> None:
    here, there = (
        View(
            number=at,
            picture=np.full((*SIZE, 3), 0.4, np.float32),
            hidden=np.ones(SIZE, bool),
            hole=np.ones(SIZE, bool),
        )
        for at in (0, 1)
    )
    for motion in both_ways(here, there):
        assert np.abs(motion).max() < 1e-3


def test_motion_is_the_same_whichever_frame_is_asked_first() -> None:
    here, there = views()
    forth, back = Tracks(), Tracks()
    back.between(there, here, "")
    for one, other in ((here, there), (there, here)):
        assert np.array_equal(forth.between(one, other, "").motion, back.between(one, other, "").motion)
