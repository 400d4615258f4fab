"""Whether a card fits the network that it describes, and its controls as tensors of that network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx

from ..card import GUIDES, Card
from ..errors import GeneratorError

__all__ = ["check", "shaped"]

Array = npt.NDArray[Any]


def check(model: onnx.ModelProto, card: Card, path: Path) -> None:
    """Raise GeneratorError where the card does not fit the network."""
    problem = next((found for found in (_roles(card), _names(model, card), _controls(card)) if found), "")
    if problem:
        raise GeneratorError(f"the card of {path} {problem}; export it again or correct its sidecar", path=path)


def _roles(card: Card) -> str:
    inputs, outputs = ([port.role for port in ports] for ports in (card.inputs, card.outputs))
    if "noise" in inputs:
        return _noise(card)
    if inputs.count("plate") != 1 or outputs.count("result") != 1:
        return "must name one input of role 'plate' and one output of role 'result'"
    unknown = {*inputs} - {"plate", "control", "numbers", *GUIDES} | {*outputs} - {"result", "confidence", "streak"}
    return f"has a port of role '{min(unknown)}', which no node can feed" if unknown else ""


def _noise(card: Card) -> str:
    """A generator from noise has nothing of a plate: neither its size nor what lies beside it."""
    ports = [port for port in card.inputs if port.role != "control"]
    alone = len(ports) == 1 and ports[0].length > 0 and [port.role for port in card.outputs] == ["result"]
    if alone and card.kind == "effect" and card.size and card.fit == "resize":
        return ""
    return (
        "has a port of role 'noise'; such a generator is of kind 'effect' with a 'size', fit 'resize', a 'length' of "
        "that port, no other input but controls and no output but 'result'"
    )


def _names(model: onnx.ModelProto, card: Card) -> str:
    for ports, values in ((card.inputs, model.graph.input), (card.outputs, model.graph.output)):
        names = {each.name for each in values}
        if unknown := {port.name for port in ports} - names:
            return f"names a port '{min(unknown)}' where the network has {', '.join(sorted(names))}"
    return ""


def _controls(card: Card) -> str:
    fed = {port.name for port in card.inputs if port.role == "control"}
    unmatched = fed ^ {param.name for param in card.controls}
    return f"must have both an input of role 'control' and a control named '{min(unmatched)}'" if unmatched else ""


def shaped(model: onnx.ModelProto, settings: Mapping[str, Array]) -> dict[str, Array]:
    """The settings as the network declares its inputs: the rank of numbers, and the type."""
    declared = {each.name: each.type.tensor_type for each in model.graph.input}
    fitted = dict(settings)
    for name in fitted.keys() & declared.keys():
        kind = onnx.helper.tensor_dtype_to_np_dtype(declared[name].elem_type)
        value = np.asarray(settings[name], kind)
        fitted[name] = value.reshape([1] * len(declared[name].shape.dim)) if value.size == 1 else value
    return fitted
