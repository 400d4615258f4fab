"""From the coarse field to the picture's size, torn by noise that is finer than the field and carried along with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .field import SHEETS, Field
from .motion import Motion
from .waves import sampled

__all__ = ["detailed", "enlarged"]

Array = npt.NDArray[Any]

_FINER = (3.0, 7.0)  # times as small as the field's eddies
_WEAKER = 0.7  # from one to the next
_BITE = 0.8  # share of heat (natural logarithm) that one standard deviation takes or gives at detail 1


def detailed(field: Field, frame: float, motion: Motion, shape: Sequence[int]) -> tuple[Array, Array]:
    """Heat and smoke of `field` at a picture's shape (H, W, ..), each H x W x SHEETS float32, from 0; 0 stays 0.

    The noise is looked up where the air was a short while ago (`field.origin`), so the flow draws it out into
    filaments, but never further than in that while. Flow noise without its memory: Perlin and Neyret, 2001. What is
    hottest is torn least.
    """
    heat, smoke = (np.maximum(enlarged(each, shape), 0) for each in (field.heat, field.smoke))
    if motion.detail == 0:
        return heat, smoke
    noise = _noise(field, frame, motion, shape) * np.float32(_BITE * motion.detail)
    return heat * np.exp(noise * np.clip(1 - heat, 0, 1)), smoke * np.exp(noise)


def enlarged(grid: Array, shape: Sequence[int]) -> Array:
    """A field's array (h x w x C) at a picture's shape (H, W, ..), bicubic."""
    larger: Array = cv2.resize(grid, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return larger.reshape(*shape[:2], grid.shape[-1])  # OpenCV drops a single channel


def _noise(field: Field, frame: float, motion: Motion, shape: Sequence[int]) -> Array:
    """H x W x SHEETS float32, mean 0."""
    x, y = np.split(enlarged(field.origin, shape), 2, axis=-1)
    noise, then = np.zeros_like(x), motion.time(frame) - field.since
    for octave, finer in enumerate(_FINER):
        texture = motion.waves.finer(finer).noise(then) * np.float32(_WEAKER**octave)
        for sheet in range(SHEETS):
            noise[..., sheet] += sampled(texture, x[..., sheet] * np.float32(finer), y[..., sheet] * np.float32(finer))
    return noise
