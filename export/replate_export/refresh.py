"""New weights in a graph that was exported before, for a look that is watched while it is learnt.

To make the graph of a network and to measure how far it looks takes seconds, and both stay as long as the network
does. What is written is compared with torch all the same.
"""

from __future__ import annotations

import copy
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper

from replate.errors import ReplateError
from replate.network.onnxfile import read_card

from .convert import to_onnx
from .module import Exportable
from .receptive import receptive_radius

__all__ = ["refreshed"]


def refreshed(path: Path, module: Exportable) -> tuple[onnx.ModelProto, int]:
    """The graph with the module's weights, and how far it looks: the one of an earlier call that lies at `path`, where
    it is of such a network, else a new one."""
    known = _earlier(path, module)
    if known is None:
        known = to_onnx(_told_apart(module)), receptive_radius(module)
        if not _fits(known[0], module):
            known = to_onnx(module), known[1]
    _fill(known[0], module)
    return known


def _earlier(path: Path, module: Exportable) -> tuple[onnx.ModelProto, int] | None:
    try:
        model, card = onnx.load(path), read_card(path)
    except (OSError, ValueError, ReplateError):
        return None
    return (model, card.overlap) if card is not None and _fits(model, module) else None


def _fits(model: onnx.ModelProto, module: Exportable) -> bool:
    """Whether every weight of the module has a place of its own in the graph."""
    shapes = {item.name: tuple(item.dims) for item in model.graph.initializer}
    return all(shapes.get(name) == tuple(weight.shape) for name, weight in module.named_parameters())


def _told_apart(module: Exportable) -> Exportable:
    """The network with weights of which no two are alike: the exporter makes one of those that are."""
    other, dice = copy.deepcopy(module), torch.Generator().manual_seed(0)
    for weight in other.parameters():
        weight.copy_(torch.rand(weight.shape, generator=dice))
    return other


def _fill(model: onnx.ModelProto, module: Exportable) -> None:
    weights = dict(module.named_parameters())
    for item in model.graph.initializer:
        if item.name in weights:
            item.CopyFrom(numpy_helper.from_array(weights[item.name].numpy(), item.name))
