"""Data of a shipped look: fetched, checked, and made as they were when it was trained."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from replate.errors import InputError, OutputError, reason

from ..material.origin import note
from ..sources import Origin, Set
from .clients import unpack

__all__ = ["fetch"]

_QUALITY = 92
_BEHIND = np.array((80, 88, 96), np.float32)  # what shows through transparent paintings, BGR


def fetch(data: Set, cache: Path, *, say: Callable[[str], None]) -> Path:
    """The folder or file of a set in `cache`; what is not there yet is fetched, after its licences were said.

    A file is there only if its original had the right SHA-256. Raises UsageError without a package's client, InputError
    where a package is not what it was, OutputError where the cache cannot be written.
    """
    single = [each.name for each in data.files] == [data.name]
    home = cache / "data" if single else cache / "data" / data.name
    missing = [each for each in data.files if not (home / each.name).exists()]
    if missing:
        for package, licences in data.licences.items():
            say(f"{data.name}: from {package}, under {', '.join(licences)}")
    try:
        home.mkdir(parents=True, exist_ok=True)
        for package in dict.fromkeys(each.package for each in missing):
            say(f"{data.name}: fetching {package}")
            _take([each for each in missing if each.package == package], home)
        place = home / data.name if single else home
        note(place).write_text(", ".join(data.packages), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"the data cannot be kept in {cache} ({reason(error)}); free the disk, or give another --cache"
        ) from None
    return place


def _take(files: Sequence[Origin], home: Path) -> None:
    """Files of one package, from a temporary copy of it."""
    with tempfile.TemporaryDirectory(dir=home, prefix=".package-") as folder:
        unpack(files[0].package, Path(folder))
        for each in files:
            original = Path(folder) / each.path
            if not original.is_file() or hashlib.sha256(original.read_bytes()).hexdigest() != each.sha256:
                state = "is not" if not original.is_file() else "has changed"
                raise InputError(
                    f"{each.path} {state} in {each.package}; it was there in the version that the look was trained on"
                )
            part = Path(folder) / f"part{Path(each.name).suffix}"
            _prepare(original, part, each.short)
            part.replace(home / each.name)


def _prepare(original: Path, made: Path, short: int | None) -> None:
    """A file as it is, or a picture as JPEG, its short side at most `short` pixels, without transparency."""
    if short is None:
        shutil.copyfile(original, made)
        return
    picture = _opaque(original)
    scale = short / min(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if not cv2.imwrite(str(made), picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]):
        raise OSError(f"{made.name} could not be written")


def _opaque(path: Path) -> NDArray[np.uint8]:
    """A picture in 8-bit BGR, upright, on a warm grey where it is transparent."""
    picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.ndim < 3 or picture.shape[-1] < 4:
        return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), np.uint8)
    alpha = picture[..., 3:].astype(np.float32) / 255
    laid = picture[..., :3] * alpha + _BEHIND * (1 - alpha)
    return np.asarray(np.round(laid), np.uint8)
