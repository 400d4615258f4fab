"""Smoke in lobes, as it boils up: noise of round heads and sharp clefts, carried along with the air."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from .field import SHEETS, Field
from .motion import STRETCH, Motion
from .refining import enlarged
from .waves import sampled

__all__ = ["billowing"]

Array = npt.NDArray[Any]

_BANDS = ((0.8, 1.0), (1.7, 0.5), (3.4, 0.25), (6.8, 0.12))  # times as small as the largest eddies, and their share
_ROUND, _MEAN = 0.02, 0.8  # of a lobe's head; about the mean of the noise
_LOBE, _EDGE = 0.45, 0.1  # what a lobe adds and what goes everywhere: shares of the smoke that is around
_AROUND = 10.0  # samples of the coarse field, the standard deviation of what is taken for around


def billowing(smoke: Array, field: Field, motion: Motion, amount: float) -> Array:
    """Smoke on the fine lattice (H x W x SHEETS float32, from 0) with lobes by `amount`, 0 for none.

    Each octave is sqrt(n n + e) of noise n: heads where it is far from 0, clefts where it passes 0. They are measured
    against the smoke around, so that thick and thin smoke boil alike, and its thin rim is eaten into.
    """
    if amount == 0:
        return smoke
    around = enlarged(cv2.GaussianBlur(field.smoke, (0, 0), _AROUND)) + np.float32(1e-6)
    lobes = np.float32(_LOBE) * _lobes(field, motion) * np.minimum(2 * smoke / around, 1) - np.float32(_EDGE)
    shaped: Array = np.maximum(smoke + np.float32(amount) * around * lobes, 0)
    return shaped


def _lobes(field: Field, motion: Motion) -> Array:
    """H x W x SHEETS float32, looked up where the air was a while ago, as the generator's noise is."""
    x, y = np.split(enlarged(field.origin), 2, axis=-1)
    lobes, waves = np.zeros_like(x), motion.waves(field.since)
    for finer, share in _BANDS:
        texture = waves.finer(finer).noise()
        heads = np.float32(share) * (np.sqrt(texture * texture + np.float32(_ROUND)) - np.float32(_MEAN))
        for sheet in range(SHEETS):
            places = (each[..., sheet] * np.float32(finer * by) for each, by in ((x, 1), (y, STRETCH)))
            lobes[..., sheet] += sampled(heads, *places)
    return lobes
