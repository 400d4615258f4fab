"""Which colour space Nuke's pixels are in, in words that Replate understands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nuke

__all__ = ["configuration", "of_read", "working"]

_LINEAR = "lin_rec709"  # what Nuke's own colour management calls linear


def _managed() -> bool:
    """Whether OpenColorIO manages colour here, not Nuke's own curves."""
    return str(nuke.root()["colorManagement"].value()) == "OCIO"


def working() -> str:
    """The space that Nuke computes in."""
    return str(nuke.root()["workingSpaceLUT"].value()) if _managed() else _LINEAR


def configuration() -> str:
    """The file of the configuration in use; empty where the environment, or Replate's own, counts."""
    if not _managed():
        return ""
    name = str(nuke.root()["OCIO_config"].value())
    if name == "custom":
        custom: Any = nuke.root()["customOCIOConfigPath"]
        return str(custom.getEvaluatedValue() or "")
    shipped = Path(nuke.EXE_PATH).parent / "plugins" / "OCIOConfigs" / "configs"
    places = (shipped / f"{name}.ocio", shipped / name / "config.ocio")
    return next((str(path) for path in places if path.is_file()), "")


def of_read(read: Any) -> str:
    """The space of a Read's file; empty where only Nuke knows how to make it linear."""
    if read["raw"].value():
        return working()
    named = str(read["colorspace"].value())
    inner = re.fullmatch(r"default \((.+)\)", named)
    space = inner[1] if inner else named
    if _managed():
        return space
    return _LINEAR if space == "linear" else ""
