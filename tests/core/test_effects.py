"""Fire and smoke are functions of place, time and seed, move as the artist says, and give physical light."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fires import HEIGHT, THIN, WIDTH, emitter, field_of, matte, motion, values
from replate.effects.billows import billowing
from replate.effects.field import Field, burning, field
from replate.effects.lattice import Lattice
from replate.effects.refining import FINER, enlarged, fine, planes
from replate.effects.waves import PERIOD, TEXELS, Waves, sampled
from replate.params import Curve

Array = npt.NDArray[Any]


def _middle(amount: Array) -> tuple[float, float]:
    """Where the mass of a field lies, as shares of its width and height."""
    mass = amount.sum(axis=-1)
    rows, columns = (np.arange(n) + 0.5 for n in mass.shape)
    return (mass.sum(0) @ columns / mass.sum() / len(columns), mass.sum(1) @ rows / mass.sum() / len(rows))


def _same(a: Field, b: Field) -> bool:
    names = ("heat", "smoke", "forward", "backward", "origin")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


@pytest.mark.parametrize("look", [{}, THIN])
def test_a_frame_is_the_same_alone_in_order_and_backwards(look: dict[str, Any]) -> None:
    shot = [matte(60 + 0.4 * frame) for frame in range(40)]

    def one(frame: int) -> Field:
        return field_of(frame, shot[frame::-1], **look)

    forward = {frame: one(frame) for frame in (37, 38, 39)}
    backward = {frame: one(frame) for frame in (39, 38, 37)}
    assert all(_same(forward[frame], backward[frame]) for frame in forward)
    assert not _same(forward[37], forward[38])


def test_the_number_of_threads_changes_nothing() -> None:
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(1)
        one = field_of(3)
        cv2.setNumThreads(4)
        assert _same(one, field_of(3))
    finally:
        cv2.setNumThreads(before)


def test_every_seed_has_its_own() -> None:
    assert not _same(field_of(), field_of(seed=1))


@given(st.integers(-(2**31), 2**31), st.floats(-50, 50), st.floats(-50, 50), st.floats(0, 100))
@settings(max_examples=5)
def test_the_flow_has_no_divergence(seed: int, right: float, down: float, turned: float) -> None:
    flow = Waves(seed, (right, down), turned).flow()
    waves = 2j * np.pi * np.fft.fftfreq(TEXELS)
    across, along = (np.fft.fft2(flow[..., each].astype(np.float64)) for each in (0, 1))
    parts = [np.fft.ifft2(waves * across).real, np.fft.ifft2(waves[:, None] * along).real]
    assert np.abs(sum(parts)).max() < 1e-4 * np.abs(parts[0]).max()
    assert (flow**2).sum(axis=-1).mean() == pytest.approx(1, rel=0.3)


def test_waves_travel_with_the_air_and_come_again_after_a_period() -> None:
    x, y = (each.astype(np.float32) / 8 for each in np.meshgrid(np.arange(40), np.arange(30)))
    start, later = Waves(7).noise(), Waves(7, (0.6, -1.2)).noise()
    assert np.allclose(sampled(start, x, y), sampled(later, x + np.float32(0.6), y - np.float32(1.2)), atol=0.12)
    assert np.allclose(sampled(start, x, y), sampled(start, x - PERIOD, y + 3 * PERIOD), atol=1e-2)


def test_half_a_frame_lies_between_two() -> None:
    """Nearer to each of its neighbours than they are to one another, as what moves on smoothly is."""
    first, half, second = (field_of(100 + each).heat for each in (0, 0.5, 1))
    apart = np.abs(second - first).mean()
    assert max(np.abs(half - first).mean(), np.abs(half - second).mean()) < 0.75 * apart
    near = field_of(100.01).heat
    assert np.abs(near - first).mean() < 0.05 * apart


def test_half_speed_is_the_same_fire_with_a_frame_between_two() -> None:
    slow = [field_of(200 + each, speed=0.5).heat for each in range(3)]
    fast = [field_of(100 + each).heat for each in range(2)]
    assert np.array_equal(slow[0], fast[0]) and np.array_equal(slow[2], fast[1])
    steps = [np.abs(b - a).mean() for a, b in pairwise(slow)]
    assert max(steps) < 0.75 * np.abs(fast[1] - fast[0]).mean() and max(steps) < 1.5 * min(steps)


@pytest.mark.parametrize("loop", [20.0, 48.0])
def test_a_loop_closes_without_a_seam(loop: float) -> None:
    frames = {each: field_of(each, loop=loop).heat for each in (0, 1, loop / 2, loop)}
    step = np.abs(frames[1] - frames[0]).mean()
    assert np.abs(frames[loop] - frames[0]).mean() < 1e-3 * step
    assert np.abs(frames[loop / 2] - frames[0]).mean() > step


def test_a_proxy_shows_the_same_smaller() -> None:
    whole = field_of(30, [matte(size=2)] * 40, scale=0.4)
    proxy = field_of(30)
    assert whole.heat.shape == proxy.heat.shape
    assert np.abs(whole.heat - proxy.heat).mean() < 0.1 * proxy.heat.mean()
    burns = proxy.heat.sum(-1) > 0.1
    assert np.allclose(whole.forward[burns], 2 * proxy.forward[burns], rtol=1e-2, atol=0.05)


def test_a_part_of_the_lattice_is_as_it_is_in_the_whole() -> None:
    moves = motion()
    burns = emitter(moves)
    whole = field_of()
    part = whole.lattice.part(slice(9, 30), slice(5, 44))
    assert np.allclose(field(burns, moves, part).heat, whole.heat[9:30, 5:44], atol=1e-6)


@given(st.integers(0, 10**6), st.integers(0, 500))
@settings(max_examples=10)
def test_nothing_burns_beyond_what_a_look_ahead_finds(seed: int, frame: int) -> None:
    moves, whole = motion(frame, seed=seed, turbulence=10.0), field_of(frame, seed=seed, turbulence=10.0)
    part = burning(emitter(moves), moves, whole.lattice)
    assert part is not None
    left, top = part.column - whole.lattice.column, part.row - whole.lattice.row
    outside = whole.heat.copy()
    outside[top : top + part.rows, left : left + part.columns] = 0
    assert outside.max() < 0.02


def test_where_nothing_is_lit_nothing_burns() -> None:
    moves = motion()
    dark = emitter(moves, [np.zeros((HEIGHT, WIDTH), np.float32)] * 3)
    assert burning(dark, moves, Lattice.over(dark.window, (moves.across, moves.size))) is None


def test_wind_moves_it_and_rise_lifts_it() -> None:
    calm = _middle(field_of().heat)
    assert _middle(field_of(wind_x=20.0).heat)[0] > calm[0] + 0.01
    assert _middle(field_of(wind_x=-20.0).heat)[0] < calm[0] - 0.01
    assert _middle(field_of(rise=30.0).heat)[1] < calm[1] < _middle(field_of(rise=8.0).heat)[1]
    assert field_of().forward[..., 1].min() < 0


def test_a_gust_bends_what_rises_then_and_leaves_what_has_risen() -> None:
    """Keyframes of the wind are felt from their frame on: the top still knows the calm, the foot does not."""
    gust = Curve(((97.0, 0.0), (98.0, 25.0)))
    calm, blown, always = (field_of(turbulence=0.0, wind_x=wind).heat for wind in (0.0, gust, 25.0))
    reach = [np.abs(each - calm).max(axis=(1, 2)) for each in (blown, always)]
    shift = [_middle(each)[0] - _middle(calm)[0] for each in (blown, always)]
    assert 0.002 < shift[0] < 0.7 * shift[1]
    assert reach[0].max() > 0.1


@pytest.mark.parametrize("name", ["wind.x", "rise", "speed", "turbulence", "size"])
def test_keys_that_all_say_the_same_are_no_keys(name: str) -> None:
    plain = values()[name] or 5.0
    keyed = Curve(((1.0, plain), (300.0, plain)))
    label = name.replace(".", "_")
    assert np.allclose(field_of(**{label: keyed}).heat, field_of(**{label: plain}).heat, atol=1e-4)


def _pixels(found: Field) -> Array:
    return found.lattice.picture(found.heat, _window(0, 0, WIDTH, HEIGHT))


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("wind_x", (0.0, 20.0)),
        ("rise", (10.0, 24.0)),
        ("speed", (0.5, 2.0)),
        ("turbulence", (2, 9)),
        ("size", (150.0, 170.0)),
    ],
)
def test_what_is_keyed_does_not_jump_late_in_a_shot(name: str, ends: tuple[float, float]) -> None:
    """At frame 2000, where a speed times the frame number would be far away after the least change."""
    keyed = Curve(((1990.0, ends[0]), (2040.0, ends[1])))
    frames = [_pixels(field_of(2000 + each, **{name: keyed})) for each in range(3)]
    still = [_pixels(field_of(2000 + each, **{name: keyed.at(2000)})) for each in range(2)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(frames)]
    assert max(steps) < 1.5 * np.abs(still[1] - still[0]).mean()


def test_what_lives_longer_reaches_higher_and_what_is_uneven_has_gaps() -> None:
    assert _middle(field_of(life=9).heat)[1] < _middle(field_of(life=4).heat)[1]
    even, patchy = (field_of(unevenness=each, turbulence=0.0).heat.max(axis=(0, 2)) for each in (0.0, 1.0))
    assert np.diff(patchy).std() > 2 * np.diff(even).std()


def test_smoke_that_spreads_is_wider_higher_up_and_heat_is_as_it_was() -> None:
    narrow, wide = (field_of(spread=each, **THIN) for each in (0.0, 6.0))
    reach = [(each.smoke.sum(axis=-1)[: each.smoke.shape[0] // 2] > 1e-3).sum() for each in (narrow, wide)]
    assert reach[1] > 1.2 * reach[0]
    assert np.array_equal(narrow.heat, wide.heat)


def test_billows_gather_smoke_in_lobes_and_leave_where_none_is() -> None:
    found, moves = field_of(**THIN), motion(**THIN)
    smoke = np.maximum(enlarged(found.smoke), 0)
    some, more = (billowing(smoke, found, moves, each) for each in (0.5, 1.0))
    assert np.array_equal(billowing(smoke, found, moves, 0.0), smoke)
    contrast = [each[smoke > 0.05].std() / each[smoke > 0.05].mean() for each in (smoke, some, more)]
    assert contrast[0] < contrast[1] < contrast[2]
    assert some.min() >= 0 and not more[smoke == 0].any()


def test_an_emitter_that_has_moved_on_leaves_its_fire_behind() -> None:
    """The window counts: what burns above comes from where the emitter was then."""
    path = [matte(110 - 2 * back) for back in range(30)]
    heat = field_of(100, path, turbulence=0.0).heat
    high, low = heat[: heat.shape[0] * 6 // 10], heat[heat.shape[0] * 8 // 10 :]
    assert _middle(high)[0] < _middle(low)[0] - 0.05


def test_the_generator_is_shown_heat_smoke_and_noise() -> None:
    found = field_of()
    shown = planes(found, motion())
    grid = fine(found.lattice)
    assert [each.shape for each in shown] == [(grid.rows, grid.columns, 3)] * 2
    for sheet, picture in enumerate(shown):
        assert np.array_equal(picture[..., 0], np.maximum(enlarged(found.heat)[..., sheet], 0))
        assert picture[..., :2].min() >= 0
        assert picture[..., 2].mean() == pytest.approx(0, abs=0.3)
        assert picture[..., 2].std() == pytest.approx(1, abs=0.3)
    assert not np.array_equal(shown[0], shown[1])
    assert grid.rows == FINER * found.lattice.rows


def test_a_lattice_gives_pixels_what_lies_there() -> None:
    grid = Lattice.over(_window(0, 0, 64, 48), (72.0, 72.0))
    x, y = grid.places()
    for lattice in (grid, grid.finer(4)):
        x, y = lattice.places()
        seen = lattice.picture(np.dstack([x, y]), _window(8, 6, 30, 20))
        there = np.meshgrid(np.arange(8, 38) + 0.5, np.arange(6, 26) + 0.5)
        assert np.allclose(seen, np.dstack(there), atol=0.1)


def _window(x: int, y: int, width: int, height: int) -> Any:
    from replate.frame import Window

    return Window(x, y, width, height)
