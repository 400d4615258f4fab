"""The generators' space, ACEScct over AP1 primaries, as torch operations.

Formulas: Academy S-2016-001, "ACEScct, a quasi-logarithmic encoding of ACES data". Above the toe one stop is the
constant `STOP`; `expose` moves a picture by stops through linear light, so the toe is treated rightly too.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["STOP", "expose", "from_display", "to_codes", "to_display", "to_linear", "to_log"]

STOP = 1 / 17.52
_CUT_LINEAR, _CUT_LOG = 0.0078125, 0.155251141552511
_SLOPE, _OFFSET = 10.5402377416545, 0.0729055341958355
_HALF_MAX = 65504.0
_SRGB_TO_AP1 = (
    (0.6130974024, 0.3395231462, 0.0473794514),
    (0.0701937225, 0.9163538791, 0.0134523985),
    (0.0206155929, 0.1095697729, 0.8698146342),
)


def to_log(linear: Tensor) -> Tensor:
    """Scene-linear to ACEScct; any shape, any finite value."""
    line = _SLOPE * linear + _OFFSET
    curve = (torch.log2(linear.clamp(min=_CUT_LINEAR)) + 9.72) * STOP
    return torch.where(linear <= _CUT_LINEAR, line, curve)


def to_linear(log: Tensor) -> Tensor:
    """ACEScct to scene-linear; any shape, no brighter than the largest half float."""
    line = (log - _OFFSET) / _SLOPE
    curve = torch.exp2(log.clamp(min=_CUT_LOG) / STOP - 9.72).clamp(max=_HALF_MAX)
    return torch.where(log <= _CUT_LOG, line, curve)


def expose(log: Tensor, stops: float | Tensor) -> Tensor:
    """An ACEScct picture as if the lens had been opened by `stops` (a number, or a tensor that broadcasts)."""
    gain = torch.exp2(torch.as_tensor(stops, dtype=log.dtype, device=log.device))
    return to_log(to_linear(log) * gain)


def from_display(display: Tensor) -> Tensor:
    """sRGB code values 0..1, (..., 3, H, W), to scene-linear AP1, same shape."""
    linear = torch.where(display <= 0.04045, display / 12.92, ((display.clamp(min=0) + 0.055) / 1.055) ** 2.4)
    return _matrix(linear, torch.tensor(_SRGB_TO_AP1))


def to_display(log: Tensor) -> Tensor:
    """ACEScct, (..., 3, H, W), to sRGB code values clipped to 0..1: for looking at, without a view transform."""
    linear = _matrix(to_linear(log.float()), torch.linalg.inv(torch.tensor(_SRGB_TO_AP1)))
    code = torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp(min=1e-6) ** (1 / 2.4) - 0.055)
    return code.clamp(0, 1)


def to_codes(picture: Tensor, space: str) -> Tensor:
    """A picture of a recipe's space, (..., 3, H, W), as code values 0..1 to look at; what is no colour as it is."""
    return to_display(picture) if space == "ACEScct" else picture.float().clamp(0, 1)


def _matrix(picture: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("ij,...jhw->...ihw", matrix.to(picture), picture)
