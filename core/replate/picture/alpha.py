"""Colour multiplied by alpha, as EXR holds it and compositors work with it, or not, as PNG holds it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ..frame import Frame

__all__ = ["STRAIGHT", "covered", "is_straight", "multiplied", "straight"]

STRAIGHT = "oiio:UnassociatedAlpha"
"""The attribute that OIIO marks straight colour with; `Frame.metadata` carries it."""


def is_straight(frame: Frame) -> bool:
    """Whether the colour is not multiplied by alpha."""
    return bool(frame.metadata.get(STRAIGHT)) and frame.index("A") is not None


def covered(frame: Frame) -> npt.NDArray[np.float32]:
    """What the colour is multiplied by: alpha as H x W x 1, but 1 where that is 0 or below or colour is straight."""
    position = None if is_straight(frame) else frame.index("A")
    if position is None:
        return np.ones((1, 1, 1), np.float32)
    alpha = frame.pixels[..., position : position + 1].astype(np.float32)
    return np.where(alpha > 0, alpha, np.float32(1))


def multiplied(frame: Frame) -> Frame:
    """The frame with its colour multiplied by alpha; the very same where it is so already or has no alpha."""
    return _scaled(frame, divide=False) if is_straight(frame) else frame


def straight(frame: Frame) -> Frame:
    """The frame with its colour divided by alpha, as it stands where alpha is 0 or below."""
    return frame if is_straight(frame) or frame.index("A") is None else _scaled(frame, divide=True)


def _scaled(frame: Frame, *, divide: bool) -> Frame:
    pixels = frame.pixels.astype(np.float32)
    colour, position = list(dict.fromkeys(frame.rgb() or ())), frame.index("A")
    assert position is not None
    alpha = pixels[..., position : position + 1]
    pixels[..., colour] *= 1 / np.where(alpha > 0, alpha, 1) if divide else alpha
    return replace(frame, pixels=pixels, metadata={**frame.metadata, STRAIGHT: int(divide)})
