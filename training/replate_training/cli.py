"""`replate train`: one command for each recipe. Its options are the fields of `Run` and the recipe's own data."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import typer
from platformdirs import user_cache_path
from typer.core import TyperCommand, TyperGroup

from replate.cli_options import watched

from . import recipes
from .loop.run import Run

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


def _options(call: Callable[..., Any]) -> list[inspect.Parameter]:
    """The annotated keywords of a call as parameters of a typer command."""
    hints = get_type_hints(call, include_extras=True)
    keywords = [each for each in inspect.signature(call).parameters.values() if each.kind is each.KEYWORD_ONLY]
    return [each.replace(annotation=hints[each.name]) for each in keywords]


def _overrides() -> list[inspect.Parameter]:
    """The options of `Run` for a command that has them already: none needs to be given."""
    return [each.replace(default=None, annotation=_optional(each.annotation)) for each in _options(Run)]


def _with_overrides(callback: Callable[..., None]) -> inspect.Signature:
    own = list(inspect.signature(callback, eval_str=True).parameters.values())[:-1]
    return inspect.Signature([*own, *_overrides()])


def _optional(hint: Any) -> Any:
    kind, option = get_args(hint)
    return Annotated[kind | None, option]


train = typer.Typer(
    cls=_Recipes,
    help="Train a look. Every recipe has its own options: replate train RECIPE --help",
    subcommand_metavar="RECIPE [OPTIONS]",
    invoke_without_command=True,
    rich_markup_mode=None,
)


def _without_recipe(
    context: typer.Context,
    *,
    reproduce: Annotated[
        str | None, typer.Option(help="Make a shipped look again: fetch its data, run its command. Options add to it.")
    ] = None,
    cache: Annotated[Path | None, typer.Option(help="Where fetched data are kept.")] = None,
    **overrides: Any,
) -> None:
    if reproduce is None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())
        return
    from .reproduction import reproduce as again

    given = list(_words(overrides))
    recipe, *words = again(reproduce, given=given, cache=cache or user_cache_path("replate"), say=typer.echo)
    train_one = context.command.get_command(context, recipe)  # type: ignore[attr-defined]
    train_one.main([*words, *given], prog_name=f"replate train {recipe}", standalone_mode=False)


_without_recipe.__signature__ = _with_overrides(_without_recipe)  # type: ignore[attr-defined]
train.callback()(_without_recipe)


def _words(options: Mapping[str, Any]) -> Iterator[str]:
    """Options as they would be typed."""
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            yield flag
        elif value not in (None, False):
            for each in value if isinstance(value, list) else [value]:
                yield from (flag, str(each))


def _command(recipe: Recipe) -> Callable[..., None]:
    """Trains one recipe with what the command line gives."""
    own, common = _options(type(recipe.data).__call__), _options(Run)
    options = {option.name: option for option in (*own, *common)}

    def command(**given: Any) -> None:
        # Threads that spin while they wait halve the speed of a machine that does anything else.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from .loop.session import run

        watcher = given.pop("watcher")
        facts = {item.name: given.pop(item.name) for item in fields(Run)}
        run(recipe, Run(**facts), given, watcher=watcher)

    command.__doc__ = f"{recipe.title}: {recipe.description}"
    command.__signature__ = inspect.Signature(list(options.values()))  # type: ignore[attr-defined]
    return watched(command)


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
