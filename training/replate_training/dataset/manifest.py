"""A dataset in words and numbers: the rows of its report, and dataset.json."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from replate import __version__
from replate.frames import format_frames

from .pairs import Pair
from .report import Row
from .selection import Taken
from .settings import Settings
from .statistics import summary
from .survey import Survey
from .writing import Picture

__all__ = ["contents", "row"]


def row(found: Survey, taken: Sequence[Taken], failed: Sequence[tuple[str, str]]) -> Row:
    """What became of a clip."""
    mine = [each for each in taken if each.shot.clip == found.clip]
    split = {name: sum(len(each.picks) for each in mine if each.split == name) for name in ("train", "validation")}
    twins = sum(len(each.twins) for each in mine)
    pictures = "1 picture" if found.count == 1 else f"{found.count} pictures"
    done = [f"{count} {name}" for name, count in split.items() if count]
    if twins:
        done.append("1 duplicate" if twins == 1 else f"{twins} duplicates")
    lost = (why for path, why in failed if path == found.clip.path)
    return Row(
        path=found.clip.path,
        what=found.what,
        found=pictures if len(mine) < 2 else f"{pictures}, {len(mine)} shots",
        done=", ".join(done) or "nothing taken",
        notes=(*found.notes, *_twins(mine), *lost),
    )


def _twins(mine: Sequence[Taken]) -> Iterator[str]:
    """Which frames are left out because others show the same; by the shot that has those."""
    there: dict[str, list[int]] = {}
    for each in mine:
        for number, shot, _ in each.twins:
            there.setdefault(shot, []).append(number)
    for shot, numbers in there.items():
        yield f"frames {format_frames(numbers)}: as in {shot}, left out"


def contents(
    settings: Settings, rows: Sequence[Row], taken: Sequence[Taken], pictures: Sequence[Picture], pairs: Sequence[Pair]
) -> dict[str, Any]:
    """All of dataset.json."""
    return {
        "format": 1,
        "made_with": f"replate {__version__}",
        "settings": asdict(settings),
        "statistics": _statistics(pictures),
        "shots": [_shot(each, [one for one in pictures if one.shot == each.shot.name]) for each in taken],
        "pictures": [asdict(each) for each in pictures],
        "pairs": [asdict(each) for each in pairs],
        "report": [asdict(each) for each in rows],
    }


def _statistics(pictures: Sequence[Picture]) -> dict[str, Any]:
    sizes: dict[str, int] = {}
    for each in pictures:
        size = f"{each.width}x{each.height}"
        sizes[size] = sizes.get(size, 0) + 1
    counts = {split: sum(each.split == split for each in pictures) for split in ("train", "validation")}
    return {**counts, "sizes": sizes, "light": summary([each.light for each in pictures])}


def _shot(taken: Taken, pictures: Sequence[Picture]) -> dict[str, Any]:
    shot = taken.shot
    return {
        "name": shot.name,
        "source": shot.clip.path,
        "frames": format_frames(shot.frames),
        "split": taken.split,
        "group": taken.group,
        "pictures": len(pictures),
        "duplicates": [{"frame": number, "of": of, "there": there} for number, of, there in taken.twins],
        "light": summary([each.light for each in pictures]),
    }


def sentence(pictures: Sequence[Picture], pairs: Sequence[Pair]) -> str:
    """The dataset in a line: how much, in which light."""
    light = summary([each.light for each in pictures])
    counts = _statistics(pictures)
    shots = len({each.shot for each in pictures})
    told = f"{counts['train']} pictures to train on and {counts['validation']} held out, of {shots} shots"
    told += f"; {len(pairs)} pairs" if pairs else ""
    return (
        f"{told}; {light['dark']:+.1f} to {light['bright']:+.1f} stops around mid-grey, "
        f"{100 * light['clipped']:.1f} % clipped, {100 * light['above']:.1f} % above 1"
    )
