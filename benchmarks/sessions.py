"""The farm.

A shot of 960 x 540 frames, half-float EXR, run by Open Job Description's own sessions as `replate farm --run` does. One
session on one core makes its frames, then two sessions, each on a core of its own, make twice as many, in turn, median
of three: "gain" is the work of two over that of one in the same time, to hold: at least 1.8. CPU is that of all
processes, services among them: where it grows from one session to two, they slow each other down; where it does not,
they wait. "possible" is the same for processes that know nothing of each other, one on each core, which render the same
frames or only count: what the machine allows to whoever shares its memory, and to whoever needs none. A look that does
little with each number that it fetches depends on memory most, as `colorize` does: 2.9 billion operations for 1 GB.

A task costs the engine what a task that does nothing takes, to hold: at most 0.3 s. A chunk of one frame is timed by a
warm service and in a process of its own, to hold: warm at most 0.7 of cold, as CPU seconds of the task. A session's
service is asked for four chunks, and its log for how often it loaded the network: once.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from common import Clock, Table, clock, holds, race, scene, show
from exactness import write

from replate.farm.running import conclude, run
from replate.farm.shares import Share
from replate.job import Job
from replate.news.progress import Watcher

FRAMES, CHUNK, TASKS = 24, 8, 10
GAIN, ENGINE, WARM = 1.8, 0.3, 0.7
COUNT = "sum(range(30_000_000))"


def measure(options: argparse.Namespace) -> Table:
    """A row for each question."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    with TemporaryDirectory() as place:
        folder = Path(place)
        write(scene(2 * FRAMES, size=(540, 960)), f"{folder}/plate.%04d.exr")
        rows = [*_gains(folder, options.looks, cores), _engine(folder), *_chunks(folder, options.looks[0])]
    return Table(("what", "measured", "bound", "holds"), rows)


def _gains(folder: Path, looks: Sequence[str], cores: Sequence[int]) -> Iterator[list[str]]:
    if len(cores) < 2:
        yield ["two sessions on two cores", "this machine has one", "", ""]
        return
    _adopt()
    shares = [Share(name=f"core {core}", cores=frozenset([core])) for core in cores]
    for look in looks:
        bundles = {count: _bundle(folder, look, count) for count in (1, 2)}
        sessions = _twice(lambda count, bundles=bundles: _run(bundles[count], shares[:count]))
        renders = _twice(lambda count, look=look: _render(folder, look, cores[:count]))
        yield [f"{look}: two sessions on two cores", _told(sessions), f"{GAIN} x", holds(_ratio(sessions) >= GAIN)]
        yield [f"{look}, possible: two renders without a farm", _told(renders), "", ""]
    counts = _twice(lambda count: _count(cores[:count]))
    yield ["possible: two processes that count", f"{_ratio(counts):.2f} x one", "", ""]


def _adopt() -> None:
    """Have services, whose starters are gone, end as children of this process, which tells of their CPU time."""
    set_child_subreaper = 36
    ctypes.CDLL(None).prctl(set_child_subreaper, 1)


def _children() -> set[int]:
    return {int(each) for each in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def _twice(do: Callable[..., Any]) -> list[Clock]:
    """One and two at a time."""
    laps = race({"one": lambda: do(1), "two": lambda: do(2)}, rounds=3)
    return [laps["one"], laps["two"]]


def _ratio(laps: Sequence[Clock]) -> float:
    return 2 * laps[0].wall / laps[1].wall


def _told(laps: Sequence[Clock]) -> str:
    walls = " and ".join(f"{lap.wall:.1f} s" for lap in laps)
    each = " and ".join(f"{1000 * lap.cpu / (count * FRAMES):.0f} ms" for count, lap in enumerate(laps, 1))
    return f"{_ratio(laps):.2f} x one ({walls} for {FRAMES} and {2 * FRAMES} frames; CPU a frame {each})"


def _bundle(folder: Path, look: str, count: int) -> Path:
    """A job of so many times the frames, which are made anew whenever it runs."""
    job = Job(
        node="style",
        inputs={"plate": f"{folder}/plate.%04d.exr"},
        output=f"{folder}/made/o.%04d.exr",
        frames=f"1-{count * FRAMES}",
        generator=look,
        options={"device": "cpu", "overwrite": True},
    )
    file, bundle = folder / f"{look}{count}.json", folder / f"{look}{count}"
    job.save(file)
    _replate("farm", str(file), "--chunk", str(CHUNK), "--out", str(bundle))
    return bundle


def _run(bundle: Path, shares: Sequence[Share]) -> None:
    others = _children()
    conclude(run(bundle, sessions=shares, watcher=Watcher(), cancel=threading.Event(), again=0))
    for service in _children() - others:
        os.waitpid(service, 0)


def _render(folder: Path, look: str, cores: Sequence[int]) -> None:
    """As many processes as cores, each with the frames of one session."""
    words = ["render", "style", f"{folder}/plate.%04d.exr", "--generator", look, "--device", "cpu", "--overwrite"]
    frames = ("--frames", f"1-{FRAMES}")
    _side_by_side(cores, lambda core: ["-m", "replate", *words, f"{folder}/alone{core}/o.%04d.exr", *frames])


def _count(cores: Sequence[int]) -> None:
    _side_by_side(cores, lambda _: ["-c", COUNT])


def _side_by_side(cores: Sequence[int], words: Callable[[int], Sequence[str]]) -> None:
    """A Python on each core; to its end."""
    shares = {core: Share(name="", cores=frozenset([core])) for core in cores}
    running = [
        subprocess.Popen(
            [sys.executable, *words(core)],
            preexec_fn=share.pin,
            env={**os.environ, **share.variables},
            stdout=subprocess.DEVNULL,
        )
        for core, share in shares.items()
    ]
    assert not any(process.wait() for process in running)


def _engine(folder: Path) -> list[str]:
    """Seconds of tasks that do nothing."""
    tasks = [{"name": "N", "type": "INT", "range": f"1-{TASKS}"}]
    action: dict[str, Any] = {"onRun": {"command": "true"}}
    step = {"name": "Nothing", "parameterSpace": {"taskParameterDefinitions": tasks}, "script": {"actions": action}}
    bundle = folder / "nothing"
    bundle.mkdir()
    template = {"specificationVersion": "jobtemplate-2023-09", "name": "nothing", "steps": [step]}
    (bundle / "template.json").write_text(json.dumps(template))
    (bundle / "parameter_values.json").write_text("{}")
    with clock() as whole:
        _run(bundle, [Share(name="one")])
    each = whole.wall / TASKS
    return ["engine, a task", f"{each:.2f} s", f"{ENGINE} s", holds(each <= ENGINE)]


def _chunks(folder: Path, look: str) -> list[list[str]]:
    """A chunk of one frame, warm and cold."""
    service = folder / "service"
    _replate("serve", "--at", str(service), "--detach")
    try:
        words = ["render", "style", f"{folder}/plate.%04d.exr", f"{folder}/chunk/o.%04d.exr", "--generator", look]
        words += ["--device", "cpu", "--overwrite", "--frames=openjd:1"]
        laps: dict[str, Clock] = race(
            {"warm": lambda: _replate(*words, "--service", str(service)), "cold": lambda: _replate(*words)}, rounds=3
        )
        loads = (service / "service.log").read_text().count("the network is loaded")
    finally:
        _replate("serve", "--at", str(service), "--stop")
    warm, cold = laps["warm"], laps["cold"]
    text = f"{warm.wall:.2f} s warm, {cold.wall:.2f} s cold (CPU of the task {warm.cpu:.2f} s and {cold.cpu:.2f} s)"
    return [
        ["a chunk of one frame", text, f"{WARM} of cold", holds(warm.cpu <= WARM * cold.cpu)],
        ["network loads of a session of 4 chunks", str(loads), "1", holds(loads == 1)],
    ]


def _replate(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "replate", *words], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    show(measure)
