"""From the coarse field to fine heat and smoke: what the generator is shown, and what it makes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from ..color import transform
from .field import SHEETS, Field
from .lattice import Lattice
from .motion import Motion
from .waves import Waves, sampled

if TYPE_CHECKING:
    from ..nodes.base import Engine

__all__ = ["FINER", "carried", "enlarged", "fine", "planes", "refined"]

Array = npt.NDArray[Any]

FINER = 4
"""Samples of the fine lattice for one of the coarse, each way; the generator sees no other ratio."""
_BANDS = ((3.0, 1.0), (7.0, 0.7))  # of noise: times as small as the field's eddies, and their share


def planes(field: Field, motion: Motion) -> list[Array]:
    """For each sheet, heat, smoke (both from 0) and noise (mean 0, variance about 1): H x W x 3 float32.

    They lie on the lattice that `fine` gives. The noise is looked up where the air was a short while ago, so the flow
    draws it out into filaments, but never further than in that while. Flow noise without its memory: Perlin and
    Neyret, 2001.
    """
    heat, smoke = (np.maximum(enlarged(each), 0) for each in (field.heat, field.smoke))
    noise = carried(enlarged(field.origin), motion.waves(field.since))
    return [np.dstack([heat[..., sheet], smoke[..., sheet], noise[..., sheet]]) for sheet in range(SHEETS)]


def fine(lattice: Lattice) -> Lattice:
    """The lattice that the generator works on, over the same place."""
    return lattice.finer(FINER)


def enlarged(grid: Array) -> Array:
    """A field's array (rows x columns x C) on the fine lattice, bicubic."""
    height, width, channels = grid.shape
    larger: Array = cv2.resize(grid, (width * FINER, height * FINER), interpolation=cv2.INTER_CUBIC)
    return larger.reshape(height * FINER, width * FINER, channels)  # OpenCV drops a single channel


def refined(engine: Engine, shown: Array, lattice: Lattice, values: Mapping[str, Any]) -> Array:
    """Heat and smoke of one sheet (H x W x 2 float32, from 0) as the generator makes them of `shown` (see `planes`).

    `lattice` is the fine one. The parameter `detail` says how far the generator's change goes; where there is neither
    heat nor smoke it makes none.
    """
    generator, raw = engine.generator, engine.generator.card.space
    made, _ = generator.apply(
        shown,
        transform=transform(raw, raw),
        weight=np.asarray((shown[..., 0] > 0) | (shown[..., 1] > 0), np.float32),
        strength=values["detail"],
        tile=engine.tile,
        controls={param.name: values[param.name] for param in generator.card.controls},
        confidence=False,
        origin=(lattice.column, lattice.row),
    )
    result: Array = np.maximum(made[..., :2], 0)
    return result


def carried(origin: Array, waves: Waves) -> Array:
    """The noise of sheets of air that was at `origin` (H x W x 2 C, as in `Field`) at a moment: H x W x C float32."""
    x, y = np.split(origin, 2, axis=-1)
    noise = np.zeros_like(x)
    whole = math.hypot(*(share for _, share in _BANDS))
    for finer, share in _BANDS:
        texture = waves.finer(finer).noise() * np.float32(share / whole)
        for sheet in range(noise.shape[-1]):
            noise[..., sheet] += sampled(texture, x[..., sheet] * np.float32(finer), y[..., sheet] * np.float32(finer))
    return noise
