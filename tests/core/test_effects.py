"""Fire and smoke are functions of place, time and seed, give physical light, and leave the plate alone elsewhere."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replate.effects.blackbody import REFERENCE, blackbody, glow
from replate.effects.detail import enlarged
from replate.effects.element import element
from replate.effects.field import Field, field
from replate.effects.light import FLAME, PLUME, Element, Light, laid, lit
from replate.effects.motion import FIRE, SMOKE, Motion
from replate.effects.waves import PERIOD, TEXELS, Waves, sampled

Array = npt.NDArray[Any]

HEIGHT, WIDTH = 108, 160
LUMINANCE = np.array([0.2722287, 0.6740818, 0.0536895])  # of ACEScg's red, green and blue
XYZ_TO_AP1 = [
    [1.6410233797, -0.3248032942, -0.2364246952],
    [-0.6636628587, 1.6153315917, 0.0167563477],
    [0.0117218943, -0.0082844420, 0.9883948585],
]
SMALL = replace(FIRE.scaled(0.1), life=6.0, linger=4.0)
THIN = replace(SMOKE.scaled(0.1), life=2.0, linger=8.0)


def _matte(x: float = 80, *, size: float = 1.0) -> Array:
    """An emitter at the foot of the picture."""
    matte = np.zeros((round(HEIGHT * size), round(WIDTH * size), 1), np.float32)
    middle, axes = (round(x * size), round(92 * size)), (round(18 * size), round(5 * size))
    cv2.ellipse(matte, middle, axes, 0, 0, 360, 1, -1)
    return matte


def _still(motion: Motion = SMALL) -> list[Array]:
    return [_matte()] * motion.window


@cache
def _element(frame: float = 100, motion: Motion = SMALL, light: Light = FLAME) -> Element:
    return element(_still(motion), frame, motion, light)


def _middle(amount: Array) -> tuple[float, float]:
    """Where the mass of a field lies, as shares of its width and height."""
    mass = amount.sum(axis=-1)
    rows, columns = (np.arange(n) + 0.5 for n in mass.shape)
    return (mass.sum(0) @ columns / mass.sum() / len(columns), mass.sum(1) @ rows / mass.sum() / len(rows))


def _same(a: Element, b: Element) -> bool:
    return all(np.array_equal(getattr(a, each), getattr(b, each)) for each in ("emission", "scatter", "alpha"))


@pytest.mark.parametrize("motion, light", [(SMALL, FLAME), (THIN, PLUME)])
def test_a_frame_is_the_same_alone_in_order_and_backwards(motion: Motion, light: Light) -> None:
    shot = [_matte(60 + 0.4 * frame) for frame in range(motion.window + 1)]
    frames = range(motion.window - 1, len(shot))

    def one(frame: int) -> Element:
        return element(shot[frame::-1][: motion.window], frame, motion, light)

    forward = {frame: one(frame) for frame in frames}
    backward = {frame: one(frame) for frame in reversed(frames)}
    assert all(_same(forward[frame], backward[frame]) for frame in frames)
    assert not _same(forward[frames[0]], forward[frames[1]])


def test_the_number_of_threads_changes_nothing() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        one = element(_still(), 3, SMALL, FLAME)
        cv2.setNumThreads(4)
        assert _same(one, element(_still(), 3, SMALL, FLAME))
    finally:
        cv2.setNumThreads(before)


def test_every_seed_has_its_own() -> None:
    assert not _same(_element(), _element(motion=replace(SMALL, seed=1)))


@given(st.integers(-(2**31), 2**31), st.floats(-500, 500), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
@settings(max_examples=5)
def test_the_flow_has_no_divergence(seed: int, time: float, right: float, down: float) -> None:
    flow = Waves(seed, (right, down), 0.2).flow(time)
    waves = 2j * np.pi * np.fft.fftfreq(TEXELS)
    across, along = (np.fft.fft2(flow[..., each].astype(np.float64)) for each in (0, 1))
    parts = [np.fft.ifft2(waves * across).real, np.fft.ifft2(waves[:, None] * along).real]
    assert np.abs(sum(parts)).max() < 1e-4 * np.abs(parts[0]).max()
    assert (flow**2).sum(axis=-1).mean() == pytest.approx(1, rel=0.3)


def test_waves_travel_with_the_air_and_come_again_after_a_period() -> None:
    waves = Waves(7, (0.05, -0.1))
    x, y = (each.astype(np.float32) / 8 for each in np.meshgrid(np.arange(40), np.arange(30)))
    later = sampled(waves.noise(12.0), x + np.float32(0.6), y - np.float32(1.2))
    assert np.allclose(sampled(waves.noise(0.0), x, y), later, atol=0.12)
    assert np.allclose(
        sampled(waves.noise(3.0), x, y), sampled(waves.noise(3.0), x - PERIOD, y + 3 * PERIOD), atol=1e-2
    )


def test_half_a_frame_lies_between_two() -> None:
    """Nearer to each of its neighbours than they are to one another, as what moves on smoothly is."""
    first, half, second = (field(_still(), 100 + each, SMALL).heat for each in (0, 0.5, 1))
    apart = np.abs(second - first).mean()
    assert max(np.abs(half - first).mean(), np.abs(half - second).mean()) < 0.75 * apart
    near = field(_still(), 100.01, SMALL).heat
    assert np.abs(near - first).mean() < 0.05 * apart


@pytest.mark.parametrize("loop", [20.0, 48.0])
def test_a_loop_closes_without_a_seam(loop: float) -> None:
    motion = replace(SMALL, loop=loop)
    seam = np.abs(_element(loop, motion).emission - _element(0, motion).emission).mean()
    step = np.abs(_element(1, motion).emission - _element(0, motion).emission).mean()
    assert seam < 1e-3 * step
    assert np.abs(_element(loop / 2, motion).emission - _element(0, motion).emission).mean() > step


def test_a_proxy_shows_the_same_smaller() -> None:
    whole = field([_matte(size=2)] * SMALL.window, 30, SMALL.scaled(2))
    proxy = field(_still(), 30, SMALL)
    assert whole.heat.shape == proxy.heat.shape
    assert np.abs(whole.heat - proxy.heat).mean() < 0.1 * proxy.heat.mean()
    assert np.allclose(whole.flow[proxy.heat.sum(-1) > 0.1], 2 * proxy.flow[proxy.heat.sum(-1) > 0.1], rtol=1e-3)


def test_no_emitter_no_light_and_the_plates_own_bits() -> None:
    plate = np.random.default_rng(0).normal(0.2, 1, (HEIGHT, WIDTH, 3)).astype(np.float32)
    empty = element([np.zeros((HEIGHT, WIDTH, 1), np.float32)] * SMALL.window, 9, SMALL, FLAME)
    assert not empty.alpha.any() and not empty.emission.any() and not empty.scatter.any()
    assert laid(plate, empty).tobytes() == plate.tobytes()


def test_far_from_the_fire_the_plate_keeps_its_bits_even_if_it_is_not_a_number() -> None:
    plate = np.full((HEIGHT, WIDTH, 3), 0.18, np.float32)
    plate[:3, :3] = np.nan
    burning = laid(plate, _element())
    assert burning[:3, :20].tobytes() == plate[:3, :20].tobytes()
    assert burning[:3, -20:].tobytes() == plate[:3, -20:].tobytes()
    assert burning.dtype == np.float32 and np.nanmax(burning) > 10


def test_defaults_are_hdr_finite_and_have_alpha() -> None:
    fire = _element()
    assert fire.emission.max() > 10
    assert all(np.isfinite(each).all() and each.min() >= 0 for each in (fire.emission, fire.scatter, fire.alpha))
    assert 0.5 < fire.alpha.max() <= 1
    red, green, blue = fire.emission.reshape(-1, 3).mean(axis=0)
    assert red > green > blue


def test_over_a_plate_is_the_plate_held_back_plus_the_light() -> None:
    fire, plate = _element(), np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    assert np.allclose(laid(plate, fire), plate * (1 - fire.alpha) + fire.emission + fire.scatter, atol=1e-6)


def _light(**changes: Any) -> Light:
    return replace(FLAME, **changes)


@pytest.mark.parametrize(
    "name, values",
    [("intensity", (0.0, 5.0, 40.0)), ("temperature", (1400.0, 2000.0, 2600.0))],
)
def test_more_of_it_is_brighter(name: str, values: tuple[float, ...]) -> None:
    light = [_element(light=_light(**{name: each})).emission.mean() for each in values]
    assert light == sorted(light) and len(set(light)) == len(light)


def test_a_lower_threshold_burns_in_more_places() -> None:
    places = [(_element(light=_light(threshold=each)).emission > 0).sum() for each in (0.5, 0.2, 0.05)]
    assert places[0] < places[1] < places[2]


@pytest.mark.parametrize("name", ["smoke", "opacity"])
def test_more_of_it_hides_more(name: str) -> None:
    alpha = [_element(light=_light(**{name: each})).alpha for each in (0.0, 0.5, 2.0)]
    assert (alpha[0] <= alpha[1]).all() and (alpha[1] <= alpha[2]).all()
    assert alpha[0].mean() < alpha[1].mean() < alpha[2].mean()


def test_light_without_opacity_is_added() -> None:
    added = _element(light=replace(FLAME, opacity=0.0, smoke=0.0))
    assert not added.alpha.any() and added.emission.max() > 10


def test_smoke_above_darkens_smoke_below() -> None:
    smoke = np.full((80, 40, 1), 0.3, np.float32)
    scatter = lit(np.zeros_like(smoke), smoke, replace(PLUME, reach=40)).scatter[..., 0]
    assert scatter[60, 20] < 0.7 * scatter[4, 20]
    assert np.ptp(lit(np.zeros_like(smoke), smoke, replace(PLUME, shadow=0.0)).scatter[..., 0]) < 1e-6


def _field(**changes: Any) -> Field:
    motion = replace(SMALL, **changes)
    return field(_still(motion), 100, motion)


def test_wind_moves_it_and_rise_lifts_it() -> None:
    calm = _middle(_field().heat)
    assert _middle(_field(wind=(2.0, 0.0)).heat)[0] > calm[0] + 0.01
    assert _middle(_field(wind=(-2.0, 0.0)).heat)[0] < calm[0] - 0.01
    assert _middle(_field(rise=3.0).heat)[1] < calm[1] < _middle(_field(rise=0.8).heat)[1]
    assert _field().flow[..., 1].min() < 0


def test_what_lives_longer_reaches_higher_and_what_is_uneven_has_gaps() -> None:
    assert _middle(_field(life=9).heat)[1] < _middle(_field(life=4).heat)[1]
    even, patchy = (_field(unevenness=each, turbulence=0.0).heat.max(axis=(0, 2)) for each in (0.0, 1.0))
    assert np.diff(patchy).std() > 2 * np.diff(even).std()


def test_an_emitter_that_has_moved_on_leaves_its_fire_behind() -> None:
    """The window counts: what burns above comes from where the emitter was then."""
    path = [_matte(110 - 2 * back) for back in range(SMALL.window)]
    heat = field(path, 100, replace(SMALL, turbulence=0.0)).heat
    high, low = heat[: heat.shape[0] * 6 // 10], heat[heat.shape[0] * 8 // 10 :]
    assert _middle(high)[0] < _middle(low)[0] - 0.05


def test_detail_adds_what_the_field_has_not_and_nothing_where_nothing_is() -> None:
    plain, torn = (_element(motion=replace(SMALL, detail=each)).emission for each in (0.0, 0.8))
    assert not np.array_equal(plain, torn)
    assert not torn[(enlarged(_field().heat, (HEIGHT, WIDTH)) <= 0).all(axis=-1)].any()


def test_black_bodies_are_those_of_the_standard_observer() -> None:
    """Chromaticity of Planck's locus (CIE 1931) within what the approximation of the observer promises."""
    to_xyz = np.linalg.inv(XYZ_TO_AP1)
    for kelvin, place in ((1500.0, (0.5857, 0.3931)), (2000.0, (0.5267, 0.4133)), (6500.0, (0.3135, 0.3237))):
        xyz = to_xyz @ blackbody(np.array(kelvin))
        assert xyz[:2] / xyz.sum() == pytest.approx(place, abs=0.006)
    assert LUMINANCE @ blackbody(np.array(REFERENCE)) == pytest.approx(1, rel=1e-3)


def test_the_table_is_the_law_and_white_is_what_the_camera_is_set_to() -> None:
    kelvin = np.linspace(900, 3000, 64, dtype=np.float32).reshape(8, 8)
    light = glow(kelvin, balance=6000)
    white = blackbody(np.array(6000.0))
    assert np.allclose(light, blackbody(kelvin) / (white / white[1]), rtol=2e-3)
    assert np.ptp(glow(np.full((1, 1), 3200, np.float32), balance=3200)) < 0.01 * light.max()
    assert (np.diff(light.reshape(-1, 3), axis=0) > 0).all()
