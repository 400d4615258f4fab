"""Where results go, under names that replace nothing: shot_style_v001.mov, shot_style_v002/shot_style_v002.%04d.exr."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .choice import Choice
from .clips import Shot

__all__ = ["output", "record", "results"]


def results(shot: Shot, choice: Choice) -> Path:
    """The folder that results go to: the chosen one, else one beside the clip's file, else one in the user's home."""
    if choice.folder:
        return Path(choice.folder).expanduser()
    return Path(shot.path).parent / "replate" if shot.path else Path.home() / "Replate"


def output(shot: Shot, choice: Choice, made: dict[str, Any]) -> str:
    """The path or pattern for a job: the first version that is not there, or that this job has left unfinished."""
    return next(path for path in _versions(shot, choice, made["node"]) if _is_free(path) or _goes_on(path, made, shot))


def record(path: str) -> Path:
    """The file beside a result that holds its job."""
    place = Path(path)
    return place.with_name(place.stem.partition(".%")[0] + ".json")


def _versions(shot: Shot, choice: Choice, node: str) -> Iterator[str]:
    """All that a result may be called, in order."""
    plate, folder = Path(shot.path), results(shot, choice)
    head, _, number = plate.name.partition("%")
    stem = (head.rstrip("._-") if number else plate.stem) or plate.parent.name
    for name in (f"{stem}_{node}_v{count:03d}" for count in range(1, 10**6)):
        if number:
            yield str(folder / name / f"{name}.%{number.partition('d')[0]}d{plate.suffix}")
        else:
            yield str(folder / f"{name}{plate.suffix if shot.is_still else '.mov'}")


def _is_free(path: str) -> bool:
    place = Path(path)
    return not place.parent.exists() if "%" in place.name else not list(place.parent.glob(f"{place.stem}.*"))


def _goes_on(path: str, made: dict[str, Any], shot: Shot) -> bool:
    try:
        before = json.loads(record(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    files = [path % frame for frame in shot.frames] if "%" in Path(path).name else [path]
    return {**before, "output": ""} == {**made, "output": ""} and not all(Path(file).exists() for file in files)
