"""Invented detail beside that of the plate: as strong as around it at most, and grain is none."""

from __future__ import annotations

import cv2
import numpy as np

from replate.removal.grain import REACH, Grain
from replate.removal.pyramid import pyramid_fill
from replate.removal.tempering import tempered

SIZE = (160, 240)
INSIDE = slice(60, 100), slice(80, 160)
GRAIN = 0.004


def hole() -> np.ndarray:
    where = np.zeros((*SIZE, 1), np.float32)
    where[48:112, 68:172] = 1
    return where


def texture(strength: float, seed: int) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).standard_normal((*SIZE, 1)), (0, 0), 1.5)
    return np.float32(strength * noise / noise.std())[..., None].repeat(3, -1)


def white(strength: float) -> Grain:
    filters = np.zeros((3, 3, 2 * REACH + 1, 2 * REACH + 1), np.float32)
    filters[range(3), range(3), REACH, REACH] = 1
    return Grain((np.array([0.4]),) * 3, (np.array([strength]),) * 3, filters)


def fine(picture: np.ndarray) -> np.ndarray:
    return (picture - cv2.GaussianBlur(picture, (0, 0), 4))[INSIDE]


def left(around: np.ndarray, invented: np.ndarray, grain: Grain) -> np.ndarray:
    """What is left of `invented` in the middle of a hole, but for what is larger than texture."""
    where = hole()
    smooth = pyramid_fill(np.float32(0.4) + around, where)
    made = tempered(smooth + where * invented, smooth, where, grain, np.ones_like(where))
    assert np.array_equal(made[where[..., 0] == 0], smooth[where[..., 0] == 0])
    return fine(made - smooth)


def test_texture_stays_where_there_is_as_much_around() -> None:
    invented = texture(0.02, 1)
    assert left(texture(0.04, 2), invented, white(0)).std() > 0.9 * fine(invented).std()


def test_texture_is_as_strong_as_around() -> None:
    assert 0.7 < left(texture(0.01, 2), texture(0.04, 1), white(0)).std() / fine(texture(0.01, 2)).std() < 1.3


def test_grain_is_no_texture_and_shading_none_either() -> None:
    random = np.random.default_rng(3)
    shading = np.float32(0.05 * np.sin(np.arange(SIZE[1]) / 30))[:, None] + np.zeros((*SIZE, 3), np.float32)
    noise = GRAIN * random.standard_normal((*SIZE, 3), dtype=np.float32)
    assert left(shading + noise, texture(0.02, 1), white(GRAIN)).std() < GRAIN / 4
