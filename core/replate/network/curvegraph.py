"""The transfer curves of `curves` as ONNX operators.

Powers are written as exp(gamma * log(x)): ONNX Runtime's Log and Exp are vectorised, its Pow is not (28 ms against 15
for an HD frame). The arguments are kept positive by the curves' own `max`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from ..color.curves import Curve, Linear, Power
from .onnxgraph import GraphWriter

__all__ = ["decode", "encode"]


def decode(g: GraphWriter, curve: Curve, x: str) -> str:
    """Encoded values to linear light; any shape."""
    if isinstance(curve, Linear):
        return x
    if isinstance(curve, Power):
        return _mirrored(g, curve, x, _power_decode)
    power = _scaled(g, g("Max", x, curve.high), 1 / curve.log_slope, -curve.log_offset / curve.log_slope)
    power = _scaled(g, g("Exp", power), 1 / curve.lin_slope, 0.0)
    constant = -curve.lin_offset / curve.lin_slope - curve.high / curve.slope
    return _add_toe(g, power, x, cut=curve.high, slope=1 / curve.slope, constant=constant)


def encode(g: GraphWriter, curve: Curve, x: str) -> str:
    """Linear light to encoded values; any shape."""
    if isinstance(curve, Linear):
        return x
    if isinstance(curve, Power):
        return _mirrored(g, curve, x, _power_encode)
    log = g("Log", _scaled(g, g("Max", x, curve.cut), curve.lin_slope, curve.lin_offset))
    log = _scaled(g, log, curve.log_slope, 0.0)
    constant = curve.log_offset - curve.slope * curve.cut
    return _add_toe(g, log, x, cut=curve.cut, slope=curve.slope, constant=constant)


def _power_decode(g: GraphWriter, curve: Power, x: str) -> str:
    log = g("Log", _scaled(g, g("Max", x, curve.cut), 1.0, curve.offset))
    power = g("Exp", _scaled(g, log, curve.gamma, -curve.gamma * math.log1p(curve.offset)))
    return _add_toe(g, power, x, cut=curve.cut, slope=curve.slope, constant=-curve.low)


def _power_encode(g: GraphWriter, curve: Power, x: str) -> str:
    log = g("Log", g("Max", x, curve.low))
    power = g("Exp", _scaled(g, log, 1 / curve.gamma, math.log1p(curve.offset)))
    return _add_toe(g, power, x, cut=curve.low, slope=1 / curve.slope, constant=-curve.offset - curve.cut)


def _mirrored(g: GraphWriter, curve: Power, x: str, side: Callable[[GraphWriter, Power, str], str]) -> str:
    if not curve.mirror:
        return side(g, curve, x)
    return g("Mul", side(g, curve, g("Abs", x)), g("Sign", x))


def _add_toe(g: GraphWriter, power: str, x: str, *, cut: float, slope: float, constant: float) -> str:
    """`power` + slope * min(x, cut) + constant: what lies below the cut goes along a straight line."""
    return g("Add", power, _scaled(g, g("Min", x, cut), slope, constant))


def _scaled(g: GraphWriter, x: str, factor: float, offset: float) -> str:
    """x * factor + offset, without the operations that do nothing: each is a pass over the picture."""
    if factor != 1.0:
        x = g("Mul", x, float(factor))
    return g("Add", x, float(offset)) if offset != 0.0 else x
