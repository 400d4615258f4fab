"""The command line. Options are derived from the declarations; heavy modules are imported where they are used."""

from __future__ import annotations

import os
import sys
import threading
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from . import __version__
from .cli_generators import generators
from .cli_options import film_from, job_from, movie_signature, render_signature, watched
from .errors import ReplateError, UsageError, as_sentence
from .farm.cli import farm
from .frames import count_frames
from .job import Job
from .memory import check_room_for_libraries
from .news.progress import Watcher
from .news.recording import recording
from .news.report import Report
from .news.watching import cancel_on_signal

__all__ = ["main"]

app = typer.Typer(
    name="replate",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(generators, name="generators")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"replate {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Style, Effect and Removal for production plates."""


@app.command("render")
@watched
@render_signature
def render(*, watcher: Watcher, **given: Any) -> None:
    """Run a node over a shot: replate render style shot.%04d.exr out.%04d.exr --generator painted"""
    cancel = cancel_on_signal()  # before the heavy imports: a farm may stop a job in its first second
    with recording(watcher, given["report"]) as recorder:
        if given["service"] is None:
            check_room_for_libraries()
        job = job_from(given)
        if given["save_job"]:
            job.save(given["save_job"])
        report = _rendered(job, given["service"], recorder, cancel)
        watcher.close()
        _conclude(report, recorder)


def _conclude(report: Report, watcher: Watcher) -> None:
    """Say how it went; raises ReplateError where a frame failed."""
    done, skipped, failed = len(report.done), len(report.skipped), len(report.failed)
    watcher.note(
        f"{count_frames(done)} done, {skipped} already done, {failed} failed in {report.seconds:.1f} s: {report.output}"
    )
    if report.failed:
        first = next(iter(report.failed.values()))
        raise ReplateError(f"{failed} of {count_frames(done + failed)} failed; the first: {first}") from first


def _rendered(job: Job, service: Path | None, watcher: Watcher, cancel: threading.Event) -> Report:
    """The job, rendered by a service or here. Only what is needed for that is loaded."""
    if service is not None:
        from .service.away import render_by

        return render_by(service, job, watcher=watcher, cancel=cancel)
    from .render import render as render_job

    return render_job(job, watcher=watcher, cancel=cancel)


@app.command("movie")
@watched
@movie_signature
def movie(*, watcher: Watcher, **given: Any) -> None:
    """Make a movie of frames that are there: replate movie out.%04d.exr out.mov --like plate.mov"""
    cancel = cancel_on_signal()
    from .movie import make_movie

    film = film_from(given)
    count = make_movie(film, watcher=watcher, cancel=cancel)
    watcher.close()
    watcher.note(f"{count_frames(count)} written: {film.movie}")


app.command("farm")(farm)


@app.command("nodes")
def nodes(
    name: Annotated[str, typer.Argument(help="one node, with its parameters")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="every declaration, to build knobs from")] = False,
) -> None:
    """List the nodes, or one node's inputs and parameters."""
    if as_json:
        import json

        from .declarations import declarations

        typer.echo(json.dumps(declarations(), indent=2))
        return
    from .nodes import NODES, node_named
    from .reference import describe

    if name:
        typer.echo(describe(node_named(name)))
        return
    for node in NODES.values():
        typer.echo(f"{node.name:10} {node.help}")


@app.command("inspect")
def inspect(
    path: Path,
    write_sidecar: Annotated[bool, typer.Option("--write-sidecar", help="write the card to fill in")] = False,
) -> None:
    """Say how an ONNX file would be fed, and what could not be told from the file."""
    from . import inspection

    typer.echo(inspection.report(inspection.inspect(path)))
    if write_sidecar:
        typer.echo(f"wrote {inspection.write_sidecar(path)}; edit it, the file is read with it from now on")


@app.command("demo")
@watched
def demo(
    folder: Annotated[Path, typer.Argument(help="where the results go")] = Path("replate-demo"), *, watcher: Watcher
) -> None:
    """Replate the bundled sample shot: EXR sequences, a movie and a contact sheet."""
    from .demo import run

    lines = list(run(folder, watcher=watcher, cancel=cancel_on_signal()))
    watcher.close()
    for line in ("The results, ready to be looked at:", *lines):
        watcher.note(line)


@app.command("serve")
def serve(
    at: Annotated[Path | None, typer.Option(help="the folder by which clients find it; else the user's own")] = None,
    idle: Annotated[float, typer.Option(min=0, help="minutes without a request after which it ends; 0: never")] = 15.0,
    tcp: Annotated[bool, typer.Option("--tcp", help="listen on this machine's loopback in place of a socket")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="go on in the background once it answers")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="end the one that is running")] = False,
) -> None:
    """Keep networks loaded for hosts, panels and farm sessions on this machine."""
    from .service.place import Place, usual_folder

    folder = at or usual_folder()
    if stop:
        ended = Place.stop(folder, seconds=30)
        typer.echo(f"the service in {folder} has ended" if ended else f"no service is running in {folder}")
        return
    if detach:
        from .service.detached import start

        started = start(folder, idle=idle, tcp=tcp, cancel=cancel_on_signal())
        typer.echo(f"the service in {folder} is ready" if started else f"a service is running in {folder} already")
        return
    from .service.server import serve as serve_clients

    serve_clients(folder, idle=60 * idle, tcp=tcp)


def main() -> None:
    """Entry point: every error becomes one sentence on standard error and its own exit code."""
    try:
        _add_commands(sys.argv[1:2])
        code = app(prog_name="replate", standalone_mode=False)  # else a wrong command line would be told in typer's way
        sys.exit(code if isinstance(code, int) else 0)
    except BrokenPipeError:
        os._exit(1)
    except (Exception, KeyboardInterrupt) as error:
        _fail(error)


def _fail(error: BaseException) -> None:
    if os.environ.get("REPLATE_DEBUG"):
        raise error
    told = as_sentence(_in_our_words(error))
    typer.echo(f"replate: {told}", err=True)
    sys.exit(told.exit_code)


def _in_our_words(error: BaseException) -> BaseException:
    """What typer says of a command line as it says it, and an interruption for what it is."""
    if isinstance(error.__cause__, KeyboardInterrupt):
        return error.__cause__
    say = getattr(error, "format_message", None)  # its classes are click's or its own, as its version has it
    if say is None:
        return error
    text = say().rstrip(".").replace(". Did you", "; did you")
    command = getattr(getattr(error, "ctx", None), "command_path", "replate")
    if text.startswith("Usage:"):  # a command without a word is a question
        typer.echo(text, err=True)
        sys.exit(UsageError.exit_code)
    advice = "" if text.endswith("?") else f"; see '{command} --help'"
    return UsageError(f"{text[:1].lower()}{text[1:]}{advice}")


def _add_commands(asked: list[str]) -> None:
    """Commands of other packages (train, export); only the one asked for is imported, all of them for --help."""
    for entry in entry_points(group="replate.commands"):
        if not asked or asked[0].startswith("-") or asked[0] == entry.name:
            command = entry.load()
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=entry.name)
            else:
                app.command(entry.name)(command)
