"""Whole pictures that recipes begin with: plates to learn from, plates held out, pictures of a look."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from torch import Tensor

from replate.errors import InputError

from .data import Style
from .files import find, find_held
from .pictures import load
from .site import Site

__all__ = ["plates", "style"]

_HOLD = 16  # each so many plates one is held out for previews and metrics, where no dataset holds any out


def plates(
    site: Site, content: Sequence[Path], *, scales: Sequence[int], every: int, highlights: float, grey: bool = False
) -> tuple[list[Tensor], list[Tensor]]:
    """Plates to train on and plates held out, 3 x H x W in ACEScct, at every short side of `scales`.

    What a dataset holds out is held out, else every sixteenth plate. The rest is as of `pictures.load`. Raises
    InputError where no plate is large enough for a crop.
    """
    read = partial(load, every=every, grey=grey, highlights=highlights, smallest=site.recipe.crop, report=site.say)
    seen, apart = find(content), find_held(content)
    found, held = list[Tensor](), list[Tensor]()
    for short in scales:
        held += read(apart, short=short)
        for index, plate in enumerate(read(seen, short=short)):
            (held if not apart and index % _HOLD == _HOLD - 1 else found).append(plate)
    if not found:
        raise InputError(f"no plate has {site.recipe.crop} pixels on its short side; give larger pictures")
    return found, held


def style(site: Site, folders: Sequence[Path], *, short: int) -> Style:
    """Every picture of the look that holds a crop, at a short side of at most `short`; raises InputError for none."""
    smallest = site.recipe.crop
    found = [picture.half() for picture in load(find(folders), short=short, smallest=smallest, report=site.say)]
    if not found:
        raise InputError(f"no style picture has {smallest} pixels on its short side; give larger pictures")
    return Style(found)
