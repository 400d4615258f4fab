"""Luminance and half-size chroma in EXR (channels Y, RY, BY), back to R, G, B.

What OpenEXR's own RgbaInputFile does, to the bit: the taps, the weights and the order of roundings to half are those
of ImfRgbaYca.cpp; see "Luminance/Chroma Images" in "Technical Introduction to OpenEXR" for the idea. RY is
(R - Y) / Y and BY is (B - Y) / Y at every second pixel of every second line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .header import Damage

__all__ = ["LUMINANCE_CHROMA", "layers_of", "luminance_weights", "to_rgb"]

Array = npt.NDArray[Any]

LUMINANCE_CHROMA = ("Y", "RY", "BY")

# Weights of the chroma samples 13, 11, ... 1 pixels before a pixel that has none; those after it mirror them.
_TAPS = (0.002128, -0.007540, 0.019597, -0.043159, 0.087929, -0.186077, 0.627123)
_REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290)
_NEIGHBOURS = ((0, 0), (0, 2), (2, 0), (2, 2))


def layers_of(channels: Iterable[str]) -> tuple[str, ...]:
    """What stands before Y, RY and BY in the names of channels: "" for a plain file, "left." for a view."""
    names = set(channels)
    stems = sorted(name[:-1] for name in names if name.endswith("Y"))
    return tuple(stem for stem in stems if {stem + each for each in LUMINANCE_CHROMA} <= names)


def luminance_weights(chromaticities: Sequence[float] | None) -> Array:
    """How much of red, green and blue makes luminance, for the CIE x, y of R, G, B and white (else Rec.709's).

    The middle row of the matrix from RGB to XYZ that gives white a luminance of 1 (ImfChromaticities.cpp).
    """
    x, y = np.reshape(chromaticities or _REC709, (4, 2)).T
    xyz = np.stack([x / y, np.ones(4), (1 - x - y) / y])
    amounts: Array = np.linalg.solve(xyz[:, :3], xyz[:, 3])
    weights: Array = amounts / amounts.sum()
    return weights.astype(np.float32)


def to_rgb(luminance: Array, red: Array, blue: Array, weights: Array) -> Array:
    """H x W float16 and twice H/2 x W/2 float16 as 3 x H x W float16; chroma may also be halved one way or not at all.

    Raises Damage where it lies at other distances.
    """
    chroma = [_full_size(each, luminance.shape).astype(np.float32) for each in (red, blue)]
    y = luminance.astype(np.float32)
    with np.errstate(all="ignore"):
        r, b = ((each + 1) * y for each in chroma)
        g = (y - r * weights[0] - b * weights[2]) / weights[1]
        grey = (chroma[0] == 0) & (chroma[1] == 0)
        rgb = np.where(grey, y, np.stack([r, g, b])).astype(np.float16)
        return _without_outliers(rgb, weights)


def _full_size(samples: Array, shape: tuple[int, ...]) -> Array:
    for axis in (1, 0):  # OpenEXR's order
        if samples.shape[axis] * 2 == shape[axis]:
            samples = _doubled(samples, axis)
    if samples.shape != shape:
        raise Damage("its chroma is neither at every pixel nor at every second one")
    return samples


def _doubled(samples: Array, axis: int) -> Array:
    """Twice as many samples along an axis; the last one is repeated beyond the edges."""
    samples = np.moveaxis(samples, axis, 0)
    count, reach = len(samples), len(_TAPS)
    padded = np.concatenate([samples[:1].repeat(reach - 1, 0), samples, samples[-1:].repeat(reach, 0)])
    between = np.zeros(samples.shape, np.float32)
    for position, tap in enumerate((*_TAPS, *reversed(_TAPS))):
        between += padded[position : position + count].astype(np.float32) * np.float32(tap)
    doubled = np.stack([samples, between.astype(np.float16)], axis=1).reshape(2 * count, *samples.shape[1:])
    return np.moveaxis(doubled, 0, axis)


def _without_outliers(rgb: Array, weights: Array) -> Array:
    """Pixels that are far more saturated than the four at their corners, which halving made, toned down."""
    light = rgb.astype(np.float32)
    saturation = _saturation(light)
    # The line below the last one is the last but one, as the reader of OpenEXR has it.
    framed = np.pad(np.concatenate([saturation[:1], saturation, saturation[-2:-1]]), ((0, 0), (1, 1)), mode="edge")
    height, width = saturation.shape
    corners = [framed[down : down + height, across : across + width] for down, across in _NEIGHBOURS]
    mean = np.minimum(np.float32(1), np.float32(0.25) * (corners[0] + corners[1] + corners[2] + corners[3]))
    most = np.minimum(np.float32(1), 1 - (1 - mean) * np.float32(0.25))
    wild = (saturation > mean) & (saturation > most)
    rgb[:, wild] = _desaturated(light[:, wild], (most / saturation)[wild], weights)
    return rgb


def _saturation(light: Array) -> Array:
    largest, smallest = light.max(axis=0), light.min(axis=0)
    saturation: Array = np.where(largest > 0, 1 - smallest / largest, np.float32(0))
    return saturation.astype(np.float32)


def _desaturated(light: Array, amount: Array, weights: Array) -> Array:
    """3 x N, closer to grey by `amount` (N), with the luminance that it had."""
    largest = light.max(axis=0)
    toned = np.maximum(largest - (largest - light) * amount, 0).astype(np.float16)
    before, after = (
        each[0] * weights[0] + each[1] * weights[1] + each[2] * weights[2] for each in (light, toned.astype(np.float32))
    )
    scaled = (toned.astype(np.float32) * (before / after)).astype(np.float16)
    result: Array = np.where(after > 0, scaled, toned)
    return result
