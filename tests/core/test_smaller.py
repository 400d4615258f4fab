"""Mattes that are held small show what the whole ones do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from replate.frame import Frame, Window
from replate.picture.matte import matte_of
from replate.picture.smaller import factor_of, scaled, smaller


def _frame(channels: str | tuple[str, ...] = "RGBA", *, height: int = 24, width: int = 36) -> Frame:
    pixels = np.random.default_rng(0).random((height, width, len(channels))).astype(np.float32)
    return Frame.of(pixels, channels, number=7)


def _canvas(frame: Frame, factor: int) -> Frame:
    data, display = scaled(frame, factor)
    nothing = np.zeros((data.height, data.width, 0), np.float32)
    return Frame(pixels=nothing, channels=(), data_window=data, display_window=display)


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_each_pixel_is_the_mean_of_its_block(factor: int) -> None:
    frame = _frame("Y")
    small = smaller(frame, factor)
    assert factor_of(small) == factor and factor_of(frame) == 1
    blocks = frame.pixels.reshape(24 // factor, factor, 36 // factor, factor).mean(axis=(1, 3))
    assert np.allclose(matte_of(small, _canvas(frame, factor))[..., 0], blocks, atol=1e-3)


def test_a_matte_beside_the_display_windows_corner_lies_where_it_lay() -> None:
    frame = _frame("Y")
    moved = replace(frame, data_window=Window(13, 5, 36, 24), display_window=Window(10, 3, 50, 30))
    small = smaller(moved, 4)
    assert small.display_window == Window(0, 0, 13, 8) and small.data_window == Window(0, 0, 10, 7)
    whole = np.zeros((28, 40), np.float32)
    whole[2:26, 3:39] = frame.pixels[..., 0]
    assert np.allclose(small.pixels[..., 0], whole.reshape(7, 4, 10, 4).mean(axis=(1, 3)), atol=1e-3)


def test_only_what_a_matte_can_be_made_of_is_held() -> None:
    frame = _frame(("R", "G", "B", "A", "Z", "roto.A", "roto.R"))
    assert smaller(frame, 2).channels == ("R", "G", "B", "A")
    assert set(smaller(frame, 2, channel="roto.A").channels) == {"A", "roto.A"}
    assert smaller(_frame("Z"), 2).channels == ("Z",)


def test_values_are_those_of_mattes() -> None:
    frame = _frame("Y")
    frame.pixels[:2, :2, 0] = ((np.nan, 9), (-3, np.inf))
    assert smaller(frame, 2).pixels[0, 0, 0] == 0.25
