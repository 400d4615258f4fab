"""torch to ONNX.

torch.onnx has two exporters. The one on torch.export (`dynamo=True`) is used: on these networks the older tracer writes
fifteen nodes to compute each padding amount at run time, of which ONNX Runtime cannot remove all.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import onnx
import torch

from .clean import clean
from .module import CHANNELS, Exportable

__all__ = ["OPSET", "to_onnx"]

OPSET = 18
LARGEST = 16384


def to_onnx(module: Exportable) -> onnx.ModelProto:
    """The network as an ONNX graph: the module's inputs, float32, in, its outputs out; pictures of free sides."""
    step = module.multiple
    # Any sides do for tracing, but they must differ and be more than one step: equal sizes would be taken for one.
    sides = {} if module.size else {2: _sides("h", step), 3: _sides("w", step)}
    with _quiet():
        program = torch.onnx.export(
            module,
            module.examples(8 * step, 11 * step),
            dynamo=True,
            opset_version=OPSET,
            input_names=list(module.inputs),
            output_names=list(module.outputs),
            dynamic_shapes={"inputs": tuple(sides if role in CHANNELS else {} for role in module.inputs)},
            verbose=False,
        )
    assert program is not None
    return clean(program.model_proto)


def _sides(name: str, step: int) -> object:
    """A side that is any multiple of `step`."""
    return step * torch.export.Dim(name, min=1, max=LARGEST // step)


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence remarks that no user can act upon (torchvision is missing, names were changed)."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
