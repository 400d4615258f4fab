"""A look that nobody made for these plates: pictures of the look on one side, plates on the other, no pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from ..space import expose
from .data import Batch, Dice, Material, Style, place, whole, window
from .plates import plates as load_plates
from .plates import style as load_style
from .site import Site

__all__ = ["Styled", "Unpaired", "UnpairedSource"]


@dataclass(frozen=True, slots=True)
class Styled(Batch):
    """Plates, and pictures of the look that show something else: as many, without the margin of crops."""

    style: Tensor = field(kw_only=True)

    def placed(self, device: torch.device) -> Styled:
        """The same on a device, laid out for convolutions."""
        return Styled(tuple(place(each, device) for each in self.inputs), style=place(self.style, device))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpairedSource:
    """Crops of `plates` (3 x H x W float16 in ACEScct), exposed by -stops .. stops, beside crops of `style`."""

    plates: Sequence[Tensor]
    style: Style
    count: int
    crop: int
    margin: int
    stops: float

    def batch(self, random: Dice) -> Styled:
        """Crops of this step."""
        picks = torch.randint(len(self.plates), (self.count,), generator=random("plates")).tolist()
        places = random("crops")
        crops = [self.plates[pick][(..., *window(self.plates[pick], self.crop, places))].float() for pick in picks]
        gain = self.stops * (2 * torch.rand(self.count, 1, 1, 1, generator=random("light")) - 1)
        style = self.style.batch(count=self.count, crop=self.crop - 2 * self.margin, random=random("style"))
        return Styled((expose(torch.stack(crops), gain),), style=style)

    def real(self, batch: Batch, random: Dice) -> Tensor:
        """The pictures of the look."""
        assert isinstance(batch, Styled)
        return batch.style


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpaired:
    """Plates and pictures of a look. `scales` are the short sides at which plates are seen; of movies each `every`th
    frame is taken. `stops` are the exposures (-stops .. stops), `highlights` is how far clipped light is opened up."""

    scales: tuple[int, ...] = (640, 360)
    every: int = 12
    stops: float = 3.0
    highlights: float = 2.0

    def __call__(
        self,
        site: Site,
        *,
        content: Annotated[list[Path], typer.Option(help="Plates: pictures, movies or folders.")],
        style: Annotated[list[Path], typer.Option(help="Pictures of the look: one is enough.")],
        size: Annotated[
            int, typer.Option(min=64, help="Short side at which the look's pictures are taken; larger, larger strokes.")
        ] = 480,
    ) -> Material:
        """Crops of plates and of the look; plates that are held out are shown."""
        look = load_style(site, style, short=size)
        plates, held = load_plates(site, content, scales=self.scales, every=self.every, highlights=self.highlights)
        source = UnpairedSource(
            plates=[plate.half() for plate in plates],
            style=look,
            count=site.recipe.batch,
            crop=site.recipe.crop,
            margin=site.recipe.margin,
            stops=self.stops,
        )
        shown = [whole(plate, takes=("plate",)) for plate in (held or plates[:1])]
        site.say(f"{len(look.pictures)} pictures of the look, {len(plates)} plates, {len(held)} more are held out")
        return Material(source=source, shown=shown[:4], data=site.data([*content, *style]))
