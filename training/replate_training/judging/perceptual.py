"""How different two pictures look, as a figure: the distance that LPIPS is made of, without its calibration.

Zhang et al., "The unreasonable effectiveness of deep features as a perceptual metric", 2018, equation 1 with all
weights equal, which they show to be nearly as close to people's judgement as the calibrated one. The calibration that
is published belongs to other weights of SqueezeNet, trained apart from those that `--features` names: with it on these,
two pictures of noise come out 0.15 apart where the published figure is 0.10. So it would be no LPIPS, only called so.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..space import to_display
from .squeezenet import SqueezeNet

__all__ = ["Perceptual"]

_MEAN_BGR = (104.0, 117.0, 123.0)


class Perceptual(nn.Module):
    """Perceptual distance of two pictures, N x 3 x H x W in ACEScct, compared as they are shown (sRGB): 0 where they
    look the same, towards 1 where they have nothing in common.

    `path` is SqueezeNet 1.1 in ONNX with BGR input; raises InputError where it is not that.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.network = SqueezeNet(path)

    def forward(self, result: Tensor, target: Tensor) -> Tensor:
        """mean over seven depths and all places of 1 - cos(phi(a), phi(b)); a number for the whole batch."""
        pairs = zip(self._seen(result), self._seen(target), strict=True)
        return torch.stack([_apart(made, real) for made, real in pairs]).mean()

    def _seen(self, picture: Tensor) -> list[Tensor]:
        codes = 255 * to_display(picture).flip(1) - torch.tensor(_MEAN_BGR).view(3, 1, 1)
        return list(self.network.activations(codes))


def _apart(made: Tensor, real: Tensor) -> Tensor:
    # Half the squared distance of unit vectors rather than 1 - cos: exactly 0 for equals.
    difference = F.normalize(made, dim=1, eps=1e-4) - F.normalize(real, dim=1, eps=1e-4)
    return 0.5 * difference.square().sum(1).mean()
