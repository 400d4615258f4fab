"""From pairs of frames to what a training is fed with: what all recipes share that learn from pairs."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from replate.errors import InputError
from replate.media import Source

from ..checkpoint import Data
from .data import Batch, Material
from .pairs import Pairs, PairSource
from .shots import picture, same_size
from .site import Site

__all__ = ["Pair", "Place", "from_pairs", "load_pair", "split"]

Place = tuple[Source, int]
Pair = tuple[Tensor, Tensor]
"""A plate and what it should become, 3 x H x W float16 in ACEScct."""


def load_pair(site: Site, before: Place, after: Place) -> Pair:
    """The frames at two places; raises InputError where they are of two sizes, or too small for the recipe's crops."""
    plate, target = (picture(*place) for place in (before, after))
    same_size(plate, target, f"{before[0].path} and {after[0].path}")
    height, width = plate.shape[-2:]
    if min(height, width) < site.recipe.crop:
        raise InputError(
            f"{before[0].path} is {width}x{height}, below the {site.recipe.crop} pixels that this recipe cuts out; "
            "give larger frames",
            path=before[0].path,
        )
    return plate.half(), target.half()


def split(pairs: Sequence[Pair], hold: int) -> tuple[list[Pair], list[Pair]]:
    """Pairs to learn from and pairs that are held out: of each `hold` the last."""
    held = [pair for index, pair in enumerate(pairs) if index % hold == hold - 1]
    return [pair for index, pair in enumerate(pairs) if index % hold != hold - 1], held


def from_pairs(
    site: Site,
    learnt: Sequence[Pair],
    held: Sequence[Pair],
    *,
    exposure: float,
    shown: Sequence[Batch] = (),
    clip: Sequence[Tensor] = (),
    data: tuple[Data, ...] = (),
) -> Material:
    """Crops of what is to be learnt, up to `exposure` stops up and down. Where nothing is to be `shown`, held-out pairs
    are, and without these the pairs themselves."""
    takes = site.recipe.generator.takes
    source = PairSource(
        pairs=_pairs(learnt),
        count=site.recipe.batch,
        crop=site.recipe.crop,
        margin=site.recipe.margin,
        stops=exposure,
        takes=takes,
    )
    examples = _pairs(held).examples(takes=takes)
    shown = shown or examples[:4] or source.pairs.examples(takes=takes)[:4]
    return Material(source=source, held=examples, shown=shown, clip=clip, data=data)


def _pairs(pairs: Sequence[Pair]) -> Pairs:
    return Pairs([plate for plate, _ in pairs], [target for _, target in pairs])
