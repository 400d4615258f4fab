"""What a picture's light is like, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from replate.color import is_picture
from replate.frame import Frame

from .light import linear
from .proxy import Array

__all__ = ["Light", "summary"]

_GREY = 0.18
_LUMINANCE = np.array([0.2722287168, 0.6740817658, 0.0536895174], np.float32)  # of AP1; S-2014-004
_STEP = 4  # each fourth row and column tell as much


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Luminance in stops from mid-grey, as 1, 50 and 99 % of the pixels have at most; the share of pixels at the white
    of a picture for a screen; the share with light above 1."""

    dark: float
    middle: float
    bright: float
    clipped: float
    above: float

    @classmethod
    def of(cls, frame: Frame) -> Light:
        """Of a stored picture."""
        codes = frame.pixels[::_STEP, ::_STEP].astype(np.float32)
        light = linear(Frame.of(codes, "RGB", space=frame.space))
        stops = np.log2(np.maximum(light @ _LUMINANCE, 2.0**-14) / _GREY)
        dark, middle, bright = (round(float(each), 2) for each in np.quantile(stops, (0.01, 0.5, 0.99)))
        brightest, display = codes.max(-1), is_picture(frame.space)
        return cls(
            dark=dark,
            middle=middle,
            bright=bright,
            clipped=_share(brightest > 254.5 / 255) if display else 0.0,
            above=0.0 if display else _share(brightest > 1),
        )


def _share(where: Array) -> float:
    return round(float(where.mean()), 4)


def summary(lights: Sequence[Light]) -> dict[str, float]:
    """Of several pictures: the darkest and the brightest, the usual middle, the mean shares."""
    if not lights:
        return {}
    return {
        "dark": min(each.dark for each in lights),
        "middle": round(float(np.median([each.middle for each in lights])), 2),
        "bright": max(each.bright for each in lights),
        "clipped": round(float(np.mean([each.clipped for each in lights])), 4),
        "above": round(float(np.mean([each.above for each in lights])), 4),
    }
