"""Three ONNX graphs as one."""

from __future__ import annotations

from collections.abc import Sequence

import onnx

__all__ = ["join"]


def join(before: onnx.ModelProto, model: onnx.ModelProto, after: onnx.ModelProto) -> onnx.ModelProto:
    """One model of three; tensors of the same name are the same tensor. What no output needs is left out."""
    joined, parts = onnx.ModelProto(), [before.graph, model.graph, after.graph]
    joined.CopyFrom(model)
    for field in ("node", "initializer", "input", "output"):
        del getattr(joined.graph, field)[:]
    nodes = _needed([node for part in parts for node in part.node], [each.name for each in after.graph.output])
    used = {name for node in nodes for name in node.input}
    joined.graph.node.extend(nodes)
    weights = [each for part in parts for each in part.initializer]
    joined.graph.initializer.extend(weights)
    made = {name for node in nodes for name in node.output} | {weight.name for weight in weights}
    inputs = {each.name: each for part in parts for each in part.input if each.name not in made}
    joined.graph.input.extend(each for name, each in inputs.items() if name in used)
    joined.graph.output.extend(after.graph.output)
    return joined


def _needed(nodes: Sequence[onnx.NodeProto], outputs: Sequence[str]) -> list[onnx.NodeProto]:
    """The nodes that `outputs` depend on, in the order given."""
    wanted, kept = set(outputs), []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input, *(_outer_names(each) for each in node.attribute))
    return kept[::-1]


def _outer_names(attribute: onnx.AttributeProto) -> set[str]:
    """Every name that the branches or the body in an attribute mention."""
    graphs = [graph for graph in (attribute.g, *attribute.graphs) if graph.node]
    nodes = [node for graph in graphs for node in graph.node]
    names = {name for node in nodes for name in node.input} | {out.name for graph in graphs for out in graph.output}
    return names.union(*(_outer_names(each) for node in nodes for each in node.attribute))
