"""Colour: the fused numbers are OCIO's, nothing is lost on the way to the generator and back."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.color import (
    Linear,
    Log,
    MatrixCurve,
    Power,
    convert,
    default_space,
    is_picture,
    resolve_space,
    to_display,
    to_space,
    transform,
    using,
)
from replate.color.curves import CANDIDATES, Curve
from replate.errors import UsageError

Array = npt.NDArray[Any]
LINEAR = ["ACEScg", "lin_rec709", "ACES2065-1", "lin_rec2020", "lin_p3d65"]
FUSED = [
    *LINEAR,
    "srgb_tx",
    "g22_rec709_tx",
    "g24_rec709_tx",
    "sRGB - Display",
    "Rec.1886 Rec.709 - Display",
    "adobergb",
]


def light(count: int = 4096) -> Array:
    """1 x N x 3 scene-linear values from 1e-3 to 1e3, a few stops apart within a pixel."""
    random = np.random.default_rng(0)
    exposure = 10 ** random.uniform(-3, 3, (1, count, 1))
    return (exposure * random.uniform(0.1, 1, (1, count, 3))).clip(1e-3, 1e3).astype(np.float32)


@pytest.mark.parametrize("curve", CANDIDATES, ids=str)
def test_a_curve_is_smooth_and_its_own_inverse(curve: Curve) -> None:
    x = np.linspace(-0.5, 1.5, 5001)
    y = curve.decode(x)
    assert np.abs(curve.encode(y) - x).max() < 1e-9
    assert (np.diff(y) >= 0).all()
    assert np.diff(y).max() < 0.1 * (y.max() - y.min())
    assert np.isnan(curve.encode(curve.decode(np.array([np.nan]))))


def test_curves_hit_published_values() -> None:
    """Mid grey as the makers state it, to the digits that they give."""
    for space, grey in {
        "ACEScct": 0.4135884,  # S-2016-001
        "srgb_tx": 0.46135,  # IEC 61966-2-1 at 0.18
    }.items():
        assert convert(np.full((1, 1, 3), 0.18, np.float32), "ACEScg", space)[0, 0] == pytest.approx(grey, abs=2e-4)
        fused = transform("ACEScg", space).fused
        assert fused is not None
        assert fused(np.full((1, 1, 3), 0.18, np.float32))[0, 0] == pytest.approx(grey, abs=2e-4)


@pytest.mark.parametrize("space", FUSED)
def test_usual_spaces_fuse_and_agree_with_ocio(space: str) -> None:
    made = transform(space)
    assert made.fused is not None
    log = convert(light(), "ACEScg", made.source)
    assert np.abs(made.fused(log) - made.forward(log)).max() < 1e-5


@pytest.mark.parametrize("space", LINEAR)
def test_the_round_trip_keeps_light(space: str) -> None:
    made, plate = transform(space), light()
    size = plate.max(axis=-1, keepdims=True)
    assert made.fused is not None
    for back in (made.inverse(made.forward(plate)), made.fused.inverse(made.fused(plate))):
        assert (np.abs(back - plate) / size).max() < 1e-4


def test_equal_primaries_do_not_mix_channels() -> None:
    fused = transform("ACEScg").fused
    assert fused is not None
    assert fused.matrix == (1, 0, 0, 0, 1, 0, 0, 0, 1)
    assert isinstance(fused.decode, Linear)
    assert isinstance(fused.encode, Log)


def test_what_is_no_curve_and_matrix_takes_the_plain_path() -> None:
    made = transform("Rec.2100-PQ - Display")
    assert made.fused is None
    values = np.random.default_rng(0).uniform(0.1, 0.7, (4, 4, 3)).astype(np.float32)
    assert np.abs(made.inverse(made.forward(values)) - values).max() < 1e-3


def test_the_same_space_is_untouched() -> None:
    values = np.array([[[np.nan, np.inf, -1e30]]], np.float32)
    made = transform("ACEScct")
    assert made.forward(values) is values
    assert made.fused == MatrixCurve(Linear(), (1, 0, 0, 0, 1, 0, 0, 0, 1), Linear())


@given(st.sampled_from(FUSED), st.floats(-1, 100, width=32))
def test_nan_and_inf_harm_no_neighbour(space: str, value: float) -> None:
    fused = transform(space).fused
    assert fused is not None
    plate = np.array([[[np.nan] * 3, [np.inf] * 3, [value] * 3]], np.float32)
    assert np.allclose(fused(plate)[:, 2], fused(plate[:, 2:])[:, 0], rtol=1e-5)


def test_names_aliases_and_roles() -> None:
    assert resolve_space("scene_linear") == resolve_space("lin_ap1") == resolve_space("acescg") == "ACEScg"
    assert resolve_space("sRGB - Texture") == default_space("picture")
    with pytest.raises(UsageError, match="did you mean 'ACEScct'"):
        resolve_space("ACEScctt")


def test_pictures_are_told_from_light() -> None:
    assert all(map(is_picture, ["srgb_tx", "g24_rec709_tx", "g22_rec709_tx", "sRGB - Display"]))
    assert not any(map(is_picture, [*LINEAR, "ACEScct", "ACEScc"]))


def test_a_picture_is_shown_as_it_is() -> None:
    picture = np.random.default_rng(0).random((8, 8, 3), np.float32)
    assert np.array_equal(to_display(picture, "srgb_tx"), picture)


def test_light_is_shown_through_the_view() -> None:
    """The baked lattice against OCIO's own view, on colours as plates have them."""
    import OpenImageIO as oiio

    plate = light().reshape(64, 64, 3).clip(0, 16)
    image = oiio.ImageBuf(plate)
    view = "ACES 2.0 - SDR 100 nits (Rec.709)"
    exact = oiio.ImageBufAlgo.ociodisplay(image, "sRGB - Display", view, "ACEScg", unpremult=False)
    shown = to_display(plate, "ACEScg")
    error = np.abs(shown - exact.get_pixels(oiio.FLOAT))
    assert error.mean() < 2e-3
    assert error.max() < 0.04
    assert 0.3 < to_display(np.full((1, 1, 3), 0.18, np.float32), "ACEScg").mean() < 0.45


def test_anything_can_be_shown() -> None:
    shown = to_display(np.array([[[np.nan, np.inf, -np.inf], [-1, 1e6, 0.5]]], np.float32), "lin_rec709")
    assert np.isfinite(shown).all()
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_showing_hd_is_quick() -> None:
    plate = np.random.default_rng(0).random((1080, 1920, 3), np.float32)
    to_display(plate[:8], "ACEScg")
    started = time.process_time()
    to_display(plate, "ACEScg")
    # CPU seconds, so that a busy machine does not fail it; OCIO's own view takes several.
    assert time.process_time() - started < 1.5


def test_a_picture_for_exr_is_only_converted() -> None:
    half = np.full((1, 1, 3), 0.5, np.float32)
    assert to_space(half, default_space("picture"), default_space("scene")).mean() == pytest.approx(0.2140, abs=1e-3)


CAMERAS = (
    "ARRI LogC3 (EI800)",
    "ARRI LogC4",
    "S-Log3 S-Gamut3.Cine",
    "V-Log V-Gamut",
    "Log3G10 REDWideGamutRGB",
    "BMDFilm WideGamut Gen5",
    "DaVinci Intermediate WideGamut",
    "Camera Rec.709",
)


def test_camera_curves_fuse() -> None:
    with using("ocio://studio-config-latest"):
        fused = [transform(name).fused for name in CAMERAS]
    assert [type(each.decode) for each in fused if each] == [Log] * 7 + [Power]


def test_power_is_monotone_through_zero() -> None:
    mirrored = Power(2.2, mirror=True)
    assert mirrored.decode(np.array([-0.5])) == -mirrored.decode(np.array([0.5]))
