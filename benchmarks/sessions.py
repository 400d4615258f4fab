"""The farm.

A shot of 960 x 540 frames, half-float EXR, run by Open Job Description's own sessions as `replate farm --run` does. One
session on one core makes its frames, then two sessions, each on a core of its own, make twice as many: "gain" is the
work of two over that of one in the same time, to hold: at least 1.8. "possible" is the same for two processes that only
count, one on each core: what the machine itself allows at that moment.

A task costs the engine what a task that does nothing takes, to hold: at most 0.3 s. A chunk of one frame is timed by a
warm service and in a process of its own, to hold: warm at most 0.7 of cold, as CPU seconds of the task. A session's
service is asked for four chunks, and its log for how often it loaded the network: once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
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
    look = options.looks[0]
    cores = sorted(os.sched_getaffinity(0))[:2]
    with TemporaryDirectory() as place:
        folder = Path(place)
        write(scene(2 * FRAMES, size=(540, 960)), f"{folder}/plate.%04d.exr")
        rows = [*_gain(folder, look, cores), _engine(folder), *_chunks(folder, look)]
    return Table(("what", "measured", "bound", "holds"), rows)


def _gain(folder: Path, look: str, cores: Sequence[int]) -> list[list[str]]:
    if len(cores) < 2:
        return [["two sessions on two cores", "this machine has one", "", ""]]
    shares = [Share(name=f"core {core}", cores=frozenset([core])) for core in cores]
    alone = _seconds(folder, look, shares[:1], FRAMES)
    together = _seconds(folder, look, shares, 2 * FRAMES)
    gain, possible = 2 * alone / together, _possible(cores)
    text = f"{gain:.2f} x one ({alone:.1f} s for {FRAMES} frames, {together:.1f} s for {2 * FRAMES})"
    return [
        ["two sessions on two cores", text, f"{GAIN} x", holds(gain >= GAIN)],
        ["possible: two processes that count", f"{possible:.2f} x", "", ""],
    ]


def _seconds(folder: Path, look: str, shares: Sequence[Share], frames: int) -> float:
    """Wall seconds of a bundle, from the first session to the last."""
    output = f"{folder}/{len(shares)}/o.%04d.exr"
    job = Job(
        node="style",
        inputs={"plate": f"{folder}/plate.%04d.exr"},
        output=output,
        frames=f"1-{frames}",
        generator=look,
        options={"device": "cpu"},
    )
    file, bundle = folder / f"{len(shares)}.json", folder / f"bundle{len(shares)}"
    job.save(file)
    _replate("farm", str(file), "--chunk", str(CHUNK), "--out", str(bundle))
    return _run(bundle, shares)


def _run(bundle: Path, shares: Sequence[Share]) -> float:
    with clock() as whole:
        report = run(bundle, sessions=shares, watcher=Watcher(), cancel=threading.Event(), again=0)
    conclude(report)
    return whole.wall


def _possible(cores: Sequence[int]) -> float:
    """Two counting processes over one."""
    laps = race({"one": lambda: _count(cores[:1]), "two": lambda: _count(cores)}, rounds=3)
    return 2 * laps["one"].wall / laps["two"].wall


def _count(cores: Sequence[int]) -> None:
    code = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); " + COUNT
    running = [subprocess.Popen([sys.executable, "-c", code, str(core)]) for core in cores]
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
    each = _run(bundle, [Share(name="one")]) / TASKS
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
