"""SqueezeNet 1.1, a small network that tells a thousand things apart: what it sees is closer to what people see than
pixels are.

The weights come from an ONNX file on disk (BSD licence), so nothing is downloaded and no other format is trusted.
Iandola et al., "SqueezeNet", 2016.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper
from torch import Tensor, nn

from replate.errors import InputError, reason

__all__ = ["SqueezeNet"]

_FIRES_AFTER_POOL = (2, 2, 4)  # fires between poolings: 2 and 3, 4 and 5, 6 to 9
_SEEN = {3, 5, 6, 7, 8, 9}  # fires after which the activations are given out


class SqueezeNet(nn.Module):
    """The convolutions of the network in `path`, in the order of its graph; raises InputError where it is another."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        weights = _conv_weights(path)
        if len(weights) < 2 * (1 + 3 * sum(_FIRES_AFTER_POOL)):
            raise InputError(f"{path} has too few convolutions for SqueezeNet 1.1; leave --features away", path=path)
        for index, weight in enumerate(weights):
            self.register_buffer(f"weight_{index}", weight)

    def activations(self, picture: Tensor) -> Iterator[Tensor]:
        """What it sees at seven depths, coarser and coarser: after the first layer and after fires 3, 5, 6, 7, 8, 9.
        The picture is N x 3 x H x W in the order and scale of the network's own training; computed as it is asked for.
        """
        x, index, fire = F.relu(self._convolve(picture, 0, stride=2)), 1, 2
        yield x
        for count in _FIRES_AFTER_POOL:
            x = F.max_pool2d(x, 3, stride=2, ceil_mode=True)
            for _ in range(count):
                x = self._fire(x, index)
                if fire in _SEEN:
                    yield x
                index, fire = index + 3, fire + 1

    def _fire(self, x: Tensor, index: int) -> Tensor:
        squeezed = F.relu(self._convolve(x, index))
        return F.relu(torch.cat([self._convolve(squeezed, index + 1), self._convolve(squeezed, index + 2)], 1))

    def _convolve(self, x: Tensor, index: int, *, stride: int = 1) -> Tensor:
        weight, bias = self.get_buffer(f"weight_{2 * index}"), self.get_buffer(f"weight_{2 * index + 1}")
        return F.conv2d(x, weight, bias, stride=stride, padding=weight.shape[-1] // 2 if stride == 1 else 0)


def _conv_weights(path: Path) -> list[Tensor]:
    """Weight and bias of every convolution of an ONNX graph, in its order, as float32."""
    try:
        graph = onnx.load(path).graph
    except (OSError, DecodeError) as error:
        raise InputError(f"the feature network {path} cannot be read: {reason(error)}", path=path) from None
    values = {item.name: item for item in graph.initializer}
    names = [name for node in graph.node if node.op_type == "Conv" for name in node.input[1:3]]
    return [torch.from_numpy(numpy_helper.to_array(values[name]).astype("float32")) for name in names]
