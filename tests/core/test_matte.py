"""Mattes: the channel that is meant, edges that move and soften as asked, and nothing beyond them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from replate.errors import InputError, UsageError
from replate.frame import Frame, Window
from replate.picture.layers import Listing
from replate.picture.matte import check_channel, feathered, grown, matte_of

PICTURES = arrays(
    np.float32,
    st.tuples(st.integers(1, 14), st.integers(1, 14)),
    elements=st.sampled_from([0.0, 0.0, 0.0, 0.25, 0.5, 1.0, 1.0]),
)
RADII = st.floats(0, 6, allow_subnormal=False)


def plate(width: int = 64, height: int = 48, **fields: Any) -> Frame:
    return Frame.of(np.zeros((height, width, 3), np.float32), "RGB", **fields)


def drawn(matte: np.ndarray, x: int, y: int, size: tuple[int, int] = (64, 48)) -> Frame:
    """A mask whose data window holds `matte` (H x W) at (x, y) of a picture of `size`."""
    height, width = matte.shape
    window = Window(x, y, width, height)
    pixels = matte[..., None].astype(np.float32)
    return Frame(pixels=pixels, channels=("Y",), data_window=window, display_window=Window(0, 0, *size))


class TestChannel:
    def test_a_mask_of_another_size_is_named_with_its_frame(self) -> None:
        mask = Frame.of(np.ones((4, 4, 1), np.float32), "Y", number=9)
        with pytest.raises(InputError, match=r"frame 9.*4x4.*64x48"):
            matte_of(mask, plate())

    def test_the_one_that_is_named(self) -> None:
        pixels = np.zeros((4, 8, 4), np.float32)
        pixels[..., 3] = 0.25
        mask, here = Frame.of(pixels, number=9), plate(8, 4)
        assert matte_of(mask, here).max() == 0
        assert (matte_of(mask, here, channel="A") == 0.25).all()
        with pytest.raises(InputError, match=r"frame 9.*'roto'.*R, G, B, A"):
            matte_of(mask, here, channel="roto")

    @pytest.mark.parametrize(("channels", "lit"), [("RGBA", 0), ("RGBA", 2), ("A", 0), ("Y", 0), ("Z", 0)])
    def test_any_that_an_artist_may_draw_into(self, channels: str, lit: int) -> None:
        pixels = np.zeros((48, 64, len(channels)), np.float32)
        pixels[5:9, 5:9, lit] = 2.0
        matte = matte_of(Frame.of(pixels, channels), plate())
        assert matte[5:9, 5:9].min() == 1.0
        assert matte.sum() == 16

    def test_of_another_part_and_of_the_plates_view(self) -> None:
        main = plate(8, 4)
        values = np.broadcast_to(np.float32([0.25, 0.75]), (4, 8, 2))
        masks = Frame.of(values, ("roto.left.mask", "roto.right.mask"), metadata={"multiView": ("left", "right")})
        file = Frame.of_parts([main, masks])
        assert (matte_of(file, main, channel="roto.right.mask") == 0.75).all()
        for view, value in (("left", 0.25), ("right", 0.75)):
            assert (matte_of(file, plate(8, 4, view=view), channel="roto.mask") == value).all()

    def test_a_wrong_one_is_told_with_the_nearest_before_anything_starts(self) -> None:
        parts = [Listing(("R", "G", "B")), Listing(("whitebarmask.left.mask",))]
        check_channel(parts, "whitebarmask.left.mask")
        check_channel(parts, "whitebarmask.left")
        with pytest.raises(UsageError, match=r"'whitebarmsk.left.mask'.*did you mean 'whitebarmask.left.mask'"):
            check_channel(parts, "whitebarmsk.left.mask")


class TestWindow:
    def test_a_mask_lines_up_by_its_coordinates(self) -> None:
        matte = matte_of(drawn(np.ones((4, 8)), 20, 10), plate())
        assert matte[10:14, 20:28].all()
        assert matte.sum() == 32

    def test_it_grows_and_softens_beyond_its_data_window(self) -> None:
        whole = np.zeros((48, 64), np.float32)
        whole[10:14, 20:28] = 1
        expected = matte_of(Frame.of(whole[..., None], "Y"), plate(), grow=3.5, feather=6, invert=True)
        assert np.array_equal(
            matte_of(drawn(np.ones((4, 8)), 20, 10), plate(), grow=3.5, feather=6, invert=True), expected
        )

    def test_what_it_does_not_reach_is_black_before_it_is_inverted(self) -> None:
        here = Frame(
            pixels=np.zeros((56, 72, 3), np.float32),
            channels=tuple("RGB"),
            data_window=Window(-4, -4, 72, 56),
            display_window=Window(0, 0, 64, 48),
        )
        matte = matte_of(drawn(np.ones((4, 8)), 20, 10), here, invert=True)
        assert matte.shape == (56, 72, 1)
        assert matte.sum() == 56 * 72 - 32

    def test_the_edge_of_the_picture_is_not_an_edge_of_the_mask(self) -> None:
        left = np.zeros((48, 64), np.float32)
        left[:, :32] = 1
        matte = matte_of(Frame.of(left[..., None], "Y"), plate(), grow=-4, feather=8)
        assert (matte[:, :24] == 1).all()
        assert (matte[:, 32:] == 0).all()

    def test_in_a_panorama_it_reaches_across_the_edge(self) -> None:
        mask = np.zeros((48, 64), np.float32)
        mask[20:28, 60:] = 1
        moved = np.roll(mask, 30, axis=1)
        here, there = (
            matte_of(Frame.of(each[..., None], "Y"), plate(), grow=3.25, feather=5, around=True)
            for each in (mask, moved)
        )
        assert np.allclose(np.roll(here, 30, axis=1), there, atol=1e-6)
        assert here[24, 1] > 0.5


class TestGrow:
    @given(PICTURES, st.integers(0, 5))
    def test_is_the_greatest_value_in_a_disc(self, matte: np.ndarray, radius: int) -> None:
        assert np.array_equal(grown(matte, radius), _disc(matte, radius, max))
        assert np.array_equal(grown(matte, -radius), _disc(matte, radius, min))

    @given(PICTURES, RADII, RADII)
    def test_is_monotone_and_never_steps(self, matte: np.ndarray, one: float, other: float) -> None:
        low, high = sorted([one, other])
        for sign in (1, -1):
            change = sign * (grown(matte, sign * high) - grown(matte, sign * low))
            assert change.min() >= -1e-6
            assert change.max() <= (high - low) + 1e-5

    @given(PICTURES, RADII)
    def test_black_and_white_change_places(self, matte: np.ndarray, radius: float) -> None:
        assert np.allclose(grown(1 - matte, radius), 1 - grown(matte, -radius), atol=1e-6)

    def test_large_discs_are_round(self) -> None:
        point = np.zeros((101, 101), np.float32)
        point[50, 50] = 1
        y, x = np.ogrid[-50:51, -50:51]
        for radius in (7, 20, 49):
            assert np.array_equal(grown(point, radius) > 0, x**2 + y**2 <= radius**2)

    def test_a_soft_edge_keeps_its_profile(self) -> None:
        ramp = np.tile(np.clip(np.linspace(3, -2, 60), 0, 1).astype(np.float32), (9, 1))
        assert np.array_equal(grown(ramp, 5)[:, 5:], ramp[:, :-5])


class TestFeather:
    @pytest.mark.parametrize("width", [0.5, 1.0, 2.0, 7.3, 20.0])
    def test_the_ramp_is_as_wide_as_said_and_centred(self, width: float) -> None:
        edge = np.zeros((8, 80), np.float32)
        edge[:, :40] = 1
        t = np.clip((39.5 - np.arange(80)) / width + 0.5, 0, 1)
        assert np.allclose(feathered(edge, width), t**2 * (3 - 2 * t), atol=1e-6)

    @given(PICTURES, st.floats(0, 12, allow_subnormal=False))
    def test_far_from_edges_nothing_changes(self, matte: np.ndarray, width: float) -> None:
        soft = feathered(matte, width)
        reach = int(np.ceil(max(width - 1, 0) / 2))
        near = np.pad(matte, reach, mode="edge")
        blocks = np.lib.stride_tricks.sliding_window_view(near, (2 * reach + 1,) * 2)
        for value in (0, 1):
            alone = (blocks == value).all(axis=(2, 3))
            assert (soft[alone] == value).all()
        assert soft.min() >= 0 and soft.max() <= 1

    @given(PICTURES, st.floats(0, 12), st.floats(0, 0.01))
    def test_it_never_steps(self, matte: np.ndarray, width: float, more: float) -> None:
        assert np.abs(feathered(matte, width + more) - feathered(matte, width)).max() <= 4 * more + 1e-5


@given(PICTURES, st.integers(-9, 9), st.integers(-9, 9), RADII, st.floats(0, 9, allow_subnormal=False), st.booleans())
def test_moving_both_windows_moves_the_matte(
    matte: np.ndarray, x: int, y: int, grow: float, feather: float, invert: bool
) -> None:
    """The coordinates count, not where a window happens to begin."""
    how = {"grow": grow, "feather": feather, "invert": invert}
    height, width = matte.shape
    results = []
    for dx, dy in ((0, 0), (x, y)):
        display = Window(dx, dy, 40, 40)
        window = Window(12 + dx, 13 + dy, width, height)
        mask = Frame(pixels=matte[..., None], channels=("Y",), data_window=window, display_window=display)
        seen = Window(5 + dx, 3 + dy, 20, 30)
        here = Frame(
            pixels=np.zeros((30, 20, 3), np.float32), channels=tuple("RGB"), data_window=seen, display_window=display
        )
        results.append(matte_of(mask, here, **how))  # type: ignore[arg-type]
    assert np.array_equal(*results)
    assert results[0].shape == (30, 20, 1)
    assert results[0].min() >= 0 and results[0].max() <= 1


@given(PICTURES)
def test_inverting_twice_changes_nothing(matte: np.ndarray) -> None:
    height, width = matte.shape
    once = matte_of(Frame.of(matte[..., None], "Y"), plate(width, height), invert=True)
    assert np.array_equal(matte_of(Frame.of(once, "Y"), plate(width, height), invert=True)[..., 0], matte)


def _disc(matte: np.ndarray, radius: int, choose: Callable[..., float]) -> np.ndarray:
    """The definition, pixel by pixel."""
    height, width = matte.shape
    result = np.empty_like(matte)
    for y in range(height):
        for x in range(width):
            result[y, x] = choose(
                matte[v, u] for v in range(height) for u in range(width) if (v - y) ** 2 + (u - x) ** 2 <= radius**2
            )
    return result
