"""Glow, halation and stars, by the generator: light that a lens and film spread around every light."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["Network", "Round", "Star", "spread"]

Array = npt.NDArray[Any]
Colour = tuple[float, float, float]
Network = Callable[[str, Mapping[str, Array]], Array]
"""The generator: the name of an output and inputs by name, to that output."""

WAVES = (1.10, 1.0, 0.815)
"""Lengths of the rays of red, green and blue light: as their mean wavelengths, over ACEScg's share of the spectrum."""
_LENGTHS = {"round": 9, "ray": 6}  # of what the generator is told
_STEP = 8  # of which its pictures' sides are multiples
_SIZES = (-1.0, 9.0)  # octaves of a pixel for which the generator was made


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Light of a size in pixels that is spread all around; `amount` is the share of each colour's light."""

    size: float
    amount: Colour
    falloff: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Star:
    """Rays of a size in pixels, as an iris of `blades` makes them, turned by `angle` degrees clockwise.

    An iris of an even number has as many rays as blades, of an odd number twice as many; 2 is the single streak of an
    anamorphic lens. With `dispersion` 1 red rays are as much longer than blue ones as their light is.
    """

    size: float
    amount: Colour
    blades: int = 6
    angle: float = 0.0
    dispersion: float = 1.0

    @property
    def lines(self) -> tuple[float, ...]:
        """Angles in degrees, 0 up to 180, of the lines that rays lie on."""
        count = self.blades if self.blades % 2 else self.blades // 2
        return tuple((self.angle + 180 * line / count) % 180 for line in range(count))


def spread(lights: Array, network: Network, *, glow: Round, halation: Round, stars: Sequence[Star]) -> Array:
    """What a lens and film add around lights (H x W x 3 float32), as large as they are. Nothing is taken away."""
    added = np.zeros_like(lights)
    if any(glow.amount) or any(halation.amount):
        numbers = [_octaves(glow.size), glow.falloff, _octaves(halation.size), *glow.amount, *halation.amount]
        added += _made(network, "result", lights, {"round": numbers})
    for star in stars:
        if any(star.amount):
            added += _star(lights, network, star)
    return np.maximum(added, 0)


def _octaves(size: float) -> float:
    return min(max(math.log2(max(size, 1e-6)), _SIZES[0]), _SIZES[1])


def _made(network: Network, output: str, lights: Array, numbers: Mapping[str, Sequence[float]]) -> Array:
    height, width = lights.shape[:2]
    planes = np.zeros((1, 3, -(-height // _STEP) * _STEP, -(-width // _STEP) * _STEP), np.float32)
    planes[0, :, :height, :width] = lights.transpose(2, 0, 1)
    arrays = {name: np.zeros((1, length), np.float32) for name, length in _LENGTHS.items()}
    arrays |= {name: np.array([values], np.float32) for name, values in numbers.items()}
    made: Array = network(output, {"plate": planes, **arrays})[0].transpose(1, 2, 0)
    return made[:height, :width]


def _star(lights: Array, network: Network, star: Star) -> Array:
    """Every line of rays is drawn along the rows of a picture that is turned for it: in these only rows with light
    count."""
    soft = cv2.GaussianBlur(lights, (3, 3), 0)  # turning a point that is sharper than this makes it flicker
    sizes = [_octaves(star.size * wave**star.dispersion) for wave in WAVES]
    numbers = [*sizes, *(amount / len(star.lines) for amount in star.amount)]
    added = np.zeros_like(lights)
    for angle in star.lines:
        turn, size = _turn(lights.shape[1], lights.shape[0], angle)
        turned = cv2.warpAffine(soft, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        lit = turned.any(axis=(1, 2))
        if lit.any():
            streaks = np.zeros_like(turned)
            streaks[lit] = _made(network, "streak", turned[lit], {"ray": numbers})
            flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            added += cv2.warpAffine(streaks, turn, lights.shape[1::-1], flags=flags, borderMode=cv2.BORDER_CONSTANT)
    return added


def _turn(width: int, height: int, angle: float) -> tuple[Array, tuple[int, int]]:
    """What lays a line at `angle` along the rows, and the size of a picture that holds all of the turned one."""
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), angle, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = math.ceil(width * cosine + height * sine) + 2, math.ceil(width * sine + height * cosine) + 2
    turn[:, 2] += [(size[0] - width) / 2, (size[1] - height) / 2]
    return turn, size
