"""Data for a fill: pictures with holes that are known only in part, and what is really there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import OpenImageIO as oiio
import torch
import torch.nn.functional as F
import typer
from torch import Tensor

from replate.errors import InputError

from ..filters import blur
from ..judging.filled import figures
from ..space import expose
from .data import Batch, Dice, Material, dice, window
from .files import STILLS, find
from .holes import Cutouts, draw
from .plates import plates as load_plates
from .pyramid import pyramid_fill
from .site import Site

__all__ = ["FillSource", "Holed", "Holes"]

_CPU = torch.device("cpu")
_EXAMPLES = 16  # held-out crops on which figures are measured


@dataclass(frozen=True, slots=True)
class Holed(Batch):
    """Plates with their holes filled smoothly, the holes, and chance; the critic's opinion counts in the holes."""

    def placed(self, device: torch.device) -> Holed:
        """The same on a device, laid out for convolutions."""
        plain = Batch(self.inputs, self.target).placed(device)
        return Holed(plain.inputs, plain.target)

    @property
    def counts(self) -> Tensor | None:
        """The holes."""
        return self.inputs[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSource:
    """Crops of `pictures`, 3 x H x W float16 in ACEScct, with holes in them; drawn where `device` says.

    Plates are exposed by -stops .. stops; `grainy` is the share that has grain, up to `grain` in ACEScct, which the
    target has outside the hole only: grain is matched after the fill. Of a share of `found` a part of the hole is known
    as a search in other frames would know it: out of place by up to `slip` pixels, a little soft, with another grain
    and exposure, and not always wholly trusted. With `cutouts` every other hole has such an outline.
    """

    pictures: Sequence[Tensor]
    count: int
    crop: int
    margin: int
    stops: float = 3.0
    grainy: float = 0.6
    grain: float = 0.02
    found: float = 0.3
    slip: float = 1.5
    cutouts: Cutouts | None = None
    device: torch.device = _CPU

    def on(self, device: torch.device) -> FillSource:
        """The same with its pictures on a device, where it will work."""
        return replace(self, pictures=[picture.to(device) for picture in self.pictures], device=device)

    def batch(self, random: Dice) -> Holed:
        """Plates with filled holes, holes, chance, and the truth."""
        truth = self._crops(random)
        seen, hole = self._grained(truth, random, "grain"), self._holes(random)
        part, trust = self._known(hole, random)
        moved = self._grained(self._moved(truth, random), random, "their grain")
        plate = torch.where(part, moved, seen)
        hole = torch.where(part, hole * (1 - trust), hole)
        plate = pyramid_fill(plate, hole)
        chance = torch.randn(hole.shape, generator=self._here(random("chance")), device=self.device)
        return Holed((plate, hole, chance), plate + hole * (truth - plate))

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """The truth, without the margin."""
        assert batch.target is not None
        edge = slice(self.margin, -self.margin or None)
        return batch.target[..., edge, edge]

    def _crops(self, random: Dice) -> Tensor:
        """Pictures of this step, half of them mirrored, at any exposure."""
        places, picks = random("crops"), torch.randint(len(self.pictures), (self.count,), generator=random("plates"))
        chosen = (self.pictures[pick] for pick in picks.tolist())
        crops = torch.stack([each[(..., *window(each, self.crop, places))] for each in chosen]).float()
        mirrored = self._chances(random("mirror")) < 0.5
        crops = torch.where(mirrored, crops.flip(-1), crops)
        return expose(crops, self.stops * (2 * self._chances(random("light")) - 1))

    def _holes(self, random: Dice) -> Tensor:
        holes = draw(self.count, random).on(self.crop, self.device)
        if self.cutouts is not None:
            holes[::2] = self.cutouts.on(self.crop, self.device, len(holes[::2]), random("cutouts"))
        return holes

    def _grained(self, picture: Tensor, random: Dice, stream: str) -> Tensor:
        """With grain of any size up to two pixels, on some."""
        chance = random(stream)
        amount = self.grain * self._chances(chance) * (self._chances(chance) < self.grainy)
        fine = torch.randn(picture.shape, generator=self._here(chance), device=self.device)
        soft = 2.2 * blur(fine, 0.7)
        return picture + amount * torch.where(self._chances(chance) < 0.5, fine, soft)

    def _moved(self, truth: Tensor, random: Dice) -> Tensor:
        """The truth as another frame shows it: out of place, softer, in slightly other light."""
        chance = random("found")
        off = 2 * self.slip / self.crop * (2 * torch.rand(self.count, 2, 1, generator=chance) - 1)
        theta = torch.cat([torch.eye(2).expand(self.count, 2, 2), off], 2).to(self.device)
        grid = F.affine_grid(theta, list(truth.shape), align_corners=False)
        moved = F.grid_sample(truth, grid, padding_mode="border", align_corners=False)
        return moved + 0.006 * torch.randn(self.count, 1, 1, 1, generator=chance).to(self.device)

    def _known(self, hole: Tensor, random: Dice) -> tuple[Tensor, Tensor]:
        """Where a part of the hole was found (N x 1 x H x W), and how far that is trusted (N x 1 x 1 x 1)."""
        chance = random("search")
        some = self._chances(chance) < self.found
        level = 1.2 * torch.randn(self.count, 1, 1, 1, generator=chance).to(self.device)
        coarse = torch.randn(self.count, 1, 8, 8, generator=chance).to(self.device)
        patches = F.interpolate(coarse, size=hole.shape[-2:], mode="bicubic")
        trust = (0.4 + self._chances(chance)).clamp(max=1)
        return some & (patches > level) & (hole > 0), trust

    def _chances(self, random: torch.Generator) -> Tensor:
        return torch.rand(self.count, 1, 1, 1, generator=random).to(self.device)

    def _here(self, random: torch.Generator) -> torch.Generator:
        """A generator for the device, which follows from one for numbers."""
        seed = int(torch.randint(2**62, (), generator=random))
        return torch.Generator(self.device).manual_seed(seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holes:
    """Pictures and movies with holes drawn into them. `scales` are the short sides at which they are seen; of movies
    each `every`th frame is taken. `highlights` (stops) is how far clipped light is opened up."""

    scales: tuple[int, ...] = (1080, 480)
    every: int = 12
    highlights: float = 2.0

    def __call__(
        self,
        site: Site,
        *,
        content: Annotated[list[Path], typer.Option(help="Pictures, movies or folders of what may lie in a hole.")],
        cutouts: Annotated[Path | None, typer.Option(help="Cut-outs with alpha: more outlines of holes.")] = None,
        crops: Annotated[int, typer.Option(min=1, help="So many crops a step; a GPU takes 32 or more.")] = 8,
    ) -> Material:
        """Crops of pictures; what a dataset holds out is held out, else every sixteenth picture."""
        pictures, held = load_plates(site, content, scales=self.scales, every=self.every, highlights=self.highlights)
        outlines = None if cutouts is None else Cutouts(list(_alphas(cutouts, site.say)))
        source = FillSource(
            pictures=[picture.half() for picture in pictures],
            count=crops,
            crop=site.recipe.crop,
            margin=site.recipe.margin,
            cutouts=outlines,
        )
        site.say(f"{len(pictures)} pictures to learn from, {len(held)} more are held out")
        examples = _examples(replace(source, pictures=[picture.half() for picture in held or pictures[:1]]))
        return Material(
            source=source,
            held=examples,
            shown=examples[:6],
            data=site.data([*content, *([cutouts] if cutouts else [])]),
            figures=lambda look: figures(look, examples),
        )


def _examples(source: FillSource) -> list[Batch]:
    """Crops of what is held out, without grain and with nothing found: what counts is what is invented."""
    plain = replace(source, count=_EXAMPLES, grainy=0.0, found=0.0, stops=0.0)
    batch = plain.batch(lambda stream: dice(0, 0, stream))
    assert batch.target is not None
    rows = zip(*batch.inputs, batch.target, strict=True)
    return [Holed(tuple(each[None] for each in inputs), target[None]) for *inputs, target in rows]


def _alphas(folder: Path, report: Callable[[str], None]) -> Sequence[Tensor]:
    """The alphas of the pictures in a folder, at most 256 pixels wide and high; InputError where none has one."""
    found = []
    for path in find([folder]):
        image = oiio.ImageBuf(str(path))
        pixels = image.get_pixels(oiio.FLOAT) if path.suffix.lower() in STILLS else None
        if pixels is None or pixels.shape[-1] not in (2, 4):
            report(f"{path.name} has no alpha, left out")
            continue
        alpha = torch.from_numpy(np.ascontiguousarray(pixels[..., -1]))[None, None]
        found.append(F.interpolate(alpha, scale_factor=min(1, 256 / max(alpha.shape)), mode="area")[0])
    if not found:
        raise InputError(f"no picture in {folder} has alpha; give cut-outs on transparent", path=folder)
    return found
