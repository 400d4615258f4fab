"""From sources to a dataset: look at everything, choose, write, and say what was done."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from replate.errors import InputError, OutputError, UsageError
from replate.params import nearest

from ..material.files import MANIFEST
from .clips import Clip, find_clips
from .contact import write_sheets
from .manifest import contents, row
from .pairs import Augmentation, Pair, augmentations, make_pairs
from .report import Row, write_json, write_text
from .selection import Taken, select
from .settings import Settings
from .survey import Survey, survey
from .writing import Picture, Writer

__all__ = ["Dataset", "build"]

Tell = Callable[[float, str], None]
"""Told which share (0..1) of the work is done, and what is being worked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """What was made."""

    folder: Path
    rows: tuple[Row, ...]
    taken: tuple[Taken, ...]
    pictures: tuple[Picture, ...]
    pairs: tuple[Pair, ...]


def build(sources: Sequence[str], out: Path, settings: Settings, *, tell: Tell = lambda share, text: None) -> Dataset:
    """Make the folder `out`, which must not be there yet, or be empty; it appears when it is complete.

    Raises UsageError for a setting that cannot be, InputError for a source that is not there, and where nothing in the
    sources can be used. Files that cannot be used are left out; the rows of the result say so.
    """
    licences = _licences(sources, settings.licence or ())
    looks = augmentations(settings.augmentations)
    with _complete(out) as folder:
        surveys = list(_survey(find_clips(sources), settings, _within(tell, 0.0, 0.5)))
        if not any(each.shots for each in surveys):
            raise InputError(_nothing(surveys))
        taken = select([shot for each in surveys for shot in each.shots], share=settings.validation)
        writer = Writer(folder, short=settings.short, licence=lambda source: licences.get(source, "not stated"))
        pictures = list(writer.write(taken, _within(tell, 0.5, 0.8)))
        if not pictures:
            raise InputError(_nothing(surveys))
        pairs = list(_pairs(folder, pictures, looks, settings, _within(tell, 0.8, 1.0)))
        rows = [row(each, taken, writer.failed) for each in surveys]
        write_sheets(writer.strips, folder)
        write_text(rows, folder / "report.txt")
        write_json(contents(settings, rows, taken, pictures, pairs), folder / MANIFEST)
    return Dataset(folder=out, rows=tuple(rows), taken=tuple(taken), pictures=tuple(pictures), pairs=tuple(pairs))


def _survey(clips: Sequence[Clip], settings: Settings, tell: Tell) -> Iterator[Survey]:
    for index, (clip, name) in enumerate(zip(clips, _names(clips), strict=True)):

        def look(share: float, index: int = index, clip: Clip = clip) -> None:
            tell((index + share) / len(clips), f"looking at {Path(clip.path).name}")

        yield survey(clip, name=name, every=settings.every, smallest=settings.smallest, tell=look)


def _within(tell: Tell, start: float, end: float) -> Tell:
    """A stage of the work, as the share of the whole that it usually takes."""
    return lambda share, text: tell(start + share * (end - start), text)


def _pairs(
    folder: Path, pictures: Sequence[Picture], looks: Sequence[Augmentation], settings: Settings, tell: Tell
) -> Iterator[Pair]:
    train = [picture for picture in pictures if picture.split == "train"]
    for index, look in enumerate(looks):
        for done, pair in enumerate(make_pairs(folder, train, look, share=settings.share, seed=settings.seed), 1):
            share = done / (settings.share * len(train) + 1)
            tell((index + min(share, 1)) / len(looks), f"pairs by {look.name}")
            yield pair


def _names(clips: Sequence[Clip]) -> Iterator[str]:
    """What files of a clip begin with: letters, digits and underscores, each name once, in capitals or not."""
    used = dict[str, int]()
    for clip in clips:
        name = re.sub(r"\W+", "_", clip.name).strip("_") or "clip"
        used[name.casefold()] = count = used.get(name.casefold(), 0) + 1
        yield name if count == 1 else f"{name}-{chr(96 + count) if count < 27 else count}"


def _licences(sources: Sequence[str], given: Sequence[str]) -> dict[str, str]:
    """The licence of each source that has one; SOURCE is its path, or the last word of that."""
    found = dict[str, str]()
    for item in given:
        name, equals, licence = item.partition("=")
        mine = [source for source in sources if name in (source, source.rstrip("/"), Path(source).name)]
        if not equals or not mine:
            hint = nearest(name, [Path(source).name for source in sources])
            raise UsageError(f"--licence {item} is not SOURCE=LICENCE of a source{hint}", parameter="licence")
        found |= dict.fromkeys(mine, licence)
    return found


@contextmanager
def _complete(out: Path) -> Iterator[Path]:
    """A hidden folder beside `out` that gets its name when all went well, and vanishes else."""
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise UsageError(f"{out} is there already; choose another --out, or delete it", parameter="out")
    part = out.parent / f".{out.name}.part"
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        if out.is_dir():
            out.rmdir()
        part.replace(out)
    except OSError as error:
        raise OutputError(f"the dataset {out} cannot be written: {error.strerror or error}", path=out) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _nothing(surveys: Sequence[Survey]) -> str:
    first = next((f"; {Path(each.clip.path).name}: {each.notes[0]}" for each in surveys if each.notes), "")
    return f"none of the {len(surveys)} sources holds a picture that can be used{first}"
