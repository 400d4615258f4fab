"""Tidy an exported graph: nothing in it that does nothing, nothing that tells of the machine that made it."""

from __future__ import annotations

import onnx
from onnx import numpy_helper

__all__ = ["clean", "drop_unused"]


def clean(model: onnx.ModelProto) -> onnx.ModelProto:
    """Remove no-op nodes, notes and unused constants in place, name the free sizes, check; returns the model.

    The exporter notes the stack trace of every node; without these notes the same checkpoint gives the same bytes
    on every machine, and no path of that machine travels with the file.
    """
    _drop_noops(model.graph)
    drop_unused(model.graph)
    _drop_notes(model)
    for value in (*model.graph.input, *model.graph.output):
        for dim, name in zip(value.type.tensor_type.shape.dim[2:], ("height", "width"), strict=False):
            if not dim.dim_value:
                dim.dim_param = name
    model.producer_name, model.producer_version = "replate", ""
    onnx.checker.check_model(model, full_check=True)
    return model


def _drop_noops(graph: onnx.GraphProto) -> None:
    """Bypass Identity nodes and paddings by nothing, except where they make an output of the graph."""
    constants = {item.name: item for item in graph.initializer}
    outputs = {value.name for value in graph.output}
    source: dict[str, str] = {}
    kept = []
    for node in graph.node:
        node.input[:] = [source.get(name, name) for name in node.input]
        if _does_nothing(node, constants) and node.output[0] not in outputs:
            source[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)


def _does_nothing(node: onnx.NodeProto, constants: dict[str, onnx.TensorProto]) -> bool:
    if node.op_type == "Pad" and node.input[1] in constants:
        return not numpy_helper.to_array(constants[node.input[1]]).any()
    return bool(node.op_type == "Identity")


def drop_unused(graph: onnx.GraphProto) -> None:
    """Remove constants that no node reads, in place."""
    used = {name for node in graph.node for name in node.input}
    kept = [item for item in graph.initializer if item.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _drop_notes(model: onnx.ModelProto) -> None:
    graph = model.graph
    del graph.value_info[:]
    model.doc_string = graph.doc_string = ""
    parts = (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output)
    for part in parts:
        del part.metadata_props[:]
        part.doc_string = ""
