"""SqueezeNet 1.1 as an eye: distances between its features follow what people see better than pixels do.

The weights come from an ONNX file on disk (BSD licence), so nothing is downloaded and no other format is trusted.
Iandola et al., "SqueezeNet", 2016; as a loss: Johnson et al., "Perceptual losses for real-time style transfer", 2016.
"""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
import torch.nn.functional as F
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper
from torch import Tensor, nn

from replate.errors import InputError

__all__ = ["Features"]

_FIRES_AFTER_POOL = (2, 2, 2)  # fires between poolings: 2 and 3, 4 and 5, 6 and 7
_CODES_PER_UNIT = 500.0  # a stop of ACEScct is about 30 code values of 255, as in a photograph around middle grey


class Features(nn.Module):
    """Feature distance of two pictures, N x 3 x H x W in ACEScct.

    `path` is SqueezeNet 1.1 in ONNX with BGR input; raises InputError where it is not that. Both pictures are
    taken relative to the target's mean, which makes the distance blind to exposure.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        weights = _conv_weights(path)
        if len(weights) < 2 * (1 + 3 * sum(_FIRES_AFTER_POOL)):
            raise InputError(f"{path} has too few convolutions for SqueezeNet 1.1; leave --features away", path=path)
        for index, weight in enumerate(weights):
            self.register_buffer(f"weight_{index}", weight)

    def forward(self, result: Tensor, target: Tensor) -> Tensor:
        """mean |phi(a) - phi(b)| over three depths, each relative to the target's mean activation."""
        mean = target.mean(dim=(1, 2, 3), keepdim=True)
        made = self._stages((result - mean) * _CODES_PER_UNIT)
        with torch.no_grad():
            real = self._stages((target - mean) * _CODES_PER_UNIT)
        terms = [(a - b).abs().mean() / b.abs().mean().clamp(min=1e-6) for a, b in zip(made, real, strict=True)]
        return torch.stack(terms).sum()

    def _stages(self, picture: Tensor) -> list[Tensor]:
        maps, index = [], 1
        x = F.relu(self._convolve(picture.flip(1), 0, stride=2))
        for count in _FIRES_AFTER_POOL:
            x = F.max_pool2d(x, 3, stride=2, ceil_mode=True)
            for _ in range(count):
                x, index = self._fire(x, index), index + 3
            maps.append(x)
        return maps

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
        raise InputError(f"the feature network {path} cannot be read: {error}", path=path) from None
    values = {item.name: item for item in graph.initializer}
    names = [name for node in graph.node if node.op_type == "Conv" for name in node.input[1:3]]
    return [torch.from_numpy(numpy_helper.to_array(values[name]).astype("float32")) for name in names]
