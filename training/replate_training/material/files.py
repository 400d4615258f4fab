"""Which files hold pictures, and which of them training may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from replate import jsontext
from replate.errors import InputError, reason
from replate.media.opening import MOVIE_SUFFIXES
from replate.media.pattern import parse_pattern

__all__ = ["MANIFEST", "MOVIES", "STILLS", "find", "find_held", "origins"]

STILLS = frozenset(
    {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".exr", ".dpx", ".cin", ".hdr", ".webp", ".bmp", ".tga", ".psd", ".jp2"}
)
MOVIES = frozenset(MOVIE_SUFFIXES)
MANIFEST = "dataset.json"
"""What tells that a folder was made by `replate dataset`: its pictures lie in train/ and validation/."""


def find(sources: Sequence[Path]) -> list[Path]:
    """Every picture and movie in the given files, sequences (shot.%04d.exr) and folders (with their sub-folders), in
    name order.

    Of a dataset these are the pictures to train on. Raises InputError where there is none.
    """
    found: list[Path] = []
    for source in sources:
        if (pattern := parse_pattern(str(source))) is not None:
            found += pattern.find().values()
            continue
        if not source.exists():
            raise InputError(f"'{source}' does not exist; give a picture, a movie or a folder of them", path=source)
        found += _inside(source / "train" if (source / MANIFEST).is_file() else source)
    if not found:
        raise InputError(f"no pictures or movies in {', '.join(map(str, sources))}")
    return found


def find_held(sources: Sequence[Path]) -> list[Path]:
    """The pictures that the datasets among `sources` hold out for validation; none where none does.

    A dataset may be given as its folder or as the folder train/ in it.
    """
    held = [root / "validation" for root in map(_root, sources) if (root / MANIFEST).is_file()]
    return [path for folder in held if folder.is_dir() for path in _inside(folder)]


def origins(source: Path) -> Counter[tuple[str, str]]:
    """Where the pictures to train on of a dataset stem from: how many by origin and licence.

    Nothing where `source` is no dataset. Raises InputError where its dataset.json is damaged.
    """
    manifest = _root(source) / MANIFEST
    if not manifest.is_file():
        return Counter()
    try:
        pictures = jsontext.parse(manifest.read_text(encoding="utf-8"))["pictures"]
        return Counter((each["origin"], each["licence"]) for each in pictures if each["split"] == "train")
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(f"{manifest} is damaged ({reason(error)}); make the dataset again", path=manifest) from error


def _root(source: Path) -> Path:
    return source.parent if source.name == "train" else source


def _inside(source: Path) -> list[Path]:
    files = [source] if source.is_file() else sorted(source.rglob("*"))
    return [path for path in files if path.suffix.lower() in STILLS | MOVIES and not path.name.startswith(".")]
