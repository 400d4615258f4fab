"""`replate generators`: the looks that are installed, their cards, and whether they are whole."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["generators"]

generators = typer.Typer(help="The looks that are installed.", no_args_is_help=True)


@generators.command("list")
def list_generators() -> None:
    """Every generator by name: what it makes, its licence, whether commercial use is allowed."""
    from .catalogue import available
    from .network.onnxfile import read_card
    from .reference import use

    found = available()
    if not found:
        typer.echo("no generator is installed; name any ONNX file by its path, or train one: replate train --help")
    for name, path in found:
        card = read_card(path)
        if card is None:
            typer.echo(f"{name:12} without a card; see replate inspect {path}")
        else:
            licence = card.licence or "licence not stated"
            typer.echo(f"{name:12} {card.kind:8} {card.title or card.name}; {licence}; {use(card)}")


@generators.command("show")
def show_generator(name: str) -> None:
    """One generator's card: licence, data, training, metrics."""
    from . import inspection
    from .catalogue import find

    typer.echo(inspection.report(inspection.inspect(find(name))))


@generators.command("verify")
def verify_generators(
    names: Annotated[list[str] | None, typer.Argument(help="names or files; none means all that are installed")] = None,
) -> None:
    """Check that generators are whole: hash, graph, card, and a trial run."""
    from .catalogue import available, find
    from .verification import verify

    paths = [find(name) for name in names] if names else [path for _, path in available()]
    problems = {path: verify(path) for path in paths}
    for path, found in problems.items():
        typer.echo(f"{path.stem:12} " + ("; ".join(found) if found else "good"))
    raise typer.Exit(3 if any(problems.values()) else 0)
