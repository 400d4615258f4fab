"""`replate dataset`: pictures, movies and sequences to a folder that training takes as it is; and what is simulated."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer
from typer.core import TyperGroup

from replate.cli_options import watched
from replate.news.progress import Watcher

from .settings import Settings
from .simulate import simulate

__all__ = ["dataset"]


_MAKE = "make"


class _Kinds(TyperGroup):
    """A group whose first command needs no name: `replate dataset photos --out data`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if args and args[0] in self.commands else [_MAKE, *args])


dataset = typer.Typer(cls=_Kinds, rich_markup_mode=None, pretty_exceptions_enable=False)


def _make(
    sources: list[str],
    out: Path,
    *,
    watcher: Watcher,
    **given: Any,
) -> None:
    """Make a dataset of movies, sequences, stills and folders of them: duplicates and cuts found, split by shot.

    Fire and smoke are simulated: replate dataset simulate --help
    """
    from .build import build
    from .manifest import sentence
    from .report import lines

    made = build(sources, out, Settings(**given), tell=watcher.share)
    watcher.close()
    for line in (*lines(made.rows), sentence(made.pictures, made.pairs)):
        watcher.note(line)
    watcher.note(f"{out}: train with --content {out}; look at {min(out.glob('contact*.jpg'))} first")


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


_make.__signature__ = inspect.Signature(_parameters())  # type: ignore[attr-defined]
dataset.command(_MAKE, hidden=True)(watched(_make))
dataset.command("simulate")(watched(simulate))
