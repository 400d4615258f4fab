"""`replate train`: one command for each recipe. Its options are the fields of `Run` and the recipe's own data."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_type_hints

import typer
from typer.core import TyperCommand, TyperGroup

from . import recipes
from .run import Run

if TYPE_CHECKING:
    from .recipe import Recipe

__all__ = ["train"]


class _Spreading(TyperCommand):
    """A command without arguments, whose repeatable options take several values at once: `--before a b c`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        several = {flag for option in self.params if getattr(option, "multiple", False) for flag in option.opts}
        return super().parse_args(ctx, list(_spread(args, several)))


class _Recipes(TyperGroup):
    """A group of one command for each recipe, which is imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return recipes.names()

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        single = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        single.command(cmd_name, cls=_Spreading)(_command(recipes.find(cmd_name)))
        return typer.main.get_command(single)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Recipes"):
            formatter.write_dl([(name, recipes.summary(name)) for name in recipes.names()])


train = typer.Typer(
    cls=_Recipes,
    help="Train a look. Every recipe has its own options: replate train RECIPE --help",
    subcommand_metavar="RECIPE [OPTIONS]",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@train.callback()
def _without_recipe(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _command(recipe: Recipe) -> Callable[..., None]:
    """Trains one recipe with what the command line gives."""
    own, common = _options(type(recipe.data).__call__), _options(Run)
    options = {option.name: option for option in (*own, *common)}

    def command(**given: Any) -> None:
        # Threads that spin while they wait halve the speed of a machine that does anything else.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from .session import run

        facts = {item.name: given.pop(item.name) for item in fields(Run)}
        run(recipe, Run(**facts), given)

    command.__doc__ = f"{recipe.title}: {recipe.description}"
    command.__signature__ = inspect.Signature(list(options.values()))  # type: ignore[attr-defined]
    command.__annotations__ = {option.name: option.annotation for option in options.values()}
    return command


def _options(call: Callable[..., Any]) -> list[inspect.Parameter]:
    """The annotated keywords of a call as parameters of a typer command."""
    hints = get_type_hints(call, include_extras=True)
    keywords = [each for each in inspect.signature(call).parameters.values() if each.kind is each.KEYWORD_ONLY]
    return [each.replace(annotation=hints[each.name]) for each in keywords]


def _spread(words: list[str], several: Collection[str]) -> Iterator[str]:
    """`--before a b` as `--before a --before b`: a bare word after a value belongs to the same option."""
    option, full = "", False
    for word in words:
        if word.startswith("--"):
            option, full = word if word in several else "", False
        elif option and full:
            yield option
        else:
            full = bool(option)
        yield word
