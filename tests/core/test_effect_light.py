"""Light as the node Effect adds it around the lights of a plate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from lamps import ALL, NONE, OPEN, added, point, shine
from plates import bits, read, write_shot
from replate.effects.optics.lens import Star
from replate.effects.optics.lights import lights
from replate.errors import UsageError
from replate.frame import Frame, Window
from replate.job import Job
from replate.nodes.effect_light import LightEffect
from replate.params import Curve
from replate.render import render

Array = npt.NDArray[Any]
LOOK = {name.replace(".", "__"): value for name, value in (ALL | OPEN).items()}
GLOW = {name.replace(".", "__"): value for name, value in (NONE | OPEN | {"glow.amount": 0.1}).items()}
DARK = {name.replace(".", "__"): value for name, value in NONE.items()}


def test_light_is_added_and_nothing_taken_away() -> None:
    plate = np.random.default_rng(0).gamma(0.3, 2.0, (128, 192, 3)).astype(np.float32)
    made, light = shine(plate, **LOOK), added(plate, **LOOK)
    assert (light >= 0).all() and (made.pixels >= plate).all()
    assert np.allclose(made.pixels, plate + light, rtol=1e-5)


def test_where_no_light_lands_the_bits_stay() -> None:
    plate = np.random.default_rng(0).uniform(-1, 0.2, (128, 192, 3)).astype(np.float32)
    plate[5, 5], plate[6, 6] = np.nan, -np.inf
    assert np.array_equal(bits(shine(plate).pixels), bits(plate))


def test_half_of_the_mix_adds_half_of_the_light() -> None:
    plate = point()
    whole, half = (shine(plate, **LOOK, mix=mix).pixels - plate for mix in (1.0, 0.5))
    assert np.allclose(half, whole / 2, atol=1e-5) and whole.max() > 0.1
    assert shine(plate, **LOOK, mix=0.0).pixels is plate


@pytest.mark.parametrize("gain", [1 / 64, 1000.0])
def test_brighter_lights_give_as_much_more(gain: float) -> None:
    plate = point(light=500) + point(20, 30, light=30)
    once, more = added(plate, **LOOK), added(plate * np.float32(gain), **LOOK)
    seen = (once > 1e-5) & (more > 1e-5)
    assert seen.mean() > 0.2 and np.allclose(more[seen], gain * once[seen], rtol=1e-3)


def test_two_lights_give_the_sum_of_what_each_gives() -> None:
    one, other = point(), point(20, 30, light=70)
    assert np.allclose(added(one + other, **LOOK), added(one, **LOOK) + added(other, **LOOK), atol=2e-5)


def test_the_amount_is_the_share_of_the_lights_energy() -> None:
    plate = point(size=(256, 256), x=128, y=128)
    tight = added(plate, **GLOW, glow__size=4.0, glow__falloff=4.5)
    assert tight.sum() == pytest.approx(0.1 * plate.sum(), rel=0.1)
    assert np.allclose(added(plate, **GLOW | {"glow__amount": 0.3}), 3 * added(plate, **GLOW), rtol=1e-3, atol=5e-6)


def test_a_larger_glow_and_a_lower_falloff_reach_farther() -> None:
    def far(**look: float) -> float:
        light = added(point(size=(256, 256), x=128, y=128), **GLOW, **look)[..., 1]
        return float(light[:, 200:].sum() / light.sum())

    assert far(glow__size=2) < far(glow__size=6) < far(glow__size=20)
    assert far(glow__falloff=4.5) < far(glow__falloff=3.0) < far(glow__falloff=2.3)


def test_halation_is_a_red_ring_of_its_radius() -> None:
    light = added(point(size=(256, 256), x=128, y=128), **DARK | {"halation__amount": 0.1}, halation__size=30.0)
    row = light[128, 128:, 0]
    assert 26 <= int(row[4:].argmax()) + 4 <= 40 and row[30:36].max() > 2 * row[8]
    assert light[..., 0].sum() > 3 * light[..., 1].sum() > 3 * light[..., 2].sum()


@pytest.mark.parametrize(("blades", "lines"), [(2, 1), (4, 2), (5, 5), (6, 3), (7, 7)])
def test_an_iris_of_even_blades_has_as_many_rays_and_of_odd_ones_twice_as_many(blades: int, lines: int) -> None:
    assert len(Star(size=1, amount=(1, 1, 1), blades=blades).lines) == lines


def test_rays_lie_where_they_are_turned_to() -> None:
    plate = point(size=(201, 201), x=100, y=100)
    light = added(plate, **DARK | {"star__amount": 0.2}, star__angle=30.0, star__blades=2)
    angle = np.radians(30)
    on, off = (light[round(100 + 60 * np.sin(a)), round(100 + 60 * np.cos(a)), 1] for a in (angle, angle + 1))
    assert on > 3e-4 and on > 30 * off


def test_what_stands_in_front_of_a_light_puts_it_out() -> None:
    front = np.zeros((128, 192, 1), np.float32)
    front[60:70, 90:100] = 1
    assert not added(point(), holdout=front, **LOOK).any()
    assert np.array_equal(added(point(), holdout=1 - front, holdout__invert=True, **LOOK), added(point(), **LOOK) * 0)


def test_only_what_the_mask_shows_shines() -> None:
    left = np.zeros((128, 192, 1), np.float32)
    left[:, :96] = 1
    both = point(40) + point(150)
    assert np.array_equal(added(both, mask=left, **LOOK), added(point(40), **LOOK))


def test_a_mask_shines_by_itself_on_a_dark_plate() -> None:
    spot = point(light=1.0)[..., :1]
    look = LOOK | {"mask__light": 100.0}
    assert np.allclose(added(point(light=0), mask=spot, **look), added(point(light=100), **LOOK), atol=1e-5)
    with pytest.raises(UsageError, match="--mask"):
        LightEffect.check(["plate"], {"mask.light": 1.0})


def test_pixels_that_are_no_number_do_no_harm_beyond_themselves() -> None:
    plate, sick = point(), point()
    sick[10, 10], sick[20, 20], sick[30, 30] = np.nan, np.inf, -50
    made, well = shine(sick, **LOOK).pixels, shine(plate, **LOOK).pixels
    there = np.ones((128, 192), bool)
    there[[10, 20, 30], [10, 20, 30]] = False
    assert np.array_equal(made[there], well[there])
    assert np.array_equal(bits(made[10, 10]), bits(sick[10, 10])) and np.isinf(made[20, 20]).all()


def test_a_firefly_gives_no_more_than_the_limit() -> None:
    light = [added(point(light=level), **LOOK | {"limit": 100.0}) for level in (100, 60000)]
    assert np.allclose(light[0], light[1], rtol=1e-4)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 300)])
def test_plates_of_any_size_shine(size: tuple[int, int]) -> None:
    light = added(np.full((*size, 3), 5, np.float32), **LOOK, dirt__amount=0.1)
    assert light.shape == (*size, 3) and np.isfinite(light).all() and light.any()


def test_the_threshold_sets_in_softly() -> None:
    grey = np.linspace(0, 3, 400, dtype=np.float32)[None, :, None].repeat(3, -1)
    found = lights(grey, threshold=1.0, knee=1.0, limit=0.0)[0, :, 1]
    assert not found[grey[0, :, 0] < 0.49].any() and np.allclose(found[-100:], grey[0, -100:, 0] - 1, atol=1e-3)
    assert (np.diff(found) >= 0).all() and np.diff(found, 2).max() < 2e-4


def test_a_light_outside_the_display_but_inside_the_data_window_counts() -> None:
    window = Window(-40, 0, 232, 128)
    plate = np.zeros((128, 232, 3), np.float32)
    plate[64, 30] = 100
    frame = replace(Frame.of(plate, space="ACEScg"), data_window=window, display_window=Window(0, 0, 192, 128))
    assert added(frame, **LOOK)[64, 50:].max() > 0.01


@pytest.mark.parametrize("lead", [(1, 0), (3, 5)])
def test_a_data_window_that_moves_does_not_make_light_swim(lead: tuple[int, int]) -> None:
    plate = point()
    cut = replace(
        Frame.of(plate[lead[1] :, lead[0] :], space="ACEScg", number=1),
        data_window=Window(lead[0], lead[1], 192 - lead[0], 128 - lead[1]),
        display_window=Window(0, 0, 192, 128),
    )
    whole = added(plate, **LOOK)[lead[1] :, lead[0] :]
    made = added(cut, **LOOK)[-whole.shape[0] :, -whole.shape[1] :]
    assert abs(made - whole).sum() < 0.01 * whole.sum()


def test_a_light_that_moves_keeps_its_energy_and_its_place() -> None:
    look = GLOW | {"glow__amount": 0.1, "star__amount": 0.1}
    sums, places = [], []
    for step in range(9):
        share, plate = step / 8, point(size=(160, 224), x=96, light=0)
        plate[64, 96], plate[64, 97] = 100 * (1 - share), 100 * share
        light = added(plate, **look)[..., 1]
        sums.append(light.sum())
        places.append((light * np.arange(224)).sum() / light.sum())
    assert max(sums) / min(sums) < 1.02
    assert np.allclose(np.diff(places), 1 / 8, atol=0.06)


def test_a_proxy_of_half_the_size_shows_the_same() -> None:
    whole = np.zeros((256, 384, 3), np.float32)
    whole[120:128, 200:208] = 30
    small = whole.reshape(128, 2, 192, 2, 3).mean((1, 3))
    look = LOOK | {"star__amount": 0.0, "shafts__amount": 0.0}  # their edges are as thin as a pixel in either
    large = added(whole, **look).reshape(128, 2, 192, 2, 3).mean((1, 3))
    proxy = added(small, **look, scale=0.5)
    assert abs(proxy - large).sum() / large.sum() < 0.05


def test_light_goes_around_a_panorama() -> None:
    edge = point(2, light=100)
    turned = np.roll(edge, 96, axis=1)
    look = GLOW | {"star__amount": 0.1}
    around = added(edge, around=True, **look)
    other = np.roll(added(turned, around=True, **look), -96, axis=1)
    assert abs(around - other).sum() < 0.03 * other.sum()
    assert around[64, -1].max() > 10 * added(edge, **look)[64, -1].max()


def test_alpha_rises_only_where_that_is_asked_for() -> None:
    plate = np.concatenate([point(), np.zeros((128, 192, 1), np.float32)], -1)
    assert not shine(plate, **LOOK).pixels[..., 3].any()
    risen = shine(plate, **LOOK, alpha=True).pixels[..., 3]
    assert 0.5 < risen.max() <= 1 and (risen >= 0).all()


def test_shafts_are_shaded_behind_what_stands_in_front() -> None:
    plate = np.zeros((128, 192, 3), np.float32)
    plate[54:74, 86:106] = 10
    post = np.zeros((128, 192, 1), np.float32)
    post[40:60, 110:118] = 1
    plate[:, 108:120] = 4 * (1 - post[:, 108:120])
    look = DARK | {"shafts__amount": 1.0, "shafts__dust": 0.0, "shafts__x": 0.5, "shafts__y": 0.5}
    light = added(plate, holdout=post, **look)[..., 1]
    assert light[44, 150] < 0.9 * light[84, 150] and light[64, 30] > 0


def test_dust_moves_and_every_seed_has_its_own() -> None:
    look = DARK | {"shafts__amount": 1.0, "shafts__dust": 0.8}
    plate = point(size=(128, 192)) + point(100, 40)
    first = added(plate, **look)
    assert np.array_equal(first, added(plate, **look))
    near, far = (added(plate, frame=frame, **look) for frame in (2, 40))
    assert 0 < abs(near - first).mean() < abs(far - first).mean()
    assert not np.allclose(first, added(plate, **look, seed=1))
    assert np.array_equal(far, added(plate, **look, offset=39.0))


def test_a_ghost_lies_beyond_the_middle() -> None:
    light = added(point(30, 30), **DARK | {"ghosts__amount": 1.0}, ghosts__count=3)[..., 1]
    assert light[70:110, 90:140].sum() > 0 and np.isfinite(light).all()
    assert added(point(30, 30), **DARK | {"ghosts__amount": 1.0}, ghosts__count=9).sum() > light.sum()


def test_dirt_catches_the_light_of_the_scene() -> None:
    look = DARK | {"dirt__amount": 1.0}
    light = added(point(), **look)
    assert light.max() > 0 and not added(point(light=0), **look).any()
    assert not np.allclose(light, added(point(), **look, seed=3))


def test_any_frame_by_itself_and_in_any_order(tmp_path: Path) -> None:
    shot = write_shot(tmp_path / "in", range(1, 5))
    params = {"threshold": 0.2, "gain": Curve(((1, 1.0), (4, 9.0)), "linear"), "shafts.amount": 0.5, "dirt.amount": 0.2}

    def made(name: str, frames: str, **options: Any) -> list[Array]:
        output = str(tmp_path / name / "%04d.exr")
        job = Job(
            node="effect",
            inputs={"plate": shot},
            output=output,
            frames=frames,
            generator="light",
            params=params,
            options=options,
        )
        assert not render(job).failed
        return [bits(read(tmp_path / name / f"{frame:04d}.exr")[0]) for frame in range(1, 5)]

    whole = made("whole", "1-4")
    assert len({each.tobytes() for each in whole}) == 4
    assert all(np.array_equal(a, b) for a, b in zip(whole, made("back", "4,2,3,1"), strict=True))
    for one, two in zip(whole, made("threads", "1-4", threads=2), strict=True):
        assert np.allclose(one.view(np.float32), two.view(np.float32), atol=1e-5)
