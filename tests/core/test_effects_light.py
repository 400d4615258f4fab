"""Heat and smoke give physical light, and the controls of it do what they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fires import values
from replate.effects.blackbody import REFERENCE, blackbody, glow
from replate.effects.cast import cast
from replate.effects.light import Light, lit
from replate.effects.shading import falling

Array = npt.NDArray[Any]

LUMINANCE = np.array([0.2722287, 0.6740818, 0.0536895])  # of ACEScg's red, green and blue
XYZ_TO_AP1 = [
    [1.6410233797, -0.3248032942, -0.2364246952],
    [-0.6636628587, 1.6153315917, 0.0167563477],
    [0.0117218943, -0.0082844420, 0.9883948585],
]


def _light(**changes: Any) -> Light:
    return Light.of(values(**changes))


@pytest.mark.parametrize("name", ["smoke_amount", "opacity"])
def test_more_of_it_hides_more(name: str) -> None:
    heat, smoke = (np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8, 1) for _ in range(2))
    alpha = [lit(heat, smoke, _light(**{name: each})).alpha for each in (0.0, 0.5, 2.0)]
    assert (alpha[0] <= alpha[1]).all() and (alpha[1] <= alpha[2]).all()
    assert alpha[0].mean() < alpha[1].mean() < alpha[2].mean()


def test_flames_draw_no_dark_rim_over_a_grey_plate() -> None:
    heat = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16, 1)
    made = lit(heat, np.zeros_like(heat), _light())
    over = (0.18 * (1 - made.alpha) + made.light) @ LUMINANCE
    assert over.min() > 0.97 * 0.18 and made.alpha.max() > 0.4


def test_white_smoke_scatters_light_into_its_own_shade_and_soot_does_not() -> None:
    ball, cold = _ball()[..., None], np.zeros((120, 120, 1), np.float32)
    look = {"smoke_amount": 1.0, "smoke_sky": 0.0, "smoke_shadow": 50.0, "smoke_angle": 0.0, "size": 100.0}
    shades = []
    for albedo in (0.9, 0.05):
        tints = {f"smoke_{name}": albedo for name in ("red", "green", "blue")}
        scatter = lit(cold, ball, _light(**look, **tints)).scatter
        shades.append(scatter[60, 32, 0] / albedo)
    assert 0.1 < shades[0] < 0.3 and shades[1] < 0.1 * shades[0]


def _ball() -> Array:
    """The optical depth of a ball of smoke in the middle of a picture, 120 x 120."""
    y, x = np.mgrid[:120, :120].astype(np.float32) - 60
    depth: Array = 6 * np.sqrt(np.maximum(1 - (x * x + y * y) / 40**2, 0))
    return depth


@pytest.mark.parametrize("angle", [0.0, 90.0, 135.0, 250.0])
def test_smoke_is_bright_towards_the_light_and_dark_away_from_it(angle: float) -> None:
    lit = falling(_ball(), angle=angle, shadow=1.0, size=100.0)
    way = np.array([np.cos(np.radians(angle)), -np.sin(np.radians(angle))])
    near, far = (lit[tuple(np.rint(60 + side * 28 * way[::-1]).astype(int))] for side in (1, -1))
    assert far < 0.6 < 1.1 < near


def test_shadow_nought_is_flat_and_an_even_sheet_has_none() -> None:
    assert (falling(_ball(), angle=90.0, shadow=0.0, size=100.0) == 1).all()
    even = falling(np.full((300, 300), 3.0, np.float32), angle=90.0, shadow=1.0, size=60.0)
    assert np.allclose(even[150:, 100:200], 1, atol=0.02)


def test_flames_light_the_smoke_around_them() -> None:
    heat, smoke = np.zeros((120, 120, 1), np.float32), np.full((120, 120, 1), 0.2, np.float32)
    heat[55:65, 55:65] = 1
    look = {"smoke_amount": 2.0, "smoke_light": 0.0, "smoke_sky": 0.0, "size": 400.0}
    dark, some, more = (lit(heat, smoke, _light(smoke_glow=each, **look)).scatter for each in (0.0, 0.2, 0.4))
    assert not dark.any() and some[50, 60, 0] > 5 * some[10, 60, 0] > 0
    assert np.allclose(more, 2 * some, rtol=1e-4)
    assert some[50, 60, 0] > some[50, 60, 2]


def test_layers_of_flame_are_one_after_the_other() -> None:
    """Light of the hind sheet comes through the front one; what both hide is what is left of what is left."""
    sheet, none = np.ones((4, 4, 1), np.float32), np.zeros((4, 4, 1), np.float32)
    look = _light(opacity=1.0, smoke_amount=0.0)
    one, two = lit(sheet, none, look), lit(np.repeat(sheet, 2, -1), np.repeat(none, 2, -1), look)
    assert np.allclose(two.alpha, 1 - (1 - one.alpha) ** 2, atol=1e-6)
    assert np.allclose(two.emission, one.emission * (2 - one.alpha), rtol=1e-5)


def test_cast_light_falls_off_ends_at_its_reach_and_has_the_plates_pattern() -> None:
    light, plate = np.zeros((200, 300, 3), np.float32), np.full((200, 300, 3), 0.4, np.float32)
    light[95:105, 145:155] = (20, 8, 1)
    plate[:, ::2] = 0.2
    thrown = cast(light, plate, reach=80)
    along = thrown[100, 155:260:2, 0]
    assert (np.diff(along) <= 1e-6).all() and along[0] > 4 * along[20] > 0
    assert not thrown[:, 240:].any() and not thrown[:10].any()
    assert np.allclose(thrown[60, 140:160:2, 0] / thrown[60, 141:161:2, 0], 0.5, rtol=0.2)


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
