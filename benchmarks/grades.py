"""What an artist may do to a frame, as functions of light: the truth that `match` is measured against."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["grade"]

Picture = npt.NDArray[np.float32]


def grade(light: Picture) -> Picture:
    """A strong local grade of a scene-linear picture, H x W x 3.

    Greens go to teal, lights glow, the corners fall off by two stops.
    """
    return _vignette(_glow(_secondary(light)))


def _secondary(light: Picture) -> Picture:
    """Where green leads, red goes down and blue comes up."""
    total = light.sum(-1, keepdims=True) + 1e-4
    lead = np.clip((light[..., 1:2] / total - 0.36) / 0.08, 0, 1)
    teal = np.concatenate([0.35 * light[..., :1], 0.9 * light[..., 1:2], 0.6 * light[..., 1:2]], -1)
    return light + lead * lead * (3 - 2 * lead) * (teal - light)


def _glow(light: Picture) -> Picture:
    """What is above a third spreads over a fortieth of the height."""
    spread = cv2.GaussianBlur(np.maximum(light - 0.33, 0), (0, 0), light.shape[0] / 40)
    return light + np.float32(0.8) * spread


def _vignette(light: Picture) -> Picture:
    height, width = light.shape[:2]
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    fall = np.clip((np.hypot(x, y) - 0.3) / 1.1, 0, 1)[..., None]
    return (light * np.exp2(-2 * fall)).astype(np.float32)
