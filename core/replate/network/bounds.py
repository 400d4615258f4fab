"""What a network may ask for: a file of a few bytes must not keep a machine busy for ever, or fill its memory."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping

import onnx
from onnx import TensorProto, helper

__all__ = ["nodes_of", "problem", "tensors_of"]

_MOST_NODES = 20_000  # generators have hundreds; ONNX Runtime takes seconds to load so many
_FIELDS = ("float_data", "double_data", "int32_data", "int64_data", "uint64_data", "string_data")
_SMALL = {kind for name, kind in TensorProto.DataType.items() if re.search(r"(INT|FLOAT)[246](E|$)", name)}
_IN_ONE = 4  # numbers of two bits in a byte

Functions = Mapping[tuple[str, str], onnx.FunctionProto]


def problem(model: onnx.ModelProto) -> str:
    """Why a network is not to be loaded, in words that follow its name; "" where nothing is wrong with it."""
    if any(node.op_type == "Loop" and node.domain in ("", "ai.onnx") for node in nodes_of(model)):
        return "repeats a part of itself, and nobody can tell how often; export it without the operator Loop"
    count = _unfolded(model)
    if count > _MOST_NODES:
        return f"has more than {_MOST_NODES} operators, its functions unfolded; use a smaller network"
    false = next((tensor for tensor in tensors_of(model) if not _holds_what_it_says(tensor)), None)
    if false is not None:
        return f"is damaged: its weights '{false.name}' are not as many as it says; export or copy it again"
    return ""


def nodes_of(model: onnx.ModelProto) -> Iterator[onnx.NodeProto]:
    """Every node, those of subgraphs and local functions included."""
    yield from _inside([*model.graph.node, *(node for function in model.functions for node in function.node)])


def tensors_of(model: onnx.ModelProto) -> Iterator[onnx.TensorProto]:
    """Every tensor stored in the model."""
    graphs = [model.graph]
    for node in nodes_of(model):
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            graphs.extend((attribute.g, *attribute.graphs))
    for graph in graphs:
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)


def _inside(nodes: Iterable[onnx.NodeProto]) -> Iterator[onnx.NodeProto]:
    stack = list(nodes)
    while stack:
        node = stack.pop()
        yield node
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                stack.extend(graph.node)


def _unfolded(model: onnx.ModelProto) -> int:
    """How many nodes there are once every function stands where it is called; soon more than the most for too many."""
    functions = {(function.domain, function.name): function for function in model.functions}
    sizes: dict[tuple[str, str], int] = {}
    for _ in range(len(functions) + 1):  # one more than calls can lie in each other, unless one calls itself
        sizes = {name: _size(function.node, sizes, functions) for name, function in functions.items()}
    endless = any(size != _size(functions[name].node, sizes, functions) for name, size in sizes.items())
    return _MOST_NODES + 1 if endless else _size(model.graph.node, sizes, functions)


def _size(nodes: Iterable[onnx.NodeProto], sizes: Mapping[tuple[str, str], int], functions: Functions) -> int:
    called = ((node.domain, node.op_type) for node in _inside(nodes))
    return min(_MOST_NODES + 1, sum(1 + (sizes.get(name, 0) if name in functions else 0) for name in called))


def _holds_what_it_says(tensor: onnx.TensorProto) -> bool:
    """Whether a tensor can have the numbers that its shape says; other files are looked at when they are read."""
    if tensor.data_location == TensorProto.EXTERNAL or not tensor.data_type:
        return True
    if min(tensor.dims, default=0) < 0 or tensor.data_type not in TensorProto.DataType.values():
        return False
    count = math.prod(tensor.dims)
    if tensor.HasField("raw_data") and tensor.data_type not in _SMALL:
        return bool(count * helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize == len(tensor.raw_data))
    held = sum(len(getattr(tensor, field)) for field in _FIELDS)
    return bool(count <= _IN_ONE * (len(tensor.raw_data) + held))
