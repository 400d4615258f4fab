"""Proxies: windows, pixels and lengths at a fraction of their size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from replate.frame import Frame, Window
from replate.nodes import Style
from replate.params import Curve, resolve
from replate.proxy import scaled_lengths, smaller


def test_a_proxy_is_the_mean_of_what_it_stands_for() -> None:
    pixels = np.random.default_rng(1).random((8, 12, 3), np.float32)
    small = smaller(Frame.of(pixels, "RGB", space="ACEScg"), 0.5)
    assert small.pixels.shape == (4, 6, 3)
    assert np.allclose(small.pixels[1, 2], pixels[2:4, 4:6].mean((0, 1)), atol=1e-6)
    assert small.space == "ACEScg"


@given(some.integers(-40, 40), some.integers(1, 90), some.floats(0.05, 0.99))
def test_windows_shrink_together_and_never_to_nothing(start: int, size: int, scale: float) -> None:
    window = Window(start, -start, size, size)
    frame = Frame(
        pixels=np.zeros((size, size, 1), np.float16), channels=("Y",), data_window=window, display_window=window
    )
    small = smaller(frame, scale)
    assert small.data_window == small.display_window
    assert small.data_window.width >= 1
    assert abs(small.data_window.x - start * scale) <= 0.5


def test_every_part_shrinks_and_full_size_is_the_very_frame() -> None:
    other = Frame.of(np.ones((8, 8, 1), np.float16), "Z")
    frame = Frame.of_parts([Frame.of(np.ones((8, 8, 3), np.float16), "RGB"), other])
    assert [part.pixels.shape for part in smaller(frame, 0.25).parts] == [(2, 2, 3), (2, 2, 1)]
    assert smaller(frame, 1.0) is frame


def test_what_counts_in_pixels_shrinks_and_nothing_else() -> None:
    grow = Curve(((1.0, 10.0), (5.0, 20.0)), "smooth")
    settings = scaled_lengths(Style.params, {"mask.grow": grow, "mix": 0.5}, 0.5)
    values = resolve(Style.params, settings, 1)
    assert (values["mask.grow"], values["mask.feather"], values["mix"], values["strength"]) == (5.0, 0.0, 0.5, 1.0)
    assert resolve(Style.params, settings, 5)["mask.grow"] == pytest.approx(10.0)
