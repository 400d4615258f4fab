"""A feature loss: distances between what SqueezeNet sees follow what people see better than pixels do.

Johnson et al., "Perceptual losses for real-time style transfer", 2016.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import torch
from torch import Tensor, nn

from .squeezenet import SqueezeNet

__all__ = ["Features"]

_DEPTHS = (1, 2, 4)  # of the seven: before each pooling, where the maps of a size have seen most
_CODES_PER_UNIT = 500.0  # a stop of ACEScct is about 30 code values of 255, as in a photograph around middle grey


class Features(nn.Module):
    """Feature distance of two pictures, N x 3 x H x W in ACEScct.

    `path` is SqueezeNet 1.1 in ONNX with BGR input; raises InputError where it is not that. Both pictures are
    taken relative to the target's mean, which makes the distance blind to exposure.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.network = SqueezeNet(path)

    def forward(self, result: Tensor, target: Tensor) -> Tensor:
        """mean |phi(a) - phi(b)| over three depths, each relative to the target's mean activation."""
        mean = target.mean(dim=(1, 2, 3), keepdim=True)
        made = self._seen((result - mean) * _CODES_PER_UNIT)
        with torch.no_grad():
            real = self._seen((target - mean) * _CODES_PER_UNIT)
        terms = [(a - b).abs().mean() / b.abs().mean().clamp(min=1e-6) for a, b in zip(made, real, strict=True)]
        return torch.stack(terms).sum()

    def _seen(self, picture: Tensor) -> list[Tensor]:
        maps = list(islice(self.network.activations(picture.flip(1)), max(_DEPTHS) + 1))
        return [maps[depth] for depth in _DEPTHS]
