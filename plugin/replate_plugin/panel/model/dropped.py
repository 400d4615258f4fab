"""What a file is for that somebody dropped on the panel, by its name and its kind."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ...host.declared import Input
from .home import read_json
from .presets import looks_like_preset

__all__ = ["number_of", "pattern_of", "purpose"]

_WORDS = {"matte": "mask", "roto": "mask", "mask": "mask", "alpha": "mask", "holdout": "mask", "cleanplate": "clean"}
_PICTURES = {".exr", ".dpx", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".hdr"}
_MOVIES = {".mov", ".mp4", ".mxf", ".mkv", ".avi", ".m4v"}
_NUMBER = re.compile(r"\d+(?=\D*$)")


def pattern_of(path: Path) -> str:
    """The sequence that a picture belongs to, as plate.%04d.exr; the path itself of a still or a movie; of a folder the
    largest sequence in it."""
    if path.is_dir():
        groups = Counter(pattern_of(each) for each in sorted(path.iterdir()) if each.suffix.lower() in _PICTURES)
        movies = [each for each in sorted(path.iterdir()) if each.suffix.lower() in _MOVIES]
        return groups.most_common(1)[0][0] if groups else str(movies[0] if movies else path)
    found = _NUMBER.search(path.stem)
    if path.suffix.lower() not in _PICTURES or found is None:
        return str(path)
    before, after = path.stem[: found.start()], path.stem[found.end() :]
    alike = re.compile(re.escape(before) + r"(\d+)" + re.escape(after) + re.escape(path.suffix))
    fellows = [each.name for each in path.parent.iterdir() if alike.fullmatch(each.name)]
    return str(path.with_name(f"{before}%0{len(found[0])}d{after}{path.suffix}")) if len(fellows) > 1 else str(path)


def number_of(path: Path) -> int | None:
    """The frame that a picture of a sequence is; None for all else."""
    found = _NUMBER.search(path.stem)
    return int(found[0]) if found and pattern_of(path) != str(path) and path.is_file() else None


def purpose(path: Path, inputs: Iterable[Input]) -> str:
    """ "job", "preset", "generator", the name of one of the inputs, or "" for what cannot be used."""
    suffix = path.suffix.lower()
    if suffix == ".json":
        data = read_json(path)
        return "preset" if looks_like_preset(data) else "job" if "replate" in data else ""
    if suffix == ".onnx":
        return "generator"
    if suffix not in _PICTURES | _MOVIES and not path.is_dir():
        return ""
    names = {entry.name for entry in inputs}
    told = path.stem if re.search("[A-Za-z]", path.stem) else path.parent.name  # 0001.png stands for its folder
    words = re.split(r"[^a-z]+", told.lower())
    meant = (word if word in names else _WORDS.get(word, "") for word in words)
    return next((word for word in meant if word in names and word != "plate"), "plate")
