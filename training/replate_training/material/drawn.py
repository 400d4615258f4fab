"""Data for generators that make pictures from noise: pictures to be like, and nothing to start from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from torch import Tensor

from replate.errors import InputError, UsageError
from replate.picture.noise import noise

from ..space import to_display
from .data import Batch, Dice, Material, Style, dice
from .files import find
from .pictures import load
from .site import Site

__all__ = ["Drawn", "NoiseSource", "diversity"]

SIZES = (32, 64, 128)
_SLACK = 1.125  # how much larger than the crop a whole frame is kept, so that crops differ a little
_ROW, _ROWS = 8, 3  # previews: seeds 0..23, and the way from seed 0 to seed 1
_COMPARED = 64  # pictures whose distances tell how diverse they are


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseSource:
    """`count` vectors of `length` Gaussian numbers, N x length; what is real are crops of `pictures`, half of them
    mirrored where `mirror` says so."""

    pictures: Style
    count: int
    length: int
    size: int
    mirror: bool = True

    def batch(self, random: Dice) -> Batch:
        """Noise of this step."""
        return Batch((torch.randn(self.count, self.length, generator=random("noise")),))

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """As many pictures as there is noise."""
        crops = self.pictures.batch(count=len(batch.inputs[0]), crop=self.size, random=random("real"))
        if not self.mirror:
            return crops
        turned = torch.rand(len(crops), 1, 1, 1, generator=random("mirror")) < 0.5
        return torch.where(turned, crops.flip(-1), crops)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Pictures, movies and folders of them, of which a generator of `noise` numbers shall make more. Of movies each
    `every`th frame is taken."""

    noise: int = 128
    every: int = 12
    mirror: bool = True

    def __call__(
        self,
        site: Site,
        *,
        pictures: Annotated[list[Path], typer.Option(help="What to make more of: pictures, movies or folders.")],
        size: Annotated[int, typer.Option(help="Width and height of what is made: 32, 64 or 128.")] = 64,
        zoom: Annotated[float, typer.Option(min=1.0, help="1: whole frames; 4: crops of a quarter of a frame.")] = 1.0,
    ) -> Material:
        """Noise and crops; previews show the pictures of seeds 0 to 23, and the way from seed 0 to seed 1."""
        if size not in SIZES:
            raise UsageError(f"size must be one of {', '.join(map(str, SIZES))}, not {size}", parameter="size")
        found = Style([each.half() for each in self._pictures(site, pictures, size, zoom)])
        if not found.pictures:
            raise InputError(f"no picture has {size} pixels on its short side; give larger pictures")
        site.say(f"{len(found.pictures)} pictures to be like, at {size}x{size}")
        source = NoiseSource(pictures=found, count=site.recipe.batch, length=self.noise, size=size, mirror=self.mirror)
        return Material(
            source=source,
            shown=[Batch((row,)) for row in _seeds(self.noise)],
            data=site.data(pictures),
            options={"size": size},
            figures=_measure(source),
        )

    def _pictures(self, site: Site, sources: list[Path], size: int, zoom: float) -> Iterator[Tensor]:
        short = round(size * zoom * _SLACK)
        return load(find(sources), short=short, every=self.every, smallest=size, report=site.say)


def _seeds(length: int) -> list[Tensor]:
    """Rows of noise as the Effect node makes it from seeds."""
    rows = [np.arange(_ROW) + row * _ROW for row in range(_ROWS)] + [np.linspace(0, 1, _ROW)]
    return [torch.from_numpy(np.concatenate([noise(float(seed), length) for seed in row])) for row in rows]


def _measure(source: NoiseSource) -> Callable[[Callable[..., Tensor]], Mapping[str, float]]:
    """A function that tells how diverse a generator's pictures are, as a share of how diverse the data is."""
    random = dice(0, 0, "diversity")
    z = torch.randn(_COMPARED, source.length, generator=random)
    real = diversity(source.pictures.batch(count=_COMPARED, crop=source.size, random=random))

    def measure(look: Callable[..., Tensor]) -> Mapping[str, float]:
        with torch.no_grad():
            return {"diversity": diversity(look(z)) / max(real, 1e-9)}

    return measure


def diversity(pictures: Tensor) -> float:
    """Mean distance (root mean square in sRGB 0..1) of any two of N pictures, N x 3 x H x W in ACEScct: 0 where a
    generator makes one picture only, whatever it is given."""
    flat = to_display(pictures).flatten(1)
    return float(torch.pdist(flat).mean()) / math.sqrt(flat.shape[1])
