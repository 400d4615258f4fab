"""What makes looks node-ready: a package that this one does not know by name."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from replate.errors import UsageError

__all__ = ["EXPORTERS", "exporter"]

EXPORTERS = "replate.exporters"
"""Entry-point group of functions (checkpoint, file to write) that make a look node-ready. `quick=True` asks for no more
than there must be to look at it."""


def exporter() -> Any:
    """The one that is installed; raises UsageError where there is none."""
    found = list(entry_points(group=EXPORTERS))
    if not found:
        raise UsageError("no exporter is installed for an .onnx file; install it with: pip install 'replate[export]'")
    return found[0].load()
