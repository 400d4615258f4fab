"""Where a result goes when nobody has said, and in which format."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from .document import Document

__all__ = ["FORMATS", "format_of", "in_format", "stem_of", "usual_output"]

FORMATS: Mapping[str, str] = {
    "EXR": ".exr",
    "PNG": ".png",
    "TIFF": ".tif",
    "DPX": ".dpx",
    "JPEG": ".jpg",
    "ProRes": ".mov",
    "H.264": ".mp4",
}
_MOVIES = (".mov", ".mp4", ".mkv", ".mxf", ".avi", ".m4v")
_NUMBER = re.compile(r"[._]?(%0?\d*d|#+|@+|\$F\d?)")


def usual_output(document: Document, look: str) -> str:
    """Beside the plate, in a folder of its own, in the plate's format; in the working folder where that cannot be."""
    plate = document.inputs.get("plate", "")
    if not plate:
        return ""
    path = Path(plate)
    folder = path.parent if os.access(path.parent, os.W_OK) else Path.cwd()
    name = f"{stem_of(plate)}_{Path(look).stem}"
    suffix = path.suffix.lower() if path.suffix.lower() in (*FORMATS.values(), *_MOVIES) else ".exr"
    return str(folder / "replate" / (name + suffix if suffix in _MOVIES else f"{name}.%04d{suffix}"))


def stem_of(path: str) -> str:
    """The name of a picture, sequence or movie, without frame number and suffix; where that is all, its folder's."""
    return _NUMBER.sub("", Path(path).stem) or Path(path).parent.name


def format_of(path: str) -> str:
    """The name of a path's format; empty where it is none of those that are offered."""
    return next((name for name, suffix in FORMATS.items() if path.lower().endswith(suffix)), "")


def in_format(path: str, name: str) -> str:
    """The path in another format: movies lose their frame number, sequences get one."""
    suffix, stem = FORMATS[name], path.removesuffix(Path(path).suffix)
    if suffix in _MOVIES:
        return _NUMBER.sub("", stem) + suffix
    return stem + ("" if _NUMBER.search(Path(stem).name) else ".%04d") + suffix
