"""Transfer curves as parameters: what numpy computes here and what the fused graph writes as ONNX operators.

Every curve is two segments that meet at `cut`, so it needs no branch: one segment sees `max(x, cut)`, the other adds
what lies below, `min(x, cut) - cut`, along a straight line. `decode` turns encoded values into linear light, `encode`
is its inverse. All functions keep the shape and are exact inverses up to float32 rounding; NaN stays NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["IDENTITY", "LUMINANCE", "NOTHING", "Curve", "Linear", "Log", "MatrixCurve", "Power"]

Array = npt.NDArray[np.floating[Any]]

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
"""The 3 x 3 matrix that changes nothing, row-major."""

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""How much R, G and B count for brightness: ITU-R BT.709, item 3.2, the usual weights of a compositor's nodes."""


@dataclass(frozen=True, slots=True)
class Linear:
    """No curve: encoded values are linear light."""

    def decode(self, x: Array) -> Array:
        """`x` itself."""
        return x

    def encode(self, x: Array) -> Array:
        """`x` itself."""
        return x


@dataclass(frozen=True, slots=True)
class Power:
    """A power law with a straight toe, as sRGB; OCIO's ExponentTransform and ExponentWithLinearTransform.

    decode(x) = ((max(x, cut) + offset) / (1 + offset)) ** gamma + slope * (min(x, cut) - cut)
    encode(y) = (1 + offset) * max(y, low) ** (1 / gamma) - offset + (min(y, low) - low) / slope,  low = cut * slope

    `cut` is in encoded values. With `mirror`, both act on |x| and keep its sign, as OCIO's display spaces do.
    """

    gamma: float
    offset: float = 0.0
    cut: float = 0.0
    slope: float = 1.0
    mirror: bool = False

    @classmethod
    def smooth(cls, gamma: float, offset: float, *, mirror: bool = False) -> Power:
        """The curve whose straight toe meets the power law without a kink: cut and slope follow (OCIO's `monCurve`)."""
        cut = offset / (gamma - 1)
        slope = (gamma - 1) / offset * (offset * gamma / ((gamma - 1) * (1 + offset))) ** gamma
        return cls(gamma, offset, cut, slope, mirror)

    @property
    def low(self) -> float:
        """Linear light at `cut`."""
        return self.cut * self.slope

    def decode(self, x: Array) -> Array:
        """Encoded values to linear light."""
        v = np.abs(x) if self.mirror else x
        power = ((np.maximum(v, self.cut) + self.offset) / (1 + self.offset)) ** self.gamma
        y = power + self.slope * (np.minimum(v, self.cut) - self.cut)
        return np.copysign(y, x) if self.mirror else y

    def encode(self, x: Array) -> Array:
        """Linear light to encoded values."""
        v = np.abs(x) if self.mirror else x
        power = (1 + self.offset) * np.maximum(v, self.low) ** (1 / self.gamma) - self.offset
        y = power + (np.minimum(v, self.low) - self.low) / self.slope
        return np.copysign(y, x) if self.mirror else y


@dataclass(frozen=True, slots=True)
class Log:
    """A logarithm with a straight toe, as ACEScct and the camera curves; OCIO's LogCameraTransform.

    encode(x) = log_slope * ln(lin_slope * max(x, cut) + lin_offset) + log_offset + slope * (min(x, cut) - cut)
    decode(y) = (exp((max(y, high) - log_offset) / log_slope) - lin_offset) / lin_slope + (min(y, high) - high) / slope

    `cut` is in linear light, `high` its encoded value; the logarithm is natural, whatever base the maker writes.
    """

    log_slope: float
    log_offset: float
    lin_slope: float
    lin_offset: float
    cut: float
    slope: float

    @property
    def high(self) -> float:
        """Encoded value at `cut`."""
        return self.log_slope * math.log(self.lin_slope * self.cut + self.lin_offset) + self.log_offset

    def decode(self, x: Array) -> Array:
        """Encoded values to linear light."""
        power = np.exp((np.maximum(x, self.high) - self.log_offset) / self.log_slope)
        return (power - self.lin_offset) / self.lin_slope + (np.minimum(x, self.high) - self.high) / self.slope

    def encode(self, x: Array) -> Array:
        """Linear light to encoded values."""
        log = self.log_slope * np.log(self.lin_slope * np.maximum(x, self.cut) + self.lin_offset) + self.log_offset
        return log + self.slope * (np.minimum(x, self.cut) - self.cut)


Curve = Linear | Power | Log


@dataclass(frozen=True, slots=True)
class MatrixCurve:
    """A colour transform that is a curve, a 3 x 3 matrix and another curve: what the fused graph can hold.

    forward: target = encode.encode(matrix @ decode.decode(source)); `matrix` is row-major, RGB.
    """

    decode: Curve = Linear()
    matrix: tuple[float, ...] = IDENTITY
    encode: Curve = Linear()

    @property
    def inverse(self) -> MatrixCurve:
        """From target to source, in the same form."""
        matrix = np.linalg.inv(np.reshape(self.matrix, (3, 3)))
        return MatrixCurve(self.encode, tuple(matrix.ravel().tolist()), self.decode)

    def __call__(self, rgb: Array) -> Array:
        """... x 3 values from source to target, in the type of `rgb`."""
        # Plates hold NaN and inf; they stay what they are, and numpy need not warn of them.
        with np.errstate(all="ignore"):
            linear = self.decode.decode(rgb)
            if self.matrix != IDENTITY:
                linear = linear @ np.reshape(self.matrix, (3, 3)).T.astype(rgb.dtype)
            return self.encode.encode(linear)


NOTHING = MatrixCurve()
"""From a space to itself."""


def _log(base: float, log_slope: float, log_offset: float, lin: tuple[float, float], cut: float, slope: float) -> Log:
    return Log(log_slope / math.log(base), log_offset, *lin, cut, slope)


def _logc4() -> Log:
    """ARRI LogC4 Logarithmic Color Space, Specification (2022), section 3."""
    a, b, c = (2**18 - 16) / 117.45, (1023 - 95) / 1023, 95 / 1023
    cut = (2 ** (14 * (-c / b) + 6) - 64) / a
    slope = a * b / (7 * math.log(2) * 2 ** (7 - 14 * c / b))
    return _log(2, b / 14, c - 6 * b / 14, (a, 64), cut, slope)


# What is tried against OCIO's numbers, never chosen by name; each from its maker's paper, in its base.
CANDIDATES: tuple[Curve, ...] = (
    Linear(),
    Power.smooth(2.4, 0.055),  # sRGB, IEC 61966-2-1
    Power.smooth(2.4, 0.055, mirror=True),
    *(Power(gamma, mirror=mirror) for gamma in (1.8, 2.2, 2.4, 2.6, 2.19921875) for mirror in (False, True)),
    Power.smooth(1 / 0.45, 0.099),  # BT.709 camera
    _log(2, 1 / 17.52, 9.72 / 17.52, (1, 0), 0.0078125, 10.5402377416545),  # ACEScct, S-2016-001
    _log(10, 0.247190, 0.385537, (5.555556, 0.052272), 0.010591, 5.367655),  # ARRI LogC3, EI 800
    _logc4(),
    _log(10, 261.5 / 1023, (420 - 261.5 * math.log10(0.19)) / 1023, (1, 0.01), 0.01125, 76.2102946929 / 0.01125 / 1023),
    _log(10, 0.241514, 0.598206, (1, 0.00873), 0.01, 5.6),  # Panasonic V-Log
    _log(math.e, 0.08692876065491224, 0.5300133392291939, (1, 0.005494072432257808), 0.005, 8.283605932402494),
    _log(2, 0.07329248, 7 * 0.07329248, (1, 0.0075), 0.00262409, 10.44426855),  # DaVinci Intermediate
    _log(10, 0.224282, 0, (155.975327, 155.975327 * 0.01 + 1), -0.01, 15.1927),  # RED Log3G10
)
