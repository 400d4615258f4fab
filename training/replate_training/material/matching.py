"""Data for a look that an artist shows: frames of a shot, and what they should become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from torch import Tensor

from replate.errors import UsageError
from replate.frames import parse_frames
from replate.media import Source, open_source

from ..checkpoint import Data
from .data import Material, whole
from .pairing import Place, from_pairs, load_pair, split
from .shots import check_frames, picture, spread, successive
from .site import Site

__all__ = ["Matched"]

HOLD = 6  # of so many pairs one is held out; with fewer, every pair is worth more for learning
CLIP = 6  # successive frames that steadiness is measured on


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Pairs of frames by their place: the first of `before` with the first of `after`. `shown` unpaired frames of the
    shot are what the previews show."""

    shown: int = 4

    def __call__(
        self,
        site: Site,
        *,
        before: Annotated[list[str], typer.Option(help="Frames as they were shot: pictures, a sequence or a movie.")],
        after: Annotated[list[str], typer.Option(help="The same frames as they should be, in the same order.")],
        at: Annotated[str, typer.Option(help="Frames with a pair, 1001,1040, in sequences and movies; else all.")] = "",
        shot: Annotated[str, typer.Option(help="The shot, for previews of frames without a pair; else --before.")] = "",
        exposure: Annotated[float, typer.Option(min=0, max=6, help="Learn it at so many stops up and down.")] = 1.0,
    ) -> Material:
        """Crops of the pairs; previews and steadiness from frames that have no pair."""
        with ExitStack() as stack:
            plates, targets = ([stack.enter_context(open_source(path)) for path in paths] for paths in (before, after))
            places = _places(plates, targets, at)
            pairs = [load_pair(site, *place) for place in places]
            preview = stack.enter_context(open_source(shot)) if shot else plates[0]
            taken = {number for (source, number), _ in places if source.path == preview.path}
            unpaired = _unpaired(preview, taken, self.shown)
            clip = successive(preview, CLIP)
        site.say(f"{len(pairs)} pairs; previews of {len(unpaired)} frames without a pair")
        learnt, held = split(pairs, HOLD)
        takes = site.recipe.generator.takes
        shown = [whole(plate, takes=takes) for plate in unpaired]
        counts = Counter(Path(path).name for path in (*before, *after))
        data = (Data(name=name, licence=site.licence(name) or "not stated", files=n) for name, n in counts.items())
        return from_pairs(site, learnt, held, exposure=exposure, shown=shown, clip=clip, data=tuple(data))


def _places(before: Sequence[Source], after: Sequence[Source], at: str) -> list[tuple[Place, Place]]:
    """Which frame of what belongs to which frame of what."""
    if len(before) != len(after):
        raise UsageError(
            f"--before names {len(before)} and --after {len(after)}; give as many of one as of the other, in one order"
        )
    found = [place for one, other in zip(before, after, strict=True) for place in _between(one, other, at)]
    if not found:
        raise UsageError("--before and --after have no frame in common; name the frames of the pairs with --at")
    return found


def _between(one: Source, other: Source, at: str) -> Iterator[tuple[Place, Place]]:
    """The pairs of two files, sequences or movies; a still has one frame, whatever its number."""
    if one.still and other.still:
        yield (one, one.frames[0]), (other, other.frames[0])
        return
    there = [source for source in (one, other) if not source.still]
    numbers = parse_frames(at) if at else sorted(set.intersection(*(set(source.frames) for source in there)))
    if len(there) == 1 and len(numbers) != 1:
        raise UsageError(f"{(one, other)[one.still].path} has many frames, its partner one; say which with --at")
    for source in there:
        check_frames(source, numbers)
    yield from (((one, number), (other, number)) for number in numbers)


def _unpaired(source: Source, taken: set[int], count: int) -> list[Tensor]:
    """Frames of the shot that have no pair, evenly apart."""
    if source.still:
        return []
    free = [number for number in source.frames if number not in taken]
    return [picture(source, number) for number in spread(free, count)]
