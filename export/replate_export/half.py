"""The float16 variant for the GPU."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .clean import drop_unused

__all__ = ["to_half"]

# Inputs by operator that ONNX defines as float32 whatever the operator computes in.
_ALWAYS_FLOAT = {"Resize": (1, 2)}
_CONVOLUTIONS = ("Conv", "ConvTranspose")


def to_half(model: onnx.ModelProto, *, learnt: Collection[str]) -> onnx.ModelProto:
    """A copy that computes in float16 with float16 weights; inputs and outputs stay float32.

    Float16 begins where a filter that is `learnt` (names of weights) begins, and ends with the last convolution before
    the result. Fixed filters on the plate stay float32, since they may need its digits. So does what follows that last
    convolution: there the correction is added to the plate, and rounding the plate itself costs more than all the
    network's own rounding. (ONNX Runtime's converter can exempt nodes too, but rounds to float16 between them.)
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    _Halving(half.graph, learnt).run()
    onnx.checker.check_model(half, full_check=True)
    return half


class _Halving:
    """Rewrites a graph in place. A tensor exists in float32, in float16, or in both: once each."""

    def __init__(self, graph: onnx.GraphProto, learnt: Collection[str]) -> None:
        self.graph = graph
        self.chosen = _following(graph, learnt) - _tail(graph)
        self.weights = {item.name: item for item in graph.initializer if item.data_type == TensorProto.FLOAT}
        floats = [value.name for value in graph.input] + list(self.weights)
        self.kinds: dict[str, int] = dict.fromkeys(floats, TensorProto.FLOAT)
        self.nodes: list[onnx.NodeProto] = []

    def run(self) -> None:
        """Visit the nodes in order, then make the outputs float32."""
        for node in list(self.graph.node):
            self._visit(node)
        for value in self.graph.output:
            self._keep_output(value.name)
        del self.graph.node[:]
        self.graph.node.extend(self.nodes)
        drop_unused(self.graph)

    def _visit(self, node: onnx.NodeProto) -> None:
        kind = TensorProto.FLOAT16 if node.name in self.chosen else TensorProto.FLOAT
        fixed = _ALWAYS_FLOAT.get(node.op_type, ())
        node.input[:] = [name if i in fixed else self._as(name, kind) for i, name in enumerate(node.input)]
        self.kinds.update(dict.fromkeys(node.output, kind))
        self.nodes.append(node)

    def _as(self, name: str, kind: int) -> str:
        """The tensor's name in the wanted kind; it is made where it does not exist yet."""
        if self.kinds.get(name, kind) == kind:
            return name
        other = f"{name}_as_{'half' if kind == TensorProto.FLOAT16 else 'float'}"
        if other not in self.kinds:
            self.kinds[other] = kind
            self._make(name, other, kind)
        return other

    def _make(self, name: str, other: str, kind: int) -> None:
        if name in self.weights:
            values = numpy_helper.to_array(self.weights[name]).astype(np.float16)
            self.graph.initializer.append(numpy_helper.from_array(values, other))
        else:
            self.nodes.append(helper.make_node("Cast", [name], [other], name=other, to=kind))

    def _keep_output(self, name: str) -> None:
        """Give a half output another name, and its own name to the float32 cast of it."""
        if self.kinds[name] == TensorProto.FLOAT:
            return
        inner = f"{name}_half"
        for node in self.nodes:
            node.input[:] = [inner if each == name else each for each in node.input]
            node.output[:] = [inner if each == name else each for each in node.output]
        self.nodes.append(helper.make_node("Cast", [inner], [name], name=f"{name}_as_float", to=TensorProto.FLOAT))


def _following(graph: onnx.GraphProto, learnt: Collection[str]) -> set[str]:
    """Names of the nodes that read a learnt weight, or anything computed with one."""
    touched, found = set(learnt), set[str]()
    for node in graph.node:
        if touched.intersection(node.input):
            touched.update(node.output)
            found.add(node.name)
    return found


def _tail(graph: onnx.GraphProto) -> set[str]:
    """Names of the nodes that lead to the result without passing through a convolution."""
    makers = {output: node for node in graph.node for output in node.output}
    waiting, found = [graph.output[0].name], set[str]()
    while waiting:
        node = makers.get(waiting.pop())
        if node is not None and node.op_type not in _CONVOLUTIONS and node.name not in found:
            found.add(node.name)
            waiting.extend(node.input)
    return found
