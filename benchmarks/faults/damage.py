"""Damaged files: what is read is right, or one sentence says why not; no crash, no hang, no memory without end.

Each file is changed, read in a forked process with 1 GiB to spare and 5 s of processor time, and compared with what the
whole file gives. "another" in a row counts changes that the format has no checksum for: what was read is valid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from random import Random

from . import Row, Trial
from .attempting import Outcome, attempts
from .formats import LOST, Format

__all__ = ["documents", "movies", "networks", "pictures", "trainings"]


def pictures(trial: Trial) -> Iterator[Row]:
    """EXR, and what OpenImageIO reads."""
    from .formats import pictures

    return _rows(trial, pictures(trial.folder))


def movies(trial: Trial) -> Iterator[Row]:
    """Containers and codecs."""
    from .formats import movies

    return _rows(trial, movies(trial.folder))


def networks(trial: Trial) -> Iterator[Row]:
    """ONNX files, loaded and run."""
    from .formats import networks

    return _rows(trial, networks(trial.folder))


def documents(trial: Trial) -> Iterator[Row]:
    """Jobs, cards, sidecars, manifests, and what the panel keeps."""
    from .documents import documents

    return _rows(trial, documents(trial.folder))


def trainings(trial: Trial) -> Iterator[Row]:
    """What trainings keep."""
    from .trainings import kept

    return _rows(trial, kept(trial.folder))


@dataclass(frozen=True, slots=True)
class _Judged:
    """One change: its outcome, and that in a word, which is in capitals where it must not be."""

    name: str
    number: int
    outcome: Outcome
    word: str


def _rows(trial: Trial, formats: Iterable[Format]) -> Iterator[Row]:
    """A row for each group of formats; the tries are shared out among all."""
    known = list(formats)
    seeds = [trial.chance.random() for _ in known]
    shares = [range(place, trial.times, len(known)) for place in range(len(known))]
    for group, members in groupby(
        zip(known, shares, seeds, strict=True), key=lambda each: each[0].group or each[0].name
    ):
        yield _row(group, [one for each in members for one in _judged(*each, trial.folder)])


def _row(group: str, judged: Sequence[_Judged]) -> Row:
    counts = ", ".join(f"{count} {word}" for word, count in Counter(each.word for each in judged).most_common())
    worst = max((each.outcome.seconds for each in judged), default=0.0)
    most = max((each.outcome.memory for each in judged), default=0)
    bad = [each for each in judged if each.word.isupper()]
    lost = [f"{each.name}, change {each.number}: {each.word} {each.outcome.told}" for each in bad]
    fault = f"{group} changed: {counts}; at most {worst:.1f} s, {most >> 20} MiB"
    return Row(fault=fault, tried=len(judged), lost=lost)


def _judged(given: Format, numbers: range, seed: float, folder: Path) -> Iterator[_Judged]:
    whole = given.whole.read_bytes()
    place = folder / f"changed{given.whole.suffix}"

    def read(number: int) -> str:
        place.write_bytes(given.change(whole, Random(f"{seed} {number}")))
        return given.read(place)

    (right,) = attempts([partial(given.read, given.whole)])
    assert right.verdict == "read" and LOST not in right.told.split(), f"{given.name}: {right.told}"
    outcomes = attempts([partial(read, number) for number in numbers])
    for number, outcome in zip(numbers, outcomes, strict=True):
        yield _Judged(given.name, number, outcome, _word(given, outcome, right))


def _word(given: Format, outcome: Outcome, right: Outcome) -> str:
    if not outcome.good:
        return outcome.verdict.upper()
    if outcome.verdict == "refused":
        return "refused"
    pairs = zip(outcome.told.split(), right.told.split(), strict=True)
    if all(one in (other, LOST) for one, other in pairs):
        return "refused" if LOST in outcome.told.split() else "whole"
    return "another" if given.why else "WRONG"
