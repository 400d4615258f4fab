"""Data for a look that two folders show: pictures, and under the same names what they should become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from replate.errors import InputError
from replate.media import open_source

from .data import Material
from .files import STILLS
from .pairing import Pair, from_pairs, load_pair, split
from .site import Site

__all__ = ["Folders"]

HOLD = 16  # of so many pairs one is held out for previews and metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Pictures of two folders that have the same name, whatever their format, in the same sub-folder."""

    def __call__(
        self,
        site: Site,
        *,
        before: Annotated[Path, typer.Option(help="A folder of pictures.")],
        after: Annotated[Path, typer.Option(help="A folder of what they should become, under the same names.")],
        exposure: Annotated[float, typer.Option(min=0, max=6, help="Learn it at so many stops up and down.")] = 1.0,
    ) -> Material:
        """Crops of the pairs; every sixteenth is held out. What has no partner or cannot be read is named and left
        out."""
        pairs = list(_readable(site, _listed(before), _listed(after)))
        if not pairs:
            raise InputError(f"{before} and {after} have no pair that can be used; give both the same file names")
        learnt, held = split(pairs, HOLD)
        site.say(f"{len(learnt)} pairs to learn from, {len(held)} held out")
        return from_pairs(site, learnt, held, exposure=exposure, data=site.data([before, after]))


def _listed(folder: Path) -> Mapping[str, Path]:
    """The pictures of a folder by their name without its ending."""
    if not folder.is_dir():
        raise InputError(f"'{folder}' is not a folder; name one with pictures in it", path=folder)
    files = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in STILLS)
    return {str(path.relative_to(folder).with_suffix("")): path for path in files if not path.name.startswith(".")}


def _readable(site: Site, before: Mapping[str, Path], after: Mapping[str, Path]) -> Iterator[Pair]:
    for name in sorted({*before, *after}):
        if name not in before or name not in after:
            site.say(f"{name} has no partner, left out")
            continue
        try:
            with open_source(str(before[name])) as plate, open_source(str(after[name])) as target:
                yield load_pair(site, (plate, plate.frames[0]), (target, target.frames[0]))
        except InputError as error:
            site.say(str(error))
