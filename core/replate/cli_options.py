"""`replate render`, derived: its options are the node inputs and the job options as they are declared elsewhere."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import UsageError
from .job import Job
from .news.watching import WATCHING, watching
from .nodes import NODES, Input, node_named
from .options import OPTIONS
from .params import Param, nearest, parse_setting, with_defaults

if TYPE_CHECKING:
    from .movie import Film

__all__ = ["film_from", "job_from", "movie_signature", "render_signature", "watched"]

Command = Callable[..., None]


def watched(command: Command) -> Command:
    """Give a command the options of progress in place of its `watcher`."""

    def run(**given: Any) -> None:
        how = {param.name: given.pop(param.name) for param in WATCHING}
        with watching(**how) as watcher:
            command(**given, watcher=watcher)

    own = [each for each in inspect.signature(command, eval_str=True).parameters.values() if each.name != "watcher"]
    run.__doc__ = command.__doc__
    return _with_parameters(run, [*own, *map(_watching_option, WATCHING)])


def render_signature(command: Command) -> Command:
    """Give `command(**given)` the parameters of `replate render`, so that typer builds its options."""
    return _with_parameters(command, [*_fixed(), *map(_input_option, _side_inputs()), *map(_job_option, OPTIONS)])


def movie_signature(command: Command) -> Command:
    """The same for `replate movie`."""
    return _with_parameters(command, [*_film(), *map(_job_option, _film_options())])


def _with_parameters(command: Command, parameters: list[inspect.Parameter]) -> Command:
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def film_from(given: dict[str, Any]) -> Film:
    """What `replate movie` is to make."""
    from .movie import Film

    options = {param.name: given[param.name] for param in _film_options() if given[param.name] is not None}
    facts = {item.name: given[item.name] for item in fields(Film) if item.name != "options"}
    return Film(**facts, options=with_defaults(_film_options(), options))


def job_from(given: dict[str, Any]) -> Job:
    """The job that a command line describes; with --job, the file's job with all else that is given on top."""
    positional = [word for word in (given["node"], given["plate"], given["output"]) if word]
    if len(positional) < 3 and (positional or not given["job"]):
        raise UsageError("replate render needs NODE INPUT OUTPUT, as in: render style in.%04d.exr out.%04d.exr")
    base = Job.load(given["job"]) if given["job"] else Job(node=node_named(given["node"]).name, inputs={}, output="")
    return _with_options(_with_words(base, positional), given).checked()


def _with_words(base: Job, words: list[str]) -> Job:
    """The job with NODE INPUT OUTPUT on top, where they are given."""
    if not words:
        return base
    node, plate, output = words
    if base.node != node_named(node).name:
        raise UsageError(f"the job file is one for the node {base.node}, not for {node}; leave one of them out")
    return replace(base, inputs={**base.inputs, "plate": plate}, output=output)


def _with_options(base: Job, given: dict[str, Any]) -> Job:
    inputs = {entry.name: given[entry.name] for entry in _side_inputs() if given[entry.name]}
    options = {param.name: given[param.name] for param in OPTIONS if given[param.name] is not None}
    generator = given["generator"] or base.generator
    return Job(
        node=base.node,
        inputs={**base.inputs, **inputs},
        output=base.output,
        frames=given["frames"] or base.frames,
        generator=generator,
        params={**base.params, **_settings(base.node, generator, given["set"] or [])},
        options={**base.options, **options},
    )


def _settings(node: str, generator: str, texts: list[str]) -> dict[str, Any]:
    """`name=value` texts read by the declarations of the node and of the generator's controls."""
    if not texts:
        return {}
    from .declarations import params_of

    params = {param.name: param for param in params_of(node, generator)}
    settings = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set wants NAME=VALUE, not '{text}'")
        if name not in params:
            raise UsageError(f"unknown parameter '{name}'{nearest(name, params)}", parameter=name)
        settings[name] = parse_setting(params[name], value)
    return settings


def _fixed() -> list[inspect.Parameter]:
    return [
        _parameter("node", str, typer.Argument(help=f"one of: {', '.join(NODES)}"), ""),
        _parameter("plate", str, typer.Argument(metavar="INPUT", help="sequence, still or movie to work on"), ""),
        _parameter("output", str, typer.Argument(metavar="OUTPUT", help="sequence, still or movie to write"), ""),
        _parameter("frames", str, typer.Option(help="1001-1100, 1-10x2, 1,5,9, a farm's openjd:1-9:2; else all"), ""),
        _parameter("generator", str, typer.Option(help="a name from 'replate generators list', or any ONNX file"), ""),
        _parameter(
            "set",
            list[str] | None,
            typer.Option(help="NAME=VALUE, or keys: NAME=0@1001,1@1050; 'replate nodes NODE' has the names"),
            None,
        ),
        _parameter("job", Path | None, typer.Option(help="take all of this from a job file"), None),
        _parameter("service", Path | None, typer.Option(help="the folder of a service that renders it"), None),
        _parameter("report", Path | None, typer.Option(help="write how it went to this file, as JSON"), None),
        _parameter("save_job", Path | None, typer.Option(help="write the job file, then render"), None),
    ]


def _film() -> list[inspect.Parameter]:
    return [
        _parameter("pictures", str, typer.Argument(metavar="FRAMES", help="sequence to make a movie of"), ...),
        _parameter("movie", str, typer.Argument(metavar="MOVIE", help="movie to write"), ...),
        _parameter("like", str, typer.Option(help="movie that rate, sound and colour space are taken from"), ""),
        _parameter("frames", str, typer.Option(help="1001-1100, 1-10x2, 1,5,9; else all"), ""),
    ]


def _film_options() -> tuple[Param, ...]:
    """The options of a job that bear on a movie of finished frames."""
    names = ("color_space", "ocio", "missing", "compression", "bits", "display", "overwrite")
    return tuple(param for param in OPTIONS if param.name in names)


def _side_inputs() -> list[Input]:
    """Inputs besides the plate, over all nodes; where they mean different things, each node's help."""
    found = dict[str, Input]()
    helps = dict[str, dict[str, str]]()
    for node in NODES.values():
        for entry in node.inputs:
            found[entry.name] = entry
            helps.setdefault(entry.name, {})[node.name] = entry.help
    return [replace(entry, help=_joined(helps[name])) for name, entry in found.items() if name != "plate"]


def _joined(helps: dict[str, str]) -> str:
    """One help for what several nodes have."""
    first, *others = dict.fromkeys(helps.values())
    return ". ".join(f"{node}: {text}" for node, text in helps.items()) if others else first


def _input_option(entry: Input) -> inspect.Parameter:
    return _parameter(entry.name, str, typer.Option(help=entry.help), "")


def _job_option(param: Param) -> inspect.Parameter:
    flag = "--" + param.name.replace("_", "-")
    if param.kind == "bool":
        return _parameter(param.name, bool | None, typer.Option(flag, help=param.help), None)
    kind = {"int": int, "float": float}.get(param.kind, str)
    hint = f"{param.help} [{param.allowed}; default {param.default!r}]"
    return _parameter(param.name, kind | None, typer.Option(flag, help=hint), None)


def _watching_option(param: Param) -> inspect.Parameter:
    flag = "--" + param.name
    if param.kind == "bool":
        return _parameter(param.name, bool, typer.Option(flag, help=param.help), param.default)
    option = typer.Option(flag, help=f"{param.help} [{param.allowed}]", envvar=f"REPLATE_{param.name.upper()}")
    return _parameter(param.name, str, option, param.default)


def _parameter(name: str, kind: Any, option: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option])
