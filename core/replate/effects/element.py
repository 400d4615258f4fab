"""An element of fire or smoke, from emitters to light."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy.typing as npt

from .detail import detailed
from .field import field
from .light import Element, Light, lit
from .motion import Motion

__all__ = ["element"]

Array = npt.NDArray[Any]


def element(mattes: Sequence[Array], frame: float, motion: Motion, light: Light) -> Element:
    """The element at a frame, of the emitters' mattes (H x W x 1 float32, 0..1) in this frame, the one before, and so
    on, `motion.window` of them or as many as there are. A function of its arguments alone."""
    return lit(*detailed(field(mattes, frame, motion), frame, motion, mattes[0].shape), light)
