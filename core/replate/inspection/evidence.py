"""What an ONNX graph itself says about how it wants to be fed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

from ..card import Order

__all__ = ["Graph", "Range", "nearest_range", "order_of_affine", "range_of_affine"]

Range = tuple[float, float]
Vector = npt.NDArray[np.float64]

_WHOLE_IMAGE = {
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "GroupNormalization",
    "InstanceNormalization",
    "LpNormalization",
    "MeanVarianceNormalization",
}
_PASSING = {"Cast", "Identity", "Pad", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
# Mean colours of ImageNet, R, G, B in 0..255: the constants that VGG-style preprocessing subtracts.
_IMAGENET = np.array([123.68, 116.78, 103.94])


class Graph:
    """Questions to a graph."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.nodes = list(model.graph.node)
        self.constants = {each.name: each for each in model.graph.initializer}
        self.constants |= {
            node.output[0]: node.attribute[0].t
            for node in self.nodes
            if node.op_type == "Constant" and node.attribute[0].name == "value"
        }

    def whole_image(self) -> str:
        """The first operator that looks at the whole picture, "" where none is known to."""
        for node in self.nodes:
            if node.op_type in _WHOLE_IMAGE or (node.op_type == "ReduceMean" and self._over_space(node)):
                return str(node.op_type)
        return ""

    def _over_space(self, node: onnx.NodeProto) -> bool:
        """Whether a mean goes over rows or columns; a mean over channels (axis 1 of 4) does not matter."""
        given = {each.name: helper.get_attribute_value(each) for each in node.attribute}.get("axes")
        if given is None and len(node.input) > 1:
            given = self._vector(node.input[1])
        return given is None or any(int(axis) != 1 for axis in given)

    def input_affine(self, name: str) -> tuple[Vector, Vector] | None:
        """(scale, offset) that the network applies to its input first, where it says so in constants."""
        scale, offset = np.ones(1), np.zeros(1)
        while (node := self._only_reader(name)) is not None:
            step = self._affine(node, name)
            if step is None and node.op_type not in _PASSING:
                break
            if step is not None:
                scale, offset = scale * step[0], offset * step[0] + step[1]
            name = node.output[0]
        return None if np.all(scale == 1) and np.all(offset == 0) else (scale, offset)

    def output_range(self, name: str) -> Range | None:
        """The values that the last operators can give, None where they do not say."""
        scale, offset = np.ones(1), np.zeros(1)
        while (node := self._maker(name)) is not None:
            bounds = self._bounds(node)
            if bounds is not None:
                ends = [float(np.mean(scale * bound + offset)) for bound in bounds]
                return min(ends), max(ends)
            source = next((each for each in node.input if each not in self.constants), "")
            step = self._affine(node, source)
            if step is None and node.op_type not in _PASSING:
                return None
            if step is not None:
                scale, offset = scale * step[0], scale * step[1] + offset
            name = source
        return None

    def _bounds(self, node: onnx.NodeProto) -> Range | None:
        if node.op_type in ("Sigmoid", "Tanh"):
            return (0.0 if node.op_type == "Sigmoid" else -1.0), 1.0
        if node.op_type != "Clip":
            return None
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        given = [self._vector(each) for each in node.input[1:]]
        low, high = (attributes.get("min"), attributes.get("max")) if not given else [*given, None][:2]
        return None if low is None or high is None else (float(np.min(low)), float(np.max(high)))

    def _affine(self, node: onnx.NodeProto, name: str) -> tuple[Vector, Vector] | None:
        """(scale, offset) of a node that only scales and shifts the tensor `name`."""
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type == "ImageScaler":  # CoreML's preprocessing, as old converters wrote it
            return np.array([attributes.get("scale", 1.0)]), np.array(attributes.get("bias", [0.0]))
        if node.op_type == "Affine":
            return np.array([attributes.get("alpha", 1.0)]), np.array([attributes.get("beta", 0.0)])
        if node.op_type not in ("Add", "Sub", "Mul", "Div") or len(node.input) != 2:
            return None
        other = node.input[1] if node.input[0] == name else node.input[0]
        value = self._vector(other)
        if value is None or value.size not in (1, 3) or (other == node.input[0] and node.op_type in ("Sub", "Div")):
            return None
        one, zero = np.ones(1), np.zeros(1)
        steps = {"Add": (one, value), "Sub": (one, -value), "Mul": (value, zero), "Div": (1 / value, zero)}
        return steps[node.op_type]

    def _vector(self, name: str) -> Vector | None:
        tensor = self.constants.get(name)
        return None if tensor is None else numpy_helper.to_array(tensor).astype(np.float64).ravel()

    def _readers(self, name: str) -> Iterator[onnx.NodeProto]:
        return (node for node in self.nodes if name in node.input)

    def _only_reader(self, name: str) -> onnx.NodeProto | None:
        readers = list(self._readers(name))
        return readers[0] if len(readers) == 1 else None

    def _maker(self, name: str) -> onnx.NodeProto | None:
        return next((node for node in self.nodes if name in node.output), None)


def nearest_range(low: float, high: float) -> Range:
    """Which of the usual ranges values between `low` and `high` are meant in."""
    if high > 3:
        return 0.0, 255.0
    return (-1.0, 1.0) if low < -0.3 else (0.0, 1.0)


def range_of_affine(scale: Vector, offset: Vector) -> Range:
    """The range of a picture that `scale * x + offset` brings to the middle of a network's own range."""
    middle = float(np.mean(-offset / scale))
    reach = float(np.mean(1 / np.abs(scale)))
    if middle == 0:
        return (0.0, 255.0) if reach > 50 else (0.0, 1.0)
    return (0.0, 255.0) if middle > 3 else (0.0, 1.0)


def order_of_affine(scale: Vector, offset: Vector) -> Order | None:
    """ "RGB" or "BGR" where the subtracted constants are ImageNet's mean colour, else None."""
    middle = -offset / scale
    if middle.size != 3:
        return None
    middle = middle * (255 if middle.max() <= 1 else 1)
    found: dict[Order, Vector] = {"RGB": _IMAGENET, "BGR": _IMAGENET[::-1]}
    return next((order for order, mean in found.items() if np.allclose(middle, mean, atol=3)), None)
