"""`replate farm`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ..cli_options import watched
from ..errors import InputError, UsageError
from ..news.progress import Watcher
from ..params import nearest
from .asked import Asked
from .engines import ENGINES

__all__ = ["farm"]


@watched
def farm(
    jobs: Annotated[list[Path], typer.Argument(metavar="JOB...", help="job files, or folders of them")],
    out: Annotated[
        Path | None, typer.Option(help="the folder to write, or for several jobs where theirs go; else beside each")
    ] = None,
    chunk: Annotated[int, typer.Option(min=1, help="frames a task")] = Asked.chunk,
    chunk_seconds: Annotated[
        int, typer.Option(min=0, help="seconds a task should take; 0: --chunk decides")
    ] = Asked.seconds,
    train: Annotated[
        str, typer.Option(help="first train the look: what follows 'replate train', in quotes")
    ] = Asked.train,
    movie: Annotated[str, typer.Option(help="at the end make this movie of the frames")] = Asked.movie,
    timeout: Annotated[int, typer.Option(min=1, help="minutes after which a task is ended")] = Asked.timeout,
    gpu: Annotated[bool | None, typer.Option(help="whether only machines with a GPU may render")] = Asked.gpu,
    program: Annotated[str, typer.Option(help="replate as the farm's machines find it")] = Asked.program,
    engine: Annotated[str, typer.Option("--for", help=f"another engine as well: {', '.join(ENGINES)}")] = "",
    run: Annotated[bool, typer.Option("--run", help="run them here, one after the other")] = False,
    sessions: Annotated[int, typer.Option(min=1, help="with --run: so many at a time, with as many cores each")] = 1,
    gpus: Annotated[str, typer.Option(help="with --run: one session for each of these GPUs, as in 0,1")] = "",
    again: Annotated[int, typer.Option(min=0, help="with --run: how often a task that failed is tried again")] = 1,
    report: Annotated[Path | None, typer.Option(help="with --run: write how it went to this file, as JSON")] = None,
    *,
    watcher: Watcher,
) -> None:
    """Make jobs for a render farm: folders with an Open Job Description template, for Deadline Cloud as well."""
    from ..job import Job
    from .bundle import write_bundle
    from .work import farm_of

    here = {"sessions": sessions != 1, "gpus": gpus, "again": again != 1, "report": report}
    if not run and (alone := [f"--{name}" for name, given in here.items() if given]):
        raise UsageError(f"{' and '.join(alone)} count only with --run; add it, or leave them out")
    if engine and engine not in ENGINES:
        raise UsageError(f"there is no farm engine '{engine}' here{nearest(engine, ENGINES)}", parameter="for")
    files = list(_files(jobs))
    if (train or movie) and len(files) > 1:
        raise UsageError("--train and --movie are for one job, and there are several; make their bundles one by one")
    asked = Asked(
        chunk=chunk, seconds=chunk_seconds, timeout=timeout, gpu=gpu, program=program, train=train, movie=movie
    )
    folders = _folders(files, out)
    for folder, file in folders.items():
        write_bundle(folder, farm_of(Job.load(file), asked), engine=engine)
        watcher.note(str(folder) if run else f"{folder}: submit it with: {_submitting(folder)}")
    if run:
        from .here import run_here

        run_here(tuple(folders), sessions=sessions, gpus=gpus, again=again, report=report, watcher=watcher)


def _submitting(folder: Path) -> str:
    """A command that can be pasted, whatever the folder is called."""
    return shlex.join(["deadline", "bundle", "submit", str(folder)])


def _files(jobs: Iterable[Path]) -> Iterator[Path]:
    for place in jobs:
        if not place.is_dir():
            yield place
            continue
        found = sorted(place.glob("*.json"))
        if not found:
            raise InputError(f"the folder {place} holds no job file (*.json); make one with --save-job", path=place)
        yield from found


def _folders(files: Sequence[Path], out: Path | None) -> dict[Path, Path]:
    """The job file of each bundle; raises UsageError where two would be one."""
    folders = {_folder(file, out, several=len(files) > 1): file for file in files}
    if len(folders) < len(files):
        raise UsageError(f"two of the jobs have one name, so their bundles in {out or '.'} would be one; rename one")
    return folders


def _folder(job: Path, out: Path | None, *, several: bool) -> Path:
    name = f"{job.stem}-farm"
    if out is None:
        return job.with_name(name)
    return out / name if several else out
