"""Fire and smoke as the node Effect lays them over plates and over nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fires import HEIGHT, THIN, WIDTH, fire, matte, node
from plates import bits
from replate.effects.motion import CARRY
from replate.frame import Frame, Window
from replate.nodes.effect_field import FieldEffect
from replate.picture.vectors import motion_vectors

Array = npt.NDArray[Any]


@pytest.fixture(scope="module")
def burns(tmp_path_factory: pytest.TempPathFactory) -> FieldEffect:
    return node(tmp_path_factory.mktemp("net"))


def light(frame: Frame) -> Array:
    return np.asarray(frame.pixels[..., :3], np.float32)


def channel(frame: Frame, name: str) -> Array:
    return np.asarray(frame.pixels[..., frame.channels.index(name)], np.float32)


def test_over_nothing_it_is_hdr_finite_and_has_alpha(burns: FieldEffect) -> None:
    made = fire(burns)
    assert light(made).max() > 10 and np.isfinite(made.pixels).all() and made.pixels.min() >= 0
    assert 0.5 < channel(made, "A").max() <= 1
    red, green, blue = light(made).reshape(-1, 3).mean(axis=0)
    assert red > green > blue


@pytest.mark.parametrize("look", [{}, THIN])
def test_the_plate_keeps_its_bits_where_nothing_burns(burns: FieldEffect, look: dict[str, Any]) -> None:
    plate = np.random.default_rng(0).normal(0.2, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)
    plate[:3, :3], plate[50, 80] = np.nan, np.inf
    made = fire(burns, plate=plate, layer_element=True, **look)
    there = (channel(made, "replate.element.A") > 0) | (channel(made, "replate.element.R") > 0)
    assert there.mean() > 0.02
    assert np.array_equal(bits(light(made)[~there]), bits(plate[~there]))
    assert np.array_equal(bits(light(made)[50, 80]), bits(plate[50, 80]))
    there[50, 80] = False
    assert (light(made)[there] != plate[there]).any(axis=-1).mean() > 0.9


def test_it_lies_over_a_plate_as_porter_and_duff_say(burns: FieldEffect) -> None:
    plate = np.full((HEIGHT, WIDTH, 4), 0.5, np.float32)
    made = fire(burns, plate=plate, mix=0.5, layer_element=True)
    alpha = 0.5 * channel(made, "replate.element.A")
    expected = 0.5 * (1 - alpha) + 0.5 * channel(made, "replate.element.R")
    assert np.allclose(channel(made, "R"), expected, atol=1e-5)
    assert np.allclose(channel(made, "A"), 0.5 * (1 - alpha) + alpha, atol=1e-6)


def test_mix_nought_leaves_the_plate_and_still_gives_the_layers(burns: FieldEffect) -> None:
    plate = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    assert np.array_equal(light(fire(burns, plate=plate, mix=0.0)), plate)
    made = fire(burns, plate=plate, mix=0.0, layer_element=True)
    assert np.array_equal(light(made), plate) and channel(made, "replate.element.R").max() > 10


def test_layers_are_there_where_nothing_burns_too(burns: FieldEffect) -> None:
    asked = {"layer_element": True, "layer_data": True, "layer_motion": True}
    dark, lit = (fire(burns, drawn=lambda _, on=on: matte() * on, **asked) for on in (0, 1))
    assert dark.channels == lit.channels and len(lit.channels) == 4 + 7 + 2 + 4
    assert not dark.pixels.any()
    assert channel(lit, "replate.temperature").max() == pytest.approx(2000, rel=0.05)
    assert channel(lit, "replate.density").max() > 0


def test_motion_vectors_lead_to_where_it_is_in_the_next_frame(burns: FieldEffect) -> None:
    """Read by Replate's own reader of Nuke's vectors, they bring frame and next frame nearer to each other."""
    import cv2

    asked = {"drawn": lambda _: matte(size=3), "scale": 0.4, "life": 10.0, "layer_motion": True}
    first, second = (fire(burns, frame, **asked) for frame in (100, 101))
    ways = motion_vectors(first, first.data_window)[1]
    y, x = np.mgrid[: 3 * HEIGHT, : 3 * WIDTH].astype(np.float32)
    before, after = (np.log1p(light(each)) for each in (first, second))
    found = cv2.remap(after, x + ways[..., 0], y + ways[..., 1], cv2.INTER_LINEAR)
    assert np.abs(found - before).mean() < 0.75 * np.abs(after - before).mean()
    straight = motion_vectors(fire(burns, turbulence=0.0, layer_motion=True), Window(0, 0, WIDTH, HEIGHT))
    for way, down in ((1, -1), (-1, 1)):
        assert np.allclose(straight[way][80, 80], (0, down * 3.6 * CARRY), atol=0.05)


def test_a_holdout_hides_it(burns: FieldEffect) -> None:
    plate = np.full((HEIGHT, WIDTH, 3), 0.25, np.float32)
    holdout = np.zeros((HEIGHT, WIDTH), np.float32)
    holdout[:, :80] = 1
    made, turned = (fire(burns, plate=plate, holdout=holdout, holdout_invert=each) for each in (False, True))
    assert np.array_equal(light(made)[:, :80], plate[:, :80]) and light(made)[:, 80:].max() > 5
    assert np.array_equal(light(turned)[:, 80:], plate[:, 80:]) and light(turned)[:, :80].max() > 5


def test_light_is_cast_on_the_plate_within_reach(burns: FieldEffect) -> None:
    plate = np.full((HEIGHT, WIDTH, 3), 0.05, np.float32)
    dark = fire(burns, plate=plate)
    some, more = (fire(burns, plate=plate, cast_amount=each, cast_reach=150.0) for each in (0.5, 1.0))
    beside = (light(dark) == plate).all(axis=-1)
    assert (light(some)[beside] >= plate[beside]).all()
    assert 0 < (light(some) - plate)[beside].mean() < (light(more) - plate)[beside].mean()
    assert np.array_equal(light(more)[:, :20], plate[:, :20]), "beyond 30 pixels of the fire nothing changes"


@pytest.mark.parametrize("start", ["burning", "igniting"])
def test_before_its_first_frame_it_burns_or_does_not(burns: FieldEffect, start: str) -> None:
    whole = fire(burns)
    made = fire(burns, first=99, start=start)
    if start == "burning":
        assert np.array_equal(made.pixels, whole.pixels)
    else:
        assert 0 < light(made).sum() < 0.9 * light(whole).sum()
        assert light(made)[:70].sum() < 0.01 * light(whole)[:70].sum()


def test_a_larger_data_window_shows_the_same_fire_and_what_is_beyond(burns: FieldEffect) -> None:
    from dataclasses import replace

    from replate.nodes.base import Shots

    plain = fire(burns)
    wide = np.zeros((HEIGHT + 40, WIDTH + 40, 4), np.float32)
    given: Shots
    window = Window(-20, -20, WIDTH + 40, HEIGHT + 40)
    plate = replace(Frame.of(wide, number=100, space="ACEScg"), data_window=window, display_window=plain.display_window)
    given = {"plate": {0: plate}, "mask": {o: Frame.of(matte()[..., None], "Y") for o in range(-40, 1)}}
    from fires import values

    made = burns.process(given, values())
    assert made.data_window == window
    assert np.abs(made.pixels[20:-20, 20:-20] - plain.pixels).max() < 0.05 * plain.pixels.max()


def test_around_a_panorama_it_has_no_seam(tmp_path: Path) -> None:
    around = node(tmp_path, around=True)

    def drawn(at: int) -> Array:
        wide = np.zeros((160, 320), np.float32)
        wide[130:138, 145:175] = 1
        return np.roll(wide, at - 160, axis=1)

    turned = np.roll(light(fire(around, drawn=lambda _: drawn(320))), 160, axis=1)
    steps = np.abs(np.diff(turned, axis=1)).max(axis=(0, 2))
    assert turned[:, 159].max() > 1 and turned[:, 160].max() > 1
    assert steps[159] <= np.sort(steps)[-3]


def test_both_eyes_see_the_same_fire_as_far_apart_as_its_depth(burns: FieldEffect) -> None:
    """A matte without views serves both eyes; one that was drawn for an eye lies where it was drawn."""
    left, right, drawn = (fire(burns, view=view, depth=100.0, mask_view=own) for view, own in _EYES)
    assert np.abs(light(left)[:, 20:] - light(right)[:, :-20]).max() < 0.1 * light(left).max()
    apart = fire(burns, view="right", depth=100.0, mask_view="right", drawn=lambda _: matte(60))
    assert np.abs(light(left)[:, 20:] - light(apart)[:, :-20]).max() < 0.1 * light(left).max()
    assert np.abs(light(left)[:, 20:] - light(drawn)[:, :-20]).max() > 0.5 * light(left).max()


_EYES = (("left", ""), ("right", ""), ("right", "right"))


def test_tiles_do_not_show(tmp_path: Path, burns: FieldEffect) -> None:
    tiled = node(tmp_path, tile="64")
    assert np.abs(fire(tiled).pixels - fire(burns).pixels).max() < 1e-4


def test_a_proxy_shows_the_same_fire(burns: FieldEffect) -> None:
    import cv2

    large = fire(burns, drawn=lambda _: matte(size=2), scale=0.4)
    reduced = cv2.resize(light(large), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    proxy = light(fire(burns))
    assert np.abs(reduced - proxy).mean() < 0.2 * proxy.mean()


@pytest.mark.parametrize(
    ("name", "settings", "look"),
    [
        ("intensity", (0.25, 1.0, 2.0), {}),
        ("temperature", (1400.0, 2000.0, 2600.0), {}),
        ("cooling", (0.8, 0.45, 0.1), {}),
        ("smoke_light", (0.2, 1.0, 3.0), THIN),
        ("smoke_red", (0.1, 0.5, 0.9), THIN),
    ],
)
def test_more_of_it_is_brighter(
    burns: FieldEffect, name: str, settings: tuple[float, ...], look: dict[str, Any]
) -> None:
    brightness = [float(light(fire(burns, **{**look, name: each})).mean()) for each in settings]
    assert brightness == sorted(brightness) and len(set(brightness)) == len(brightness)


def test_a_lower_threshold_burns_in_more_places_and_a_harder_edge_is_harder(burns: FieldEffect) -> None:
    data = [fire(burns, threshold=each, layer_data=True) for each in (0.5, 0.2, 0.05)]
    hot = [channel(each, "replate.temperature") > 0 for each in data]
    assert hot[0].sum() < hot[1].sum() < hot[2].sum()
    partly = [fire(burns, edge=each, opacity=20.0, smoke_amount=0.0) for each in (1.0, 0.4, 0.05)]
    soft = [((channel(each, "A") > 0) & (channel(each, "A") < 0.99)).sum() for each in partly]
    assert soft[0] > soft[1] > soft[2]


@pytest.mark.parametrize("name", ["opacity", "smoke_amount", "life", "linger"])
def test_more_of_it_hides_more(burns: FieldEffect, name: str) -> None:
    steps = {"life": (3.0, 6.0, 9.0), "linger": (4.0, 8.0, 12.0)}.get(name, (0.0, 0.5, 2.0))
    look = THIN if name == "linger" else {}
    hidden = [float(channel(fire(burns, **{**look, name: each}), "A").mean()) for each in steps]
    assert hidden == sorted(hidden) and len(set(hidden)) == len(hidden)


def test_detail_nought_is_the_coarse_field_and_more_is_finer(burns: FieldEffect) -> None:
    fineness = [np.abs(np.diff(light(fire(burns, detail=each))[..., 0], axis=1)).mean() for each in (0.0, 0.5, 1.0)]
    assert fineness == sorted(fineness)
