"""Pairs of a picture and what became of it, made by looks and by effects: data for paired training.

Both are scene-linear half EXR: what an effect opens up beyond white is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from replate.catalogue import available, is_path
from replate.color import transform
from replate.errors import UsageError
from replate.frame import Frame
from replate.generator import Generator
from replate.media import open_sink, open_source
from replate.params import nearest

from .effects import EFFECTS, Effect
from .light import linear, scene
from .proxy import Array
from .split import lot
from .writing import Picture

__all__ = ["Augmentation", "Pair", "augmentations", "make_pairs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two files of a dataset, by paths inside of it: what the picture `of` shows, and what `by` made of that.

    `licences` are the picture's and the look's.
    """

    before: str
    after: str
    by: str
    of: str
    licences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """A way to make another picture of one; `licence` is that of the look, empty for effects."""

    name: str
    licence: str
    make: Effect


def augmentations(names: Sequence[str]) -> list[Augmentation]:
    """Effects by name, and looks by name or file; raises UsageError for a name that is neither."""
    return [_augmentation(name) for name in dict.fromkeys(names)]


def make_pairs(
    folder: Path, pictures: Sequence[Picture], by: Augmentation, *, share: float, seed: int
) -> Iterator[Pair]:
    """Pairs of a share of the pictures of the dataset in `folder`, at least one, in pairs/NAME/before and /after.

    Pictures are drawn by lot; the strength of an effect follows from the picture's name and the seed.
    """
    drawn = sorted(pictures, key=lambda each: lot(seed, by.name, each.file))[: max(1, round(share * len(pictures)))]
    for picture in sorted(drawn, key=lambda each: each.file):
        with open_source(str(folder / picture.file)) as source:
            before = linear(source.read(source.frames[0]))
        after = by.make(before, np.random.default_rng(lot(seed, by.name, picture.file)))
        paths = [f"pairs/{by.name}/{side}/{Path(picture.file).stem}.exr" for side in ("before", "after")]
        for path, light in zip(paths, (before, after), strict=True):
            _write(folder / path, light)
        licences = dict.fromkeys(filter(None, (picture.licence, by.licence)))
        yield Pair(before=paths[0], after=paths[1], by=by.name, of=picture.file, licences=tuple(licences))


def _augmentation(name: str) -> Augmentation:
    if name in EFFECTS:
        return Augmentation(name=name, licence="", make=EFFECTS[name])
    known = [*EFFECTS, *(look for look, _ in available())]
    if not is_path(name) and name not in known:
        raise UsageError(f"'{name}' is neither an effect nor a look{nearest(name, known)}", parameter="augment")
    look = Generator.load(name)
    look.check()
    return Augmentation(name=Path(name).stem, licence=look.card.licence or "not stated", make=_look(look))


def _look(look: Generator) -> Effect:
    space = transform(scene(), look.card.space)
    return lambda light, chance: look.apply(light, transform=space, confidence=False)[0]


def _write(path: Path, light: Array) -> None:
    with open_sink(str(path), bit_depth=16) as sink:
        sink.write(Frame.of(light, "RGB", space="", formats=("half",) * 3))
