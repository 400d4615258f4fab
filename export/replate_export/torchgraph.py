"""An ONNX graph as a torch module, for hosts that run TorchScript and nothing else.

The graph is walked node by node; traced once, the walk is gone and its operations remain. Sizes stay free, because
they are taken from tensors while the trace looks on. Only operators are known that compute pictures from pictures: for
any other there is an error, not a guess. Meanings are those of https://onnx.ai/onnx/operators.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor, nn

from replate.errors import GeneratorError

__all__ = ["TorchGraph"]

Sizes = list[Any]  # whole numbers, or those that a trace follows
Attributes = dict[str, Any]


class TorchGraph(nn.Module):
    """The graph of a model whose inputs and outputs are tensors; call it with the inputs in the graph's order.

    Raises GeneratorError for an operator, or a way of using one, that is not known here.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        super().__init__()
        graph = model.graph
        self.names = [each.name for each in graph.input]
        self.results = [each.name for each in graph.output]
        self.sizes: dict[str, Sizes] = {}
        self.weights: dict[str, str] = {}
        self._factors = {node.input[2] for node in graph.node if node.op_type == "Resize" and len(node.input) > 2}
        used = {name for node in graph.node for name in node.input}
        for weight in graph.initializer:
            if weight.name in used:
                self._keep(weight.name, numpy_helper.to_array(weight))
        self.nodes = [node for node in graph.node if not self._is_constant(node)]
        for node in self.nodes:
            if node.op_type not in _KNOWN:
                raise GeneratorError(f"the operator {node.op_type} cannot be written as TorchScript; leave --nuke out")

    def forward(self, *inputs: Tensor) -> Any:
        values: dict[str, Any] = dict(zip(self.names, inputs, strict=True))
        values |= self.sizes | {name: getattr(self, buffer) for name, buffer in self.weights.items()}
        for node in self.nodes:
            given = [values[name] if name else None for name in node.input]
            made = _KNOWN[node.op_type](given, _attributes(node))
            made = made if isinstance(made, tuple) else (made,)
            values.update(zip(node.output, made, strict=False))
        results = tuple(values[name] for name in self.results)
        return results if len(results) > 1 else results[0]

    def _is_constant(self, node: onnx.NodeProto) -> bool:
        """Whether a node is a constant, which is then kept."""
        if node.op_type != "Constant":
            return False
        value = _attributes(node)
        self._keep(node.output[0], numpy_helper.to_array(next(iter(value.values()))))
        return True

    def _keep(self, name: str, array: np.ndarray[Any, Any]) -> None:
        """Whole numbers are sizes and axes, and stay numbers like the factors of a size; all else is a weight."""
        if array.dtype.kind in "iu" or name in self._factors:
            self.sizes[name] = array.reshape(-1).tolist()
            return
        self.weights[name] = f"weight{len(self.weights)}"
        self.register_buffer(self.weights[name], torch.from_numpy(array.copy()))


def _attributes(node: onnx.NodeProto) -> Attributes:
    read = onnx.helper.get_attribute_value
    return {each.name: text.decode() if isinstance(text := read(each), bytes) else text for each in node.attribute}


def _refuse(what: str) -> GeneratorError:
    return GeneratorError(f"{what} cannot be written as TorchScript; leave --nuke out")


def _conv(given: list[Any], at: Attributes) -> Tensor:
    x, weight, *bias = given
    pads = list(at.get("pads", [0, 0, 0, 0]))
    if at.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or len(pads) != 4:
        raise _refuse("a convolution that chooses its own border")
    if pads[:2] != pads[2:]:
        x, pads = F.pad(x, [pads[1], pads[3], pads[0], pads[2]]), [0, 0, 0, 0]
    options = {"stride": at.get("strides", 1), "dilation": at.get("dilations", 1), "groups": at.get("group", 1)}
    return F.conv2d(x, weight, bias[0] if bias else None, padding=pads[:2], **options)


def _pad(given: list[Any], at: Attributes) -> Tensor:
    x, pads, *more = given
    modes = {"edge": "replicate", "reflect": "reflect", "constant": "constant"}
    if len(pads) != 8 or any(pads[:2] + pads[4:6]) or len(more) > 1:
        raise _refuse("a border around more than a picture's sides")
    value = float(more[0]) if more and more[0] is not None else 0.0
    return F.pad(x, [pads[3], pads[7], pads[2], pads[6]], mode=modes[at.get("mode", "constant")], value=value)


def _average(given: list[Any], at: Attributes) -> Tensor:
    if any(at.get("pads", [0])) or at.get("ceil_mode") or at.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise _refuse("a mean over a border")
    return F.avg_pool2d(given[0], at["kernel_shape"], at.get("strides", 1))


def _resize(given: list[Any], at: Attributes) -> Tensor:
    """By a whole factor, as networks double their pictures."""
    x, _, scales, *sizes = given
    nearest = at["mode"] == "nearest" and at.get("nearest_mode") == "floor"
    linear = at["mode"] == "linear" and at.get("coordinate_transformation_mode", "half_pixel") == "half_pixel"
    if not scales or sizes or not (nearest or linear) or at.get("antialias"):
        raise _refuse("this way of resizing")
    if nearest:
        return F.interpolate(x, scale_factor=scales[2:], mode="nearest")
    return F.interpolate(x, scale_factor=scales[2:], mode="bilinear", align_corners=False)


def _slice(given: list[Any], at: Attributes) -> Any:
    x, starts, ends, axes, *steps = given
    if steps and steps[0] and any(step != 1 for step in steps[0]):
        raise _refuse("a slice with steps")
    for start, end, axis in zip(starts, ends, axes, strict=True):
        index = [slice(None)] * (axis % x.dim()) + [slice(start, None if end >= 2**31 else end)]
        x = x[tuple(index)]
    return x


def _shape(given: list[Any], at: Attributes) -> Sizes:
    sizes = [given[0].shape[axis] for axis in range(given[0].dim())]
    return sizes[at.get("start", 0) : at.get("end", len(sizes))]


def _reshape(given: list[Any], at: Attributes) -> Tensor:
    x, sizes = given
    return torch.reshape(x, [x.shape[axis] if _is(size, 0) else size for axis, size in enumerate(sizes)])


def _is(size: Any, number: int) -> bool:
    """Whether a size is a number that is known now, not one that a trace follows."""
    return isinstance(size, int) and size == number


def _concat(given: list[Any], at: Attributes) -> Any:
    if any(isinstance(each, list) for each in given):
        return [size for each in given for size in each]
    return torch.cat(given, dim=at["axis"])


def _split(given: list[Any], at: Attributes) -> tuple[Tensor, ...]:
    x, *sizes = given
    axis = at.get("axis", 0)
    if sizes and sizes[0]:
        return torch.split(x, sizes[0], dim=axis)
    return torch.chunk(x, at["num_outputs"], dim=axis)


def _reduce(how: Callable[..., Tensor]) -> Callable[[list[Any], Attributes], Tensor]:
    def reduced(given: list[Any], at: Attributes) -> Tensor:
        x, *axes = given
        if not axes or not axes[0]:
            raise _refuse("a number made of a whole picture")
        return how(x, dim=axes[0], keepdim=bool(at.get("keepdims", 1)))

    return reduced


def _clip(given: list[Any], at: Attributes) -> Tensor:
    x, low, high = (*given, None, None)[:3]
    x = x if low is None else torch.maximum(x, low)
    return x if high is None else torch.minimum(x, high)


def _gemm(given: list[Any], at: Attributes) -> Tensor:
    a, b, *c = given
    if c or at.get("alpha", 1.0) != 1 or at.get("beta", 1.0) != 1:
        raise _refuse("a product that adds something")
    return torch.matmul(a.t() if at.get("transA") else a, b.t() if at.get("transB") else b)


def _unsqueeze(given: list[Any], at: Attributes) -> Tensor:
    result: Tensor = reduce(torch.unsqueeze, sorted(given[1]), given[0])
    return result


def _to_space(given: list[Any], at: Attributes) -> Tensor:
    x, step = given[0], at["blocksize"]
    if at.get("mode", "DCR") == "CRD":
        return F.pixel_shuffle(x, step)
    blocks = x.reshape(1, step, step, -1, x.shape[2], x.shape[3]).permute(0, 3, 1, 2, 4, 5)
    return F.pixel_shuffle(blocks.reshape(1, -1, x.shape[2], x.shape[3]), step)


def _to_depth(given: list[Any], at: Attributes) -> Tensor:
    x, step = F.pixel_unshuffle(given[0], at["blocksize"]), int(at["blocksize"])
    blocks: Tensor = x.reshape(1, -1, step, step, x.shape[2], x.shape[3]).permute(0, 2, 3, 1, 4, 5)
    return blocks.reshape(1, -1, x.shape[2], x.shape[3])


def _cast(given: list[Any], at: Attributes) -> Tensor:
    if at["to"] != onnx.TensorProto.FLOAT:
        raise _refuse("half precision inside a network")
    result: Tensor = given[0].float()
    return result


def _all(how: Callable[..., Tensor]) -> Callable[[list[Any], Attributes], Tensor]:
    """An operator of any number of tensors and no attributes."""
    return lambda given, _: reduce(how, given)


def _one(how: Callable[[Tensor], Tensor]) -> Callable[[list[Any], Attributes], Tensor]:
    return lambda given, _: how(given[0])


_KNOWN: dict[str, Callable[[list[Any], Attributes], Any]] = {
    "Add": _all(operator.add),
    "AveragePool": _average,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "DepthToSpace": _to_space,
    "Div": _all(operator.truediv),
    "Exp": _one(torch.exp),
    "Gemm": _gemm,
    "Identity": _one(lambda x: x),
    "LeakyRelu": lambda given, at: F.leaky_relu(given[0], at.get("alpha", 0.01)),
    "Log": _one(torch.log),
    "MatMul": _all(torch.matmul),
    "Max": _all(torch.maximum),
    "Min": _all(torch.minimum),
    "Mul": _all(operator.mul),
    "Neg": _one(torch.neg),
    "Pad": _pad,
    "Pow": _all(torch.pow),
    "ReduceMax": _reduce(torch.amax),
    "ReduceMin": _reduce(torch.amin),
    "ReduceSum": _reduce(torch.sum),
    "Relu": _one(F.relu),
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": _shape,
    "Sigmoid": _one(torch.sigmoid),
    "Slice": _slice,
    "SpaceToDepth": _to_depth,
    "Split": _split,
    "Sqrt": _one(torch.sqrt),
    "Sub": _all(operator.sub),
    "Tanh": _one(torch.tanh),
    "Transpose": lambda given, at: given[0].permute(at["perm"]),
    "Unsqueeze": _unsqueeze,
}
