"""Writing small ONNX graphs by hand, with as few words as the arithmetic has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

__all__ = ["GraphWriter"]


class GraphWriter:
    """A graph under construction: `g("Add", x, 1.0)` adds a node and returns the name of its result.

    Arguments are tensor names, or numbers and arrays, which become constants. Every name that the writer invents
    starts with `prefix`, so that graphs can be joined without a clash.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: dict[str, onnx.ValueInfoProto] = {}
        self.outputs: dict[str, onnx.ValueInfoProto] = {}

    def __call__(
        self,
        op: str,
        *inputs: Any,
        result: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Add a node; its result is called `result`, or by a fresh name."""
        name = result or f"{self.prefix}{len(self.nodes)}"
        names = [each if isinstance(each, str) else self.constant(each) for each in inputs]
        self.nodes.append(helper.make_node(op, names, [name], **(attributes or {}), **more))
        return name

    def constant(self, values: Any) -> str:
        """A constant; floats become float32, whole numbers int64."""
        array = np.asarray(values)
        array = array.astype(np.float32 if array.dtype.kind == "f" else np.int64)
        name = f"{self.prefix}c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def input(self, name: str, rank: int, *, half: bool = False, sizes: Sequence[int] = ()) -> str:
        """Declare an input of free sizes, or of `sizes`."""
        self.inputs[name] = _value(name, rank, half, sizes)
        return name

    def output(self, name: str, rank: int, *, half: bool = False) -> str:
        """Declare an output of free sizes."""
        self.outputs[name] = _value(name, rank, half)
        return name

    def model(self, *, opset: int, ir_version: int) -> onnx.ModelProto:
        """The finished graph as a model of its own."""
        graph = helper.make_graph(
            self.nodes, self.prefix, list(self.inputs.values()), list(self.outputs.values()), self.constants
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir_version)


def _value(name: str, rank: int, half: bool, sizes: Sequence[int] = ()) -> onnx.ValueInfoProto:
    kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
    return helper.make_tensor_value_info(name, kind, sizes or [f"{name}/{axis}" for axis in range(rank)])
