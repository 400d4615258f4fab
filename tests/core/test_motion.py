"""Flow and warping, on motion that is known exactly."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from replate.picture.motion import flow, trust, warp


def texture(height: int = 120, width: int = 160, *, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    """A smooth random picture, moved by `shift` (x, y) pixels."""
    rng = np.random.default_rng(5)
    noise = cv2.GaussianBlur(rng.random((height + 40, width + 40)).astype(np.float32), (0, 0), 3)
    noise = (noise - noise.min()) / (noise.max() - noise.min())
    matrix = np.float32([[1, 0, shift[0] - 20], [0, 1, shift[1] - 20]])
    moved = cv2.warpAffine(noise, matrix, (width, height), flags=cv2.INTER_CUBIC)
    return np.repeat(moved[..., None], 3, axis=-1)


@pytest.mark.parametrize("shift", [(3, 0), (0, -4), (5, 2)])
def test_a_known_shift_is_found(shift: tuple[float, float]) -> None:
    found = flow(texture(), texture(shift=shift))[20:-20, 20:-20]
    assert np.abs(found.mean(axis=(0, 1)) - shift).max() < 0.3


def test_flow_on_a_proxy_is_in_full_pixels() -> None:
    here = texture(300, 1400)
    found = flow(here, np.roll(here, 6, axis=1))[40:-40, 40:-40]
    assert np.median(found[..., 0]) == pytest.approx(6, abs=0.5)


def test_warping_undoes_the_motion() -> None:
    here, there = texture(), texture(shift=(4, -3))
    error = np.abs(warp(there, flow(here, there)) - here)[20:-20, 20:-20].mean()
    assert error < 0.01 < np.abs(there - here)[20:-20, 20:-20].mean()


def test_trust_ends_where_things_are_hidden() -> None:
    here, there = texture(), texture()
    there[30:80, 60:110] = texture(shift=(17, 9))[30:80, 60:110]
    kept = trust(flow(here, there), flow(there, here))
    assert kept.shape == (120, 160, 1)
    assert kept[:20].mean() > 0.9 > kept[40:70, 70:100].mean()
