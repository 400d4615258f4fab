"""The plain relative that `match` is measured against: a U-Net and a PatchGAN, trained by the same loop on the same
pairs (Isola et al., "Image-to-image translation with conditional adversarial networks", 2017).

    python benchmarks/pix2pix.py OUT MINUTES BEFORE... -- AFTER...

As in the paper: eight halvings, skips, crops of 256, batches of one (so that batch normalisation is instance
normalisation), 100 : 1 between L1 and the game from the first step on. Half of its channels, because five minutes on a
processor are short. It works in ACEScct like everything here.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from replate_training import networks
from replate_training.judging.lesson import Paired
from replate_training.loop import session
from replate_training.loop.run import Run
from replate_training.material.matching import Matched
from replate_training.networks import Architecture
from replate_training.recipe import Adversary, Recipe, Schedule

__all__ = ["UNet", "register"]

_CHANNELS = (32, 64, 128, 256, 256, 256, 256, 256)


class UNet(nn.Module):
    """N x 3 x H x W to the same; borders repeat up to the next multiple of 256."""

    takes: ClassVar[tuple[str, ...]] = ("plate",)

    def __init__(self) -> None:
        super().__init__()
        inputs = (3, *_CHANNELS)
        # Neither the first layer nor the deepest, which has one pixel of a crop, is normalised.
        self.down = nn.ModuleList(
            _halve(*pair, plain=i in (0, 7)) for i, pair in enumerate(zip(inputs, _CHANNELS, strict=False))
        )
        outputs = (*reversed(_CHANNELS[:-1]), 3)
        # Each layer but the deepest takes its skip as well.
        wide = [_CHANNELS[-1], *(2 * each for each in outputs[:-1])]
        self.up = nn.ModuleList(_double(*pair) for pair in zip(wide, outputs, strict=True))

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        x, skips = F.pad(x, (0, -width % 256, 0, -height % 256), mode="replicate"), []
        for layer in self.down:
            x = layer(x)
            skips.append(x)
        for layer, skip in zip(self.up, [None, *reversed(skips[:-1])], strict=True):
            x = layer(x if skip is None else torch.cat([x, skip], 1))
        return x[..., :height, :width]


def _halve(inputs: int, outputs: int, *, plain: bool) -> nn.Module:
    norm: nn.Module = nn.Identity() if plain else nn.GroupNorm(outputs, outputs)
    return nn.Sequential(nn.Conv2d(inputs, outputs, 4, 2, 1), norm, nn.LeakyReLU(0.2))


def _double(inputs: int, outputs: int) -> nn.Module:
    grown = nn.ConvTranspose2d(inputs, outputs, 4, 2, 1)
    return grown if outputs == 3 else nn.Sequential(grown, nn.GroupNorm(outputs, outputs), nn.ReLU())


RECIPE = Recipe(
    name="pix2pix",
    title="pix2pix",
    description="The baseline of the benchmark.",
    data=Matched(),
    generator=Architecture(family="unet"),
    lesson=Paired(pixels=1.0, edges=0.0, features=0.0, steady=0.0),
    adversary=Adversary(objective="classic", weight=0.01),
    crop=256,
    margin=0,
    batch=1,
    rate=2e-4,
    schedule=Schedule(judge=0.0, play=0.0),
)


def register() -> None:
    """Let checkpoints name the network."""
    networks.FAMILIES = {**networks.FAMILIES, "unet": UNet}


def main() -> None:
    """Train it."""
    register()
    out, minutes, *paths = sys.argv[1:]
    middle = paths.index("--")
    given = {"before": paths[:middle], "after": paths[middle + 1 :], "exposure": 0.0}
    session.run(RECIPE, Run(out=Path(out), minutes=float(minutes), precision="fp32"), given)


if __name__ == "__main__":
    main()
