"""Between planes of the generator's space and a network's own tensors, as ONNX.

Planes are C x (H W), RGB, 0..1; those of a guide have its own channels and numbers. A tensor may be NCHW or NHWC, RGB,
BGR or grey, of any range, of half precision and of a fixed size. Order, grey and range together are one small matrix
and an offset.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto

from ..card import Port
from ..color.curves import LUMINANCE
from .onnxgraph import GraphWriter

__all__ = ["feed", "take"]

_INTO = {"RGB": np.eye(3), "BGR": np.eye(3)[::-1], "L": np.array([LUMINANCE])}
_FROM = {"RGB": np.eye(3), "BGR": np.eye(3)[::-1], "L": np.ones((3, 1))}
Size = tuple[int, int] | None


def feed(g: GraphWriter, planes: str, port: Port, *, shape: str, resize: Size = None) -> None:
    """Write the tensor called `port.name`; `shape` holds H and W of the planes, `resize` what the network wants."""
    if resize:
        channels = 3 if port.role == "plate" else port.count
        picture = _picture(g, planes, channels, shape)
        picture = g("Resize", picture, "", "", list(resize), mode="linear", antialias=1, axes=[2, 3])
        planes, shape = g("Reshape", picture, [channels, -1]), g.constant(list(resize))
    planes = _affine(g, planes, _into(port) * (port.high - port.low), port.low)
    x = _picture(g, planes, port.count, shape)
    if port.layout == "NHWC":
        x = g("Transpose", x, perm=[0, 2, 3, 1])
    g("Cast", x, attributes={"to": TensorProto.FLOAT16 if port.half else TensorProto.FLOAT}, result=port.name)


def take(g: GraphWriter, port: Port, *, shape: str, resize: Size = None) -> str:
    """Planes of RGB, or one plane of a confidence map, from the tensor called `port.name`."""
    x = g.input(port.name, 4, half=port.half)
    if port.half:
        x = g("Cast", x, attributes={"to": TensorProto.FLOAT})
    if port.layout == "NHWC":
        x = g("Transpose", x, perm=[0, 3, 1, 2])
    if resize:
        x = g("Resize", x, "", "", shape, mode="cubic", axes=[2, 3])
    planes = g("Reshape", x, [port.count, -1])
    scale = 1 / (port.high - port.low)
    matrix = _FROM[port.channels] if port.role == "result" else np.eye(1)
    return _affine(g, planes, matrix * scale, -port.low * scale)


def _into(port: Port) -> npt.NDArray[np.float64]:
    """The matrix from RGB to a plate's own channels; a guide has its channels already."""
    return _INTO[port.channels] if port.role == "plate" else np.eye(port.count)


def _picture(g: GraphWriter, planes: str, channels: int, shape: str) -> str:
    return g("Reshape", planes, g("Concat", [1, channels], shape, axis=0))


def _affine(g: GraphWriter, planes: str, matrix: npt.NDArray[Any], offset: float) -> str:
    """matrix @ planes + offset, without what does nothing: each operation is a pass over the picture."""
    if not np.array_equal(matrix, np.eye(len(matrix))):
        planes = g("MatMul", matrix, planes)
    return g("Add", planes, float(offset)) if offset else planes
