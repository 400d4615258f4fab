"""`replate panel`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replate.errors import InputError, UsageError

__all__ = ["panel"]


def panel(
    path: Annotated[Path | None, typer.Argument(help="a plate, a folder, a movie or a job file to begin with")] = None,
    back: Annotated[bool, typer.Option("--back", help="write the job back to its file at the end, for a host")] = False,
) -> None:
    """Open the settings panel: tune a look on your shot, draw a mask, render, train."""
    if path is not None and not (path.exists() or "%" in path.name or "#" in path.name):
        raise InputError(f"there is no {path}; check the path", path=path)
    try:
        from .app import run
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("PySide6", "shiboken6"):
            raise
        raise UsageError("the panel needs Qt, which is not installed; add it: pip install 'replate[panel]'") from None
    import replate

    raise typer.Exit(run(path, sample=str(Path(replate.__file__).parent / "samples" / "city.mp4"), back=back))
