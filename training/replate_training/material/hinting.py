"""Data for colour by hints: black-and-white plates, what an artist might tell about their colour, and the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import torch.nn.functional as F
import typer
from torch import Tensor

from replate.errors import InputError

from ..filters import blur
from ..networks.colorist import LUMINANCE, balanced
from ..space import expose, to_linear, to_log
from .data import Batch, Dice, Material, window
from .files import find, find_held
from .pictures import load
from .site import Site

__all__ = ["Coloured", "HintSource", "black_and_white", "chroma", "dense", "points"]

HOLD = 16  # each so many pictures one is held out for previews and metrics
COUNTS = (0, 5, 50)  # hint points of the held examples


@dataclass(frozen=True, slots=True, kw_only=True)
class Coloured:
    """Colour pictures, movies and folders of them; the network sees them black and white.

    `scales` are the short sides at which they are seen; of movies each `every`th frame is taken. `stops` are the
    exposures (-stops .. stops) and `highlights` is how far clipped light is opened up. `silent` and `moved` are the
    shares of crops without a hint and of those with a coloured frame moved over them; the others have points.
    """

    scales: tuple[int, ...] = (720, 400)
    every: int = 12
    stops: float = 3.0
    highlights: float = 2.0
    silent: float = 0.1
    moved: float = 0.35

    def __call__(
        self, site: Site, *, content: Annotated[list[Path], typer.Option(help="Colour pictures, movies or folders.")]
    ) -> Material:
        """Crops of pictures; what a dataset holds out is held out, else every sixteenth picture."""
        seen, apart = find(content), find_held(content)
        pictures, held = list[Tensor](), list[Tensor]()
        for scale in self.scales:
            for index, picture in enumerate(self._load(site, seen, scale)):
                if apart or index % HOLD != HOLD - 1:
                    pictures.append(picture)
                elif scale == self.scales[-1]:
                    held.append(picture)
        held += self._load(site, apart, self.scales[-1])
        if not pictures:
            raise InputError(f"no picture has {site.recipe.crop} pixels on its short side; give larger pictures")
        site.say(f"{len(pictures)} pictures to learn from, {len(held)} more are held out")
        source = HintSource(
            pictures=pictures,
            count=site.recipe.batch,
            crop=site.recipe.crop,
            stops=self.stops,
            silent=self.silent,
            moved=self.moved,
        )
        examples = {count: [_example(each, count, seed) for seed, each in enumerate(held)] for count in COUNTS}
        return Material(
            source=source,
            held=examples[COUNTS[-1]],
            also={f"with_{count}_hints": examples[count] for count in COUNTS[:-1]},
            shown=[examples[count][0] for count in COUNTS] if held else [],
            data=site.data(content),
        )

    def _load(self, site: Site, files: Sequence[Path], scale: int) -> Iterator[Tensor]:
        found = load(
            files,
            short=scale,
            every=self.every,
            highlights=self.highlights,
            smallest=site.recipe.crop,
            report=site.say,
        )
        return (picture.half() for picture in found)


@dataclass(frozen=True, slots=True, kw_only=True)
class HintSource:
    """Crops of `pictures`, 3 x H x W float16 in ACEScct; see `Coloured`."""

    pictures: Sequence[Tensor]
    count: int
    crop: int
    stops: float
    silent: float
    moved: float

    def batch(self, random: Dice) -> Batch:
        """Plates and hints, and the plates in their true colours."""
        examples = [self._one(random(f"crop {index}")) for index in range(self.count)]
        plates, hints, targets = (torch.stack(each) for each in zip(*examples, strict=True))
        return Batch((plates, hints), targets)

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """Nothing is played for."""
        raise NotImplementedError

    def _one(self, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        picture = self.pictures[int(torch.randint(len(self.pictures), (), generator=random))]
        truth = picture[(..., *window(picture, self.crop, random))].float()
        truth = expose(truth, self.stops * (2 * float(torch.rand((), generator=random)) - 1))
        colour, plate = chroma(truth), black_and_white(truth, random)
        kind = float(torch.rand((), generator=random))
        if kind < self.silent:
            hints = torch.zeros(4, *truth.shape[1:])
        elif kind < self.silent + self.moved:
            hints = dense(colour, random)
        else:
            count = int(torch.exp2(7 * torch.rand((), generator=random)))
            hints = points(colour, count, random)
        return plate, hints, plate + colour


def black_and_white(picture: Tensor, random: torch.Generator) -> Tensor:
    """A colour picture (3 x H x W in ACEScct) as a film sees it, three equal channels: half of the time by its
    luminance, else through a filter of any colour."""
    weights = torch.tensor(LUMINANCE)
    if torch.rand((), generator=random) < 0.5:
        filtered = weights * torch.rand(3, generator=random).square() + 0.02
        weights = filtered / filtered.sum()
    grey = (to_linear(picture).clamp(min=0) * weights.view(3, 1, 1)).sum(0, keepdim=True)
    return to_log(grey).expand(3, -1, -1)


def chroma(picture: Tensor) -> Tensor:
    """What is left of a picture (3 x H x W in ACEScct) without its luminance, the same at any exposure."""
    weights = torch.tensor(LUMINANCE).view(3, 1, 1)
    grey = to_log((to_linear(picture) * weights).sum(0, keepdim=True).clamp(min=0))
    return balanced((picture - grey)[None], weights[None])[0]


def points(colour: Tensor, count: int, random: torch.Generator) -> Tensor:
    """`count` round hints of 1 to 12 pixels' radius, each of the mean colour under it, a little off."""
    hints, (height, width) = torch.zeros(4, *colour.shape[1:]), colour.shape[1:]
    for _ in range(count):
        radius = float(torch.exp2(3.6 * torch.rand((), generator=random)))
        x, y = (float(side * torch.rand((), generator=random)) for side in (width, height))
        left, top = (max(0, int(at - radius)) for at in (x, y))
        part = (slice(top, int(y + radius) + 1), slice(left, int(x + radius) + 1))
        under = colour[(slice(None), *part)]
        rows = torch.arange(top, top + under.shape[1]).view(-1, 1)
        columns = torch.arange(left, left + under.shape[2])
        inside = ((rows - y).square() + (columns - x).square() <= radius**2).float()
        if inside.sum() == 0:
            inside = torch.ones_like(inside)
        mean = (under * inside).sum((1, 2)) / inside.sum() + 0.003 * torch.randn(3, generator=random)
        said = torch.cat([mean, torch.ones(1)]).view(4, 1, 1)
        hints[(slice(None), *part)] += inside * (said - hints[(slice(None), *part)])
    return hints


def dense(colour: Tensor, random: torch.Generator) -> Tensor:
    """A coloured frame as motion brings it over the plate: out of place by a pixel or two, in some places by many, with
    holes, and less sure the farther it comes from."""
    height, width = colour.shape[1:]
    off = 0.8 * _smooth(2, height, width, 24, random)
    far = _smooth(2, height, width, 24, random) * 10 * (_smooth(1, height, width, 16, random) > 1.6)
    y, x = torch.meshgrid(torch.arange(height) * 1.0, torch.arange(width) * 1.0, indexing="ij")
    where = torch.stack([2 * (x + off[0] + far[0]) / (width - 1) - 1, 2 * (y + off[1] + far[1]) / (height - 1) - 1], -1)
    moved = F.grid_sample(colour[None], where[None], padding_mode="border", align_corners=True)[0]
    level = 2.5 * float(torch.rand((), generator=random)) - 0.5
    kept = (_smooth(1, height, width, 20, random) < level).float()
    kept = kept * (_smooth(1, height, width, 3, random) < 1.5) * (0.3 + 0.7 * torch.rand((), generator=random))
    return torch.cat([moved * kept, kept])


def _smooth(channels: int, height: int, width: int, size: int, random: torch.Generator) -> Tensor:
    """Noise of standard deviation 1 with shapes of about `size` pixels."""
    coarse = torch.randn(1, channels, height // size + 4, width // size + 4, generator=random)
    soft = blur(coarse, 0.7)
    fine = F.interpolate(soft, size=(height, width), mode="bicubic")[0]
    return fine / fine.std().clamp(min=1e-3)


def _example(picture: Tensor, count: int, seed: int) -> Batch:
    """A whole picture with `count` points."""
    truth, random = picture.float(), torch.Generator().manual_seed(seed)
    colour = chroma(truth)
    grey = (truth - colour).mean(0, keepdim=True).expand(3, -1, -1)
    return Batch((grey[None], points(colour, count, random)[None]), (grey + colour)[None])
