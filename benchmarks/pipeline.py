"""End to end.

Thirty 1080p frames, half-float EXR in, half-float EXR out. Each bare stage runs alone over all frames: reading, the
node on frames in memory, writing. Then the whole render. Throughput is the render's frames per second over those of
the slowest bare stage, to hold: at least 0.9. Overhead is the render's CPU seconds over the sum of the bare stages', to
hold: at most 1.1.

Without a GPU all stages share the cores, and by default the network leaves one to reading and writing. A network that
takes them all (second row) is faster alone, but then the throughput cannot pass "possible": the slowest stage's seconds
over those in which all cores together can do the work of all stages.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from common import Clock, Table, clock, holds, scene, show
from exactness import write

from replate.frame import Frame
from replate.generator import Generator
from replate.job import Job
from replate.media import open_sink, open_source
from replate.nodes import Engine, Style
from replate.params import resolve
from replate.render import render

FRAMES = 30
CORES = len(os.sched_getaffinity(0))
THROUGHPUT, OVERHEAD = 0.9, 1.1


def measure(options: argparse.Namespace) -> Table:
    """A row for each look."""
    headings = ("look", "network threads", "read", "infer", "write", "render", "throughput", "possible", "overhead")
    with TemporaryDirectory() as folder:
        write(scene(FRAMES), f"{folder}/plate.%04d.exr")
        threads = [options.threads] if options.threads else [0, CORES]
        rows = [_row(Path(folder), name, count) for name in options.looks for count in threads]
        return Table((*headings, "holds"), rows)


def _row(folder: Path, name: str, threads: int) -> list[str]:
    stages = _bare(folder, name, threads)
    with clock() as whole:
        _render(folder, name, threads)
    slowest, total = max(stage.wall for stage in stages), sum(stage.cpu for stage in stages)
    throughput, overhead = slowest / whole.wall, whole.cpu / total
    possible = min(1.0, slowest / (total / CORES))
    seconds = (f"{stage.wall / FRAMES:.3f} s" for stage in (*stages, whole))
    good = throughput >= THROUGHPUT and overhead <= OVERHEAD
    figures = (f"{figure:.2f}" for figure in (throughput, possible, overhead))
    return [Path(name).stem, str(threads or "default"), *seconds, *figures, holds(good)]


def _bare(folder: Path, name: str, threads: int) -> list[Clock]:
    """Reading, inferring, writing: one after the other, all frames in memory in between."""
    style = Style(Engine(generator=Generator.load(name, threads=threads or None)))
    values = resolve(Style.params, {}, 0)
    with open_source(f"{folder}/plate.%04d.exr") as source, open_sink(f"{folder}/bare.%04d.exr", like=source) as sink:
        style.process({"plate": {0: source.read(1)}}, values)
        with clock() as reading:
            plates = [source.read(number) for number in source.frames]
        with clock() as inferring:
            results = [style.process({"plate": {0: plate}}, values) for plate in plates]
        with clock() as writing:
            _write(results, sink)
    return [reading, inferring, writing]


def _write(results: Iterable[Frame], sink) -> None:
    for result in results:
        sink.write(result)


def _render(folder: Path, name: str, threads: int) -> None:
    job = Job(
        node="style",
        inputs={"plate": f"{folder}/plate.%04d.exr"},
        output=f"{folder}/{Path(name).stem}.%04d.exr",
        generator=name,
        options={"threads": threads, "overwrite": True},
    )
    report = render(job)
    assert len(report.done) == FRAMES


if __name__ == "__main__":
    show(measure)
