"""Ghosts: pictures of the iris on the line through the middle of the picture, from light reflected within a lens."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["GHOSTS", "Flare", "Ghost", "flare"]

Array = npt.NDArray[Any]
_FINEST = 12.0  # pixels of an iris' radius that its shape is drawn with, at least


@dataclass(frozen=True, slots=True)
class Ghost:
    """Where it lies, how large it is and its colour, for R, G and B: `place` times the source's way from the middle of
    the picture, `radius` of its iris as a share of the picture's height (below 0 upside down), `light` of the source's,
    where that of the brightest is 1."""

    place: tuple[float, float, float]
    radius: tuple[float, float, float]
    light: tuple[float, float, float]


GHOSTS: tuple[Ghost, ...] = (
    Ghost((0.8723, 0.8631, 0.8472), (0.0605, 0.0637, 0.0693), (0.6076, 0.2582, 0.2933)),
    Ghost((1.078, 1.0743, 1.0676), (-0.1151, -0.1162, -0.1182), (0.6432, 0.3853, 0.4592)),
    Ghost((-0.3316, -0.3302, -0.3277), (0.262, 0.2628, 0.2643), (0.8424, 0.3987, 0.3156)),
    Ghost((-0.2991, -0.2986, -0.2978), (0.2725, 0.2733, 0.2749), (0.2905, 0.1403, 1.0167)),
    Ghost((-0.3215, -0.3211, -0.3205), (0.3187, 0.3193, 0.3203), (0.6869, 0.3098, 0.2725)),
    Ghost((-1.2307, -1.2306, -1.2306), (0.3462, 0.3457, 0.3449), (0.8585, 0.3638, 0.1741)),
    Ghost((0.8135, 0.8091, 0.8011), (-0.5518, -0.5523, -0.5531), (1.9055, 0.926, 0.1685)),
    Ghost((1.6127, 1.626, 1.651), (-0.5373, -0.5456, -0.5611), (1.6396, 0.759, 0.1474)),
    Ghost((0.2875, 0.2872, 0.2868), (0.3494, 0.3499, 0.3507), (0.4016, 0.1581, 0.4325)),
)
"""Those of a double Gauss lens at f/6, as `replate_training.optics.flare` traces them, brightest by area first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flare:
    """The first `count` of `GHOSTS`, their irises `size` times as large; `amount` is the share of light, by colour, in
    the brightest. With `dispersion` 0 colours lie over each other, with 1 as in the lens. `blades` and `angle`
    (degrees) are the iris'; `middle` (x, y) and `height` the picture's, in pixels."""

    amount: tuple[float, float, float]
    middle: tuple[float, float]
    height: float
    count: int = 6
    size: float = 1.0
    dispersion: float = 1.0
    blades: int = 6
    angle: float = 0.0


def flare(lights: Array, how: Flare) -> Array:
    """What reflections within the lens add to lights (H x W x 3 float32), likewise."""
    added = np.zeros_like(lights)
    if not lights.any() or not any(how.amount):
        return added
    pyramid = [lights]
    for ghost in GHOSTS[: how.count]:
        for channel in range(3):
            if how.amount[channel]:
                strength = how.amount[channel] * ghost.light[channel]
                added[..., channel] += np.float32(strength) * _thrown(pyramid, ghost, channel, how)
    return added


def _thrown(pyramid: list[Array], ghost: Ghost, channel: int, how: Flare) -> Array:
    """One colour of a ghost, H x W. Irises are drawn where lights lie and then brought to their places, so that the
    lights' picture is only ever enlarged: made smaller, points would flicker."""
    place, radius = (_between(each, channel, how.dispersion) for each in (ghost.place, ghost.radius))
    radius *= how.size * how.height
    wide = max(abs(radius / place), 1.0)  # of the iris, seen in the picture of the lights
    level = max(0, math.floor(math.log2(max(wide / _FINEST, 1))))
    while len(pyramid) <= level:
        pyramid.append(_halved(pyramid[-1]))
    step = 2**level
    turned = how.angle + (180 if radius / place < 0 else 0)
    drawn = _convolved(pyramid[level][..., channel], _iris(wide / step, how.blades, turned))
    scale, size = place * step, pyramid[0].shape[1::-1]
    left, top = (middle - place * middle for middle in how.middle)
    reach = (drawn.shape[0] - pyramid[level].shape[0]) // 2
    matrix = np.array([[scale, 0, left - reach * scale], [0, scale, top - reach * scale]])
    moved: Array = cv2.warpAffine(drawn, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return moved / place**2


def _between(colours: tuple[float, float, float], channel: int, dispersion: float) -> float:
    return colours[1] + dispersion * (colours[channel] - colours[1])


def _halved(picture: Array) -> Array:
    """Half as large, pixel j where 2 j was; means, so energy by area stays."""
    wide = cv2.copyMakeBorder(picture, 0, 4, 0, 4, cv2.BORDER_CONSTANT, value=0)
    half: Array = cv2.pyrDown(wide)
    return half


def _convolved(picture: Array, kernel: Array) -> Array:
    """The picture with as much around it as the kernel reaches."""
    reach = kernel.shape[0] // 2
    wide = cv2.copyMakeBorder(picture, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    spread: Array = cv2.filter2D(wide, -1, kernel[::-1, ::-1], borderType=cv2.BORDER_CONSTANT)
    return spread


def _iris(radius: float, blades: int, angle: float) -> Array:
    """An iris with soft edges, its sum 1, its corners `radius` pixels from the middle; 2 blades are a circle."""
    reach, finer = math.ceil(radius) + 1, 4
    span = (np.arange((2 * reach + 1) * finer) + 0.5) / finer - reach - 0.5
    x, y = np.meshgrid(span, span)
    away = np.hypot(x, y)
    if blades > 2:
        sector = 2 * math.pi / blades
        within = (np.arctan2(y, x) - math.radians(angle)) % sector - sector / 2
        away = away * np.cos(within) / math.cos(sector / 2)
    side = 2 * reach + 1
    inside = (away <= radius).reshape(side, finer, side, finer).mean((1, 3)).astype(np.float32)
    inside = cv2.GaussianBlur(inside, (0, 0), max(0.6, 0.04 * radius))
    summed: Array = inside / inside.sum()
    return summed
