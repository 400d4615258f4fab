"""An ONNX graph as a torch module, for hosts that run TorchScript and nothing else.

The graph is walked node by node; traced once, the walk is gone and its operations remain. Sizes stay free, because
they are taken from tensors while the trace looks on. What an operator does is said in `torchoperators.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from replate.errors import GeneratorError

from .torchoperators import OPERATORS, Attributes, Sizes

__all__ = ["TorchGraph"]


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
            if node.op_type not in OPERATORS:
                raise GeneratorError(f"the operator {node.op_type} cannot be written as TorchScript; leave --nuke out")

    def forward(self, *inputs: Tensor) -> Any:
        values: dict[str, Any] = dict(zip(self.names, inputs, strict=True))
        values |= self.sizes | {name: getattr(self, buffer) for name, buffer in self.weights.items()}
        for node in self.nodes:
            given = [values[name] if name else None for name in node.input]
            made = OPERATORS[node.op_type](given, _attributes(node))
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
