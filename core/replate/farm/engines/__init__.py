"""The same steps in the words of other farm engines. None of them was at hand, so none of this has run on one.

An engine is a function from a farm's work and the bundle's folder to texts by file name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..steps import Farm
from . import deadline10, flamenco, opencue, tractor

__all__ = ["ENGINES"]

ENGINES: Mapping[str, Callable[[Farm, Path], Mapping[str, str]]] = {
    "flamenco": flamenco.files,
    "opencue": opencue.files,
    "deadline10": deadline10.files,
    "tractor": tractor.files,
}
