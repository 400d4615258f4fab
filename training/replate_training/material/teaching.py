"""Data for a look that a classical process teaches: plates, the teacher's results, pictures of the look itself."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from replate.errors import InputError, reason

from .data import Material
from .pairs import Pairs, PairSource
from .plates import plates as load_plates
from .plates import style as load_style
from .site import Site

__all__ = ["Taught", "teach"]

Teacher = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """Pictures, movies and folders of them, and what `teacher` (N x 3 x H x W in ACEScct, to the same) makes of them.

    `scales` are the short sides at which plates are seen; of movies each `every`th frame is taken, and `grey` takes
    the colour out. `stops` are the exposures (-stops .. stops) and `highlights` is how far clipped light is opened up.
    `share` of what the critic calls real are pictures of the style, at `style_scale`.
    """

    teacher: Teacher
    scales: tuple[int, ...] = (720, 400)
    style_scale: int = 400
    every: int = 12
    grey: bool = False
    stops: float = 4.0
    highlights: float = 2.0
    share: float = 0.0

    def __call__(
        self,
        site: Site,
        *,
        content: Annotated[list[Path], typer.Option(help="Plates: pictures, movies or folders.")],
        style: Annotated[list[Path] | None, typer.Option(help="Pictures of the look itself, for the critic.")] = None,
    ) -> Material:
        """Crops of plates and targets; what a dataset holds out is held out, else every sixteenth plate."""
        pairs, held = self._pairs(site, content)
        source = PairSource(
            pairs=pairs,
            count=site.recipe.batch,
            crop=site.recipe.crop,
            margin=site.recipe.margin,
            stops=self.stops,
            style=load_style(site, style, short=self.style_scale) if style else None,
            share=self.share,
        )
        examples = held.examples()
        return Material(source=source, held=examples, shown=examples[:4], data=site.data([*content, *(style or ())]))

    def _pairs(self, site: Site, content: Sequence[Path]) -> tuple[Pairs, Pairs]:
        """Pairs to train on and pairs that are held out, at every scale."""
        plates, held = load_plates(
            site, content, scales=self.scales, every=self.every, highlights=self.highlights, grey=self.grey
        )
        site.say(f"{self.teacher.__name__} teaches {len(plates)} plates, {len(held)} more are held out")
        cache = site.folder / "taught"
        return teach(plates, self.teacher, cache=cache), teach(held or plates[:1], self.teacher, cache=cache)


def teach(plates: Sequence[Tensor], teacher: Teacher, *, cache: Path) -> Pairs:
    """Pairs from plates (3 x H x W in ACEScct); what this very teacher made before is read from `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    key = _source(teacher)
    targets = [_taught(plate, teacher, cache, key) for plate in plates]
    return Pairs([plate.half() for plate in plates], targets)


def _source(teacher: Teacher) -> str:
    """The teacher's module and those beside it, without comments and layout: another teacher, another cache."""
    folder = Path(inspect.getfile(teacher)).parent
    return "".join(ast.unparse(ast.parse(path.read_text())) for path in sorted(folder.glob("*.py")))


def _taught(plate: Tensor, teacher: Teacher, cache: Path, key: str) -> Tensor:
    digest = hashlib.sha256(key.encode() + plate.half().numpy().tobytes()).hexdigest()[:24]
    path = cache / f"{digest}.safetensors"
    if path.exists():
        return _cached(path)
    with torch.no_grad():
        target = teacher(plate[None])[0].half()
    part = path.with_suffix(".part")
    save_file({"target": target.contiguous()}, part)
    part.replace(path)
    return target


def _cached(path: Path) -> Tensor:
    try:
        return load_file(path)["target"]
    except (OSError, SafetensorError, KeyError) as error:
        raise InputError(f"the cached target {path} is damaged ({reason(error)}); delete it and start again") from None
