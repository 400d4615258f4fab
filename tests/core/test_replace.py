"""What a matte keeps of a plate over another background: light, alpha, windows, spaces, and bits that stay."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plates import bits, plate
from replate.color import convert
from replate.frame import Frame, Window
from replate.picture.alpha import STRAIGHT
from replate.picture.linear import layer_of
from replate.removal.replace import Edge, replaced

HARD = Edge(decontaminate=0.0)
SIZE = (48, 64)
DISPLAY = Window(0, 0, 64, 48)


def frame(pixels: np.ndarray, *, space: str = "ACEScg", **fields: Any) -> Frame:
    return Frame.of(pixels.astype(fields.pop("dtype", np.float32)), "RGBA", space=space, **fields)


def colour(*values: float) -> np.ndarray:
    return np.full((*SIZE, len(values)), values, np.float32)


def keep(soft: float = 1.5) -> np.ndarray:
    """H x W x 1: a disc."""
    matte = np.zeros(SIZE, np.float32)
    cv2.circle(matte, (32, 24), 12, 1.0, -1)
    return cv2.GaussianBlur(matte, (0, 0), soft)[..., None].clip(0, 1)


class TestLight:
    def test_one_over_the_other(self) -> None:
        front, behind = colour(0.8, 0.1, 0.1), colour(0.0, 3.0, -0.1)
        result = replaced(frame(front), keep(), layer_of(frame(behind), DISPLAY), edge=HARD)
        assert np.allclose(result.pixels, keep() * front + (1 - keep()) * behind, atol=1e-6)
        assert result.channels == tuple("RGB")

    @pytest.mark.parametrize("space", ["ACEScg", "lin_rec709_scene", "ACEScct", "srgb_texture"])
    @pytest.mark.parametrize("other", ["ACES2065-1", "g24_rec709_display"])
    def test_spaces_that_differ(self, space: str, other: str) -> None:
        front, behind = colour(0.5, 0.2, 0.1), colour(0.1, 0.3, 0.4)
        result = replaced(frame(front, space=space), keep(), layer_of(frame(behind, space=other), DISPLAY), edge=HARD)
        light = keep() * convert(front, space, "ACEScg") + (1 - keep()) * convert(behind, other, "ACEScg")
        assert np.allclose(convert(result.pixels, space, "ACEScg"), light, rtol=1e-4, atol=1e-4)
        solid = keep()[..., 0] == 1
        assert result.pixels[solid].tobytes() == front[solid].tobytes()

    def test_the_old_background_goes_from_the_edge(self) -> None:
        truth, old, new = colour(0.7, 0.5, 0.4), colour(0.0, 0.9, 0.0), layer_of(frame(colour(0.1, 0.1, 0.6)), DISPLAY)
        shot = frame(keep() * truth + (1 - keep()) * old)
        wanted = keep() * truth + (1 - keep()) * new.rgb

        def wrong(**how: Any) -> float:
            return float(np.abs(replaced(shot, keep(), new, **how).pixels - wanted).max())

        assert wrong(edge=HARD) > 0.15
        assert wrong(edge=Edge(decontaminate=0.5)) < 0.7 * wrong(edge=HARD)
        assert wrong(edge=Edge()) < 0.3 * wrong(edge=HARD)
        assert wrong(edge=Edge(), old=old) < 0.05

    def test_light_wraps_over_the_edge_only(self) -> None:
        front, new = frame(colour(0.1, 0.1, 0.1)), layer_of(frame(colour(5.0, 5.0, 5.0)), DISPLAY)
        result = replaced(front, keep(0.5), new, edge=Edge(wrap=0.5, width=4.0)).pixels
        assert bits(result[24, 32]).tolist() == bits(front.pixels[24, 32]).tolist()
        assert result[24, 32 + 10, 0] > 0.15

    def test_mix(self) -> None:
        front, new = frame(colour(0.8, 0.1, 0.1, 0.5)), layer_of(frame(colour(0.0, 3.0, 0.0)), DISPLAY)
        whole, half, none = (replaced(front, keep(), new, edge=Edge(wrap=1), mix=mix).pixels for mix in (1.0, 0.5, 0.0))
        assert np.allclose(half, (whole + front.pixels) / 2, atol=1e-6)
        assert none.tobytes() == front.pixels.tobytes()


class TestAlpha:
    @pytest.mark.parametrize("edge", [HARD, Edge()])
    def test_a_keyed_plate_is_given_its_own_alpha(self, edge: Edge) -> None:
        """As a plain "over" would do it."""
        solid, new = colour(0.8, 0.4, 0.1), colour(0.1, 0.1, 0.6)
        keyed = frame(np.concatenate([keep() * solid, keep()], axis=-1))
        result = replaced(keyed, keep(), layer_of(frame(new), DISPLAY), edge=edge).pixels
        assert np.allclose(result[..., :3], keep() * solid + (1 - keep()) * new, atol=1e-5)
        assert np.allclose(result[..., 3], 1, atol=1e-5)

    def test_glass_stays_glass(self) -> None:
        """What is half transparent in the plate lets half of the background through where its matte is not quite 1."""
        glass, new = frame(colour(0.2, 0.1, 0.05, 0.5)), layer_of(frame(colour(0.4, 0.4, 0.4)), DISPLAY)
        result = replaced(glass, np.full((*SIZE, 1), 0.999, np.float32), new, edge=HARD).pixels
        assert np.allclose(result, colour(0.2, 0.1, 0.05, 0.5), atol=1e-3)

    def test_a_glow_without_alpha_is_not_blown_up(self) -> None:
        glow = frame(colour(0.2, 0.1, 0.05, 0.0))
        result = replaced(glow, keep(), layer_of(frame(colour(0.0, 0.0, 0.0)), DISPLAY), edge=HARD).pixels
        assert np.allclose(result[..., :3], keep() * colour(0.2, 0.1, 0.05), atol=1e-6)

    def test_a_transparent_background_stays_transparent(self) -> None:
        new = frame(colour(0.05, 0.05, 0.3, 0.5))
        result = replaced(frame(colour(0.8, 0.4, 0.1, 1.0)), keep(), layer_of(new, DISPLAY), edge=HARD).pixels
        assert np.allclose(result[..., 3:], keep() + (1 - keep()) * 0.5, atol=1e-6)

    def test_straight_colour_stays_straight(self) -> None:
        straight = frame(colour(0.8, 0.4, 0.1, 0.5), metadata={STRAIGHT: 1})
        associated = frame(colour(0.4, 0.2, 0.05, 0.5))
        new = layer_of(frame(colour(0.1, 0.1, 0.6, 0.25), metadata={STRAIGHT: 1}), DISPLAY)
        one, other = (replaced(each, keep(), new, edge=HARD).pixels for each in (straight, associated))
        assert np.allclose(one[..., :3] * one[..., 3:], other[..., :3], atol=1e-5)
        assert np.allclose(one[..., 3], other[..., 3])
        solid = keep()[..., 0] == 1
        assert one[solid].tobytes() == straight.pixels[solid].tobytes()


class TestWindows:
    def test_the_background_lies_where_its_coordinates_are(self) -> None:
        whole = plate(60, 80)
        display = Window(0, 0, 80, 60)
        new = Frame(
            pixels=whole[10:50, 20:70],
            channels=tuple("RGBA"),
            data_window=Window(20, 10, 50, 40),
            display_window=display,
            space="ACEScg",
        )
        seen = layer_of(new, Window(16, 6, 40, 40))
        assert np.array_equal(seen.rgb[4:, 4:], whole[10:46, 20:56, :3])
        assert not seen.rgb[:4].any() and not seen.alpha[:, :4].any()

    def test_a_grey_plate_stays_grey(self) -> None:
        grey = Frame.of(colour(0.2), "Y", space="ACEScg")
        result = replaced(grey, keep(), layer_of(frame(colour(0.9, 0.9, 0.9)), DISPLAY), edge=HARD)
        assert result.channels == ("Y",) and result.pixels[0, 0, 0] == pytest.approx(0.9, rel=1e-3)


LIGHT = st.floats(-4, 1e4, width=32) | st.sampled_from([np.nan, np.inf, -np.inf])


@given(st.data(), st.sampled_from([0.0, 0.5, 1.0]), st.booleans(), st.sampled_from(["RGB", "RGBA"]))
def test_any_pixels(data: st.DataObject, mix: float, straight: bool, channels: str) -> None:
    size = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    pixels = data.draw(arrays(np.float32, (*size, len(channels)), elements=LIGHT))
    new = data.draw(arrays(np.float32, (*size, 4), elements=LIGHT))
    matte = data.draw(arrays(np.float32, (*size, 1), elements=st.sampled_from([0.0, 0.3, 1.0, 1.0])))
    shot = Frame.of(pixels, channels, space="ACEScg", metadata={STRAIGHT: int(straight)})
    window = shot.data_window
    result = replaced(shot, matte, layer_of(Frame.of(new, "RGBA", space="ACEScg"), window), edge=Edge(), mix=mix).pixels
    stays = (matte[..., 0] == 1) | (mix == 0)
    assert result[stays].tobytes() == pixels[stays].tobytes()
    changed = ~(bits(result) == bits(pixels)).all(axis=-1)
    assert np.isfinite(result[changed]).all()
