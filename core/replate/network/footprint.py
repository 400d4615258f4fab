"""How much memory a network takes, told from its graph."""

from __future__ import annotations

import math
from collections.abc import Mapping

import onnx
from onnx import shape_inference

from ..card import GUIDES
from . import gradegraph, graph

__all__ = ["bytes_per_pixel"]

_SIDE = 768  # a multiple of every usual step; large enough that weights and constants do not count
_UNKNOWN = 512  # what a network takes that works at full resolution with 32 channels
_SPREAD = 1.4  # measured over living tensors: ONNX Runtime's arena has gaps, convolutions need room to work
_BESIDE = 80  # the tile itself, its result, and NumPy's and OpenColorIO's intermediate pictures

_SHAPES = {
    graph.PLATE: (_SIDE, _SIDE, 3),
    graph.ALPHA: (_SIDE, _SIDE, 1),
    graph.WEIGHT: (_SIDE, _SIDE, 1),
    gradegraph.INTO: (3, 3),
    gradegraph.OUT_OF: (3, 3),
    **{graph.GUIDE[role]: (_SIDE, _SIDE, len(channels)) for role, channels in GUIDES.items()},
}


def bytes_per_pixel(model: onnx.ModelProto) -> int:
    """Bytes that a graph of `graph.stages` takes at its worst moment for each pixel of a tile.

    The sum over the tensors that are still needed then; a fixed guess where their sizes cannot be told.
    """
    try:
        sizes = _sizes(model)
        worst = _worst(model.graph, sizes)
    except (KeyError, ValueError, shape_inference.InferenceError):
        return _UNKNOWN
    return math.ceil(_SPREAD * worst / _SIDE**2) + _BESIDE


def _sizes(model: onnx.ModelProto) -> dict[str, int]:
    """Bytes of every tensor for a plate of _SIDE x _SIDE; ValueError where one has no known size."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for each in fixed.graph.input:
        _fix(each)
    told = shape_inference.infer_shapes(fixed, data_prop=True).graph
    return {each.name: _bytes(each.type.tensor_type) for each in (*told.input, *told.value_info, *told.output)}


def _fix(value: onnx.ValueInfoProto) -> None:
    """Give an input of free size that of the plate; numbers have one value, and what else there is stays unknown."""
    axes = value.type.tensor_type.shape.dim
    numbers = (1,) * len(axes) if len(axes) < 3 else ()
    for axis, size in zip(axes, _SHAPES.get(value.name, numbers), strict=False):
        axis.dim_value = size


def _bytes(tensor: onnx.TypeProto.Tensor) -> int:
    axes: list[int] = [axis.dim_value for axis in tensor.shape.dim]
    if not all(axes):
        raise ValueError("a tensor of unknown size")
    each: int = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).itemsize
    return each * math.prod(axes)


def _worst(network: onnx.GraphProto, sizes: Mapping[str, int]) -> int:
    """The largest sum of tensors that live at one time, nodes being run in their order."""
    last = {name: index for index, node in enumerate(network.node) for name in node.input}
    last.update({each.name: len(network.node) for each in network.output})
    alive = {each.name: sizes[each.name] for each in network.input}
    worst = 0
    for index, node in enumerate(network.node):
        alive.update({name: sizes[name] for name in node.output if name})
        worst = max(worst, sum(alive.values()))
        alive = {name: size for name, size in alive.items() if last.get(name, -1) > index}
    return worst
