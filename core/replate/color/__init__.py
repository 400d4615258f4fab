"""Colour: from a plate's space into the generator's and back, and to a screen.

`transform` is the way in and out of a generator; `to_display` and `to_space` are the way to a screen or a file;
`plate_space` says which space a file is in, `using` which OpenColorIO configuration counts. Use them from here. Pixels
are H x W x 3 RGB, float32, without alpha: colour is converted as it stands, never divided by alpha.
"""

from __future__ import annotations

from .assumed import plate_space
from .config import config_identity, use, using
from .curves import Curve, Linear, Log, MatrixCurve, Power
from .display import displays, file_space, is_picture, to_display, to_space, view_between
from .spaces import config_notes, convert, default_space, interop_id, known_space, resolve_space
from .transforms import Transform, transform

__all__ = [
    "Curve",
    "Linear",
    "Log",
    "MatrixCurve",
    "Power",
    "Transform",
    "config_identity",
    "config_notes",
    "convert",
    "default_space",
    "displays",
    "file_space",
    "interop_id",
    "is_picture",
    "known_space",
    "plate_space",
    "resolve_space",
    "to_display",
    "to_space",
    "transform",
    "use",
    "using",
    "view_between",
]
