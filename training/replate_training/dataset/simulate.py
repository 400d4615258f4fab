"""`replate dataset simulate`: takes of fire and smoke, and a movie to look at them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from replate.errors import UsageError
from replate.news.progress import Watcher

__all__ = ["simulate"]


def simulate(
    kind: Annotated[str, typer.Argument(help="fire or smoke.")],
    *,
    out: Annotated[Path, typer.Option(help="The folder of the takes; those that are there are kept.")],
    takes: Annotated[int, typer.Option(min=1, help="So many; each is another scene.")] = 8,
    frames: Annotated[int, typer.Option(min=12, help="Frames of a take; training needs 12 and more.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the first take; the next has the next one.")] = 1,
    watcher: Watcher,
) -> None:
    """Simulate fire or smoke to train on: a minute or a few a take on a processor, and a movie of them."""
    from .. import recipes
    from ..simulation.preview import preview
    from ..simulation.scenes import SCENES
    from ..simulation.takes import collect

    if kind not in SCENES:
        raise UsageError(f"'{kind}' cannot be simulated; known are {', '.join(SCENES)}")
    files = collect(kind, out, count=takes, seed=seed, frames=frames, tell=watcher.share)
    movie = preview(files, recipes.find(kind).defaults, out / f"{kind}.mp4")
    watcher.note(f"{out}: train with: replate train {kind} --takes {out}; look at {movie} first")
