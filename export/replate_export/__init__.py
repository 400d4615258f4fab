"""Turn trained generators into ONNX files that carry their own card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import replate  # noqa: F401  (before ONNX Runtime is loaded, see there)

if TYPE_CHECKING:
    from .exporter import Exported, export, half_path

__all__ = ["Exported", "export", "half_path"]


def __getattr__(name: str) -> Any:
    # torch takes seconds to import; the command line imports this package to list its commands.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import exporter

    return getattr(exporter, name)
