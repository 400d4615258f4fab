"""Frame rates as Resolve tells them, which is rounded and in words, as exact numbers."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

from ..errors import ServiceError

__all__ = ["frames_for", "rate"]


def rate(told: Any, *, of: str) -> Fraction:
    """23.976, "29.97 DF" or 24.0 as an exact rate; raises ServiceError, naming `of`, where it is none."""
    found = re.match(r"\d+(\.\d+)?", str(told).strip())
    number = float(found[0]) if found else 0.0
    if number <= 0:
        raise ServiceError(f"Resolve does not say the frame rate of {of}; set it under Clip Attributes")
    if abs(number - round(number)) < 0.002:
        return Fraction(round(number))
    ntsc = Fraction(math.ceil(number) * 1000, 1001)
    return ntsc if abs(number - ntsc) < 0.01 else Fraction(str(number))


def frames_for(duration: int, *, timeline: Fraction, source: Fraction) -> int:
    """How many frames of the source a clip shows that is `duration` frames of the timeline long."""
    return math.ceil(duration * source / timeline)
