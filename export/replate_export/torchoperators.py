"""ONNX's operators in torch, with the meanings of https://onnx.ai/onnx/operators.

Only those are known that compute pictures from pictures: for any other, or another way of using one, there is an error,
not a guess. Sizes of tensors stay tensors, so that a trace follows them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import onnx
import torch
import torch.nn.functional as F
from torch import Tensor

from replate.errors import GeneratorError

__all__ = ["OPERATORS", "Attributes", "Sizes"]

Sizes = list[Any]  # whole numbers, or those that a trace follows
Attributes = dict[str, Any]


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


OPERATORS: dict[str, Callable[[list[Any], Attributes], Any]] = {
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
"""What each does with what it is given, None for what is left out, and its attributes."""
