"""Half and float, there and back, with every bit that survives the way.

The processor's own conversion turns signalling NaN into quiet ones and highlights beyond half into infinity; here a
NaN keeps the top ten bits of its payload, and what is finite stays finite.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["HALF_MAX", "narrowed", "widened"]

Array = npt.NDArray[Any]

HALF_MAX = 65504.0
"""The largest finite half."""

# IEEE 754: binary16 has 1 + 5 + 10 bits, binary32 1 + 8 + 23.
_PAYLOAD_SHIFT, _SIGN_SHIFT = 13, 16
_HALF_PAYLOAD, _HALF_NAN, _QUIET = 0x3FF, 0x7C00, 0x200
_FLOAT_NAN = 0x7F800000


def widened(half: Array) -> Array:
    """float16 as float32."""
    wide = half.astype(np.float32)
    odd = np.isnan(half)
    if odd.any():
        bits = half[odd].view(np.uint16).astype(np.uint32)
        payload = (bits & _HALF_PAYLOAD) << _PAYLOAD_SHIFT
        wide[odd] = ((bits >> 15 << 31) | _FLOAT_NAN | payload).view(np.float32)
    return wide


def narrowed(wide: Array) -> Array:
    """float32 as float16; finite values beyond its range become +-65504."""
    with np.errstate(over="ignore", invalid="ignore"):
        half = wide.astype(np.float16)
    odd = ~np.isfinite(half)
    if odd.any():
        half[odd] = _narrowed_odd(wide[odd])
    return half


def _narrowed_odd(wide: Array) -> Array:
    """For what becomes infinity or NaN."""
    bits = wide.view(np.uint32)
    sign = (bits >> _SIGN_SHIFT & 0x8000).astype(np.uint16)
    payload = (bits >> _PAYLOAD_SHIFT & _HALF_PAYLOAD).astype(np.uint16)
    payload[payload == 0] = _QUIET
    largest = np.float16(HALF_MAX).view(np.uint16)
    infinite = np.where(np.isinf(wide), np.uint16(_HALF_NAN), largest)
    return (sign | np.where(np.isnan(wide), np.uint16(_HALF_NAN) | payload, infinite)).view(np.float16)
