"""`replate dataset`: pictures, movies and sequences to a folder that training takes as it is."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from .settings import Settings

__all__ = ["dataset"]


def dataset(
    sources: list[str],
    out: Path,
    **given: Any,
) -> None:
    """Make a dataset of movies, sequences, stills and folders of them: duplicates and cuts found, split by shot."""
    from ..seeing.progress import Meter
    from .build import build
    from .manifest import sentence
    from .report import print_table

    with Meter("dataset") as meter:
        made = build(sources, out, Settings(**given), tell=meter.update)
        print_table(made.rows, meter.console)
        meter.say(sentence(made.pictures, made.pairs))
        meter.say(f"{out}: train with --content {out}; look at {min(out.glob('contact*.jpg'))} first")


def _parameters() -> list[inspect.Parameter]:
    """The sources, the folder, and the fields of `Settings`."""
    hints = get_type_hints(Settings.__init__, include_extras=True)
    fields = list(inspect.signature(Settings).parameters.values())
    own = {
        "sources": Annotated[list[str], typer.Argument(metavar="SOURCES", help="Movies, sequences, stills, folders.")],
        "out": Annotated[Path, typer.Option(help="The folder to make.")],
    }
    return [
        *(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind) for name, kind in own.items()),
        *(each.replace(annotation=hints[each.name]) for each in fields),
    ]


dataset.__signature__ = inspect.Signature(_parameters())  # type: ignore[attr-defined]
dataset.__annotations__ = {each.name: each.annotation for each in _parameters()}
