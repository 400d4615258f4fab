"""The panel.

A shot of 24 EXR frames of 960 x 540 on a screen that nobody sees; the panel, its service and its second service share
the cores. Knob: from a knob that is moved to the new result on the screen, warm, at full detail, median of 15; to hold:
0.35 s, on an idle machine. Its CPU time, of all three processes together, suffers less from others. Draft: the same in
the middle of a drag. Exposure: from the viewer's knob to plate and result on the screen, dragged, and let go, which is
what a key for a channel costs, too; to hold: two refreshes of a screen, 0.033 s, dragged. Scrubbing: frames a second
through frames that were made before, painted each; to hold: 24. Start: from the shell to a window that is painted,
median of 5; to hold: 2 s.

A user without a plan: 500 random actions of `tests/plugin/panel/monkey.py`, counted: exceptions, and the longest time
that the widgets' thread did not answer; to hold: none, and 0.5 s. Memory: of the panel after the last 250, pictures
that it keeps put away, against after the first 250; to hold: at most 30 MiB more.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.append(str(Path(__file__).parents[1] / "tests" / "plugin" / "panel"))

from common import Table, holds, scene, show
from exactness import write
from monkey import Monkey
from PySide6.QtWidgets import QApplication

from replate_plugin.client import Service
from replate_plugin.panel import editing, theme
from replate_plugin.panel.model.home import Home
from replate_plugin.panel.panel import Panel

FRAMES, SIZE, ROUNDS, ACTIONS = 24, (540, 960), 15, 500
KNOB, FPS, START, FREEZE, GROWTH, TURN = 0.35, 24.0, 2.0, 0.5, 30.0, 0.033
OPEN = """
import sys, time
import replate_plugin.panel
from pathlib import Path
from replate_plugin.client import Service
from replate_plugin.panel import theme
from replate_plugin.panel.model.home import Home
from replate_plugin.panel.panel import Panel
application = theme.application()
services = [Service(folder=Path(sys.argv[1]) / name) for name in ("pixels", "eyes")]
panel = Panel(pixels=services[0], eyes=services[1], home=Home(Path(sys.argv[1]) / "home"))
panel.show()
application.processEvents()
panel.grab()
print(time.time())
import os
os._exit(0)
"""


def measure(options: argparse.Namespace) -> Table:
    """A row for each figure."""
    with TemporaryDirectory() as text:
        folder = Path(text)
        write(scene(FRAMES, size=SIZE), f"{folder}/plate.%04d.exr")
        start = median(_start(folder) for _ in range(5))
        with _panel(folder) as panel:
            rows = [row for look in options.looks if look != "colorize" for row in _knobs(panel, look, folder)]
            rows += [*_exposure(panel), _scrubbing(panel)]
            rows.append(["start", f"{start:.2f} s", f"{START:.0f} s", holds(start <= START)])
            rows += _monkey(panel)
    return Table(("what", "measured", "bound", "holds"), rows)


@contextmanager
def _panel(folder: Path) -> Iterator[Panel]:
    application = theme.application()
    services = [Service(folder=folder / name) for name in ("pixels", "eyes")]
    panel = Panel(pixels=services[0], eyes=services[1], home=Home(folder / "home"))
    panel.show()
    panel.open(folder / "plate.0001.exr")
    try:
        _until(lambda: panel.screening.ready)
        time.sleep(2.5)  # until the service believes the files' dates
        yield panel
    finally:
        panel.close()
        application.processEvents()
        for service in services:
            service.shutdown()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        QApplication.processEvents()
        time.sleep(0.001)
        if time.monotonic() > end:
            raise TimeoutError("the panel does not come to it")


def _settle(panel: Panel) -> None:
    QApplication.processEvents()
    _until(lambda: panel.screening.ready and not panel.screening.stale)


def _work(folder: Path) -> float:
    """CPU seconds that the panel and both services have taken so far."""
    pids = [json.loads((folder / name / "service.json").read_text())["pid"] for name in ("pixels", "eyes")]
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in ("self", *pids)]
    return sum(int(ticks) for stat in stats for ticks in stat[11:13]) / os.sysconf("SC_CLK_TCK")


def _knobs(panel: Panel, look: str, folder: Path) -> list[list[str]]:
    editing.choose_generator(panel.desk, look)
    _settle(panel)
    slider = panel.tune.rows["strength"].editor.slider
    times, drafts = [], []
    worked = _work(folder)
    for round_ in range(ROUNDS + 2):
        begun = time.perf_counter()
        slider.setValue(300 + 20 * round_)
        _settle(panel)
        times.append(time.perf_counter() - begun)
    worked = (_work(folder) - worked) / (ROUNDS + 2)
    slider.sliderPressed.emit()
    shown = []
    panel.screening.showing.connect(lambda role, picked: role == "result" and picked and shown.append(picked))
    for round_ in range(ROUNDS + 2):
        begun, before = time.perf_counter(), len(shown)
        slider.setValue(305 + 20 * round_)
        _until(lambda: len(shown) > before)  # noqa: B023
        drafts.append(time.perf_counter() - begun)
    slider.sliderReleased.emit()
    _settle(panel)
    knob, draft = median(times[2:]), median(drafts[2:])
    width = shown[len(shown) // 2].wish.width or SIZE[1]
    return [
        [f"knob of {look}", f"{knob:.2f} s", f"{KNOB} s", holds(knob <= KNOB)],
        ["the same in CPU time", f"{worked:.2f} s", "", ""],
        [f"draft of {look}, {width} pixels wide", f"{draft:.2f} s", "", ""],
    ]


def _exposure(panel: Panel) -> list[list[str]]:
    rows = []
    for turning, what in ((True, "dragged"), (False, "let go")):
        panel.desk.turn(turning)
        _settle(panel)
        times = []
        for round_ in range(ROUNDS):
            begun = time.perf_counter()
            panel.desk.show_as(exposure=0.1 * (round_ + 1) + 0.01 * turning)
            _settle(panel)
            times.append(time.perf_counter() - begun)
        told = ["0.033 s", holds(median(times) <= TURN)] if turning else ["", ""]
        rows.append([f"exposure of the viewer, {what}", f"{median(times):.3f} s", *told])
    panel.desk.show_as(exposure=0.0)
    _settle(panel)
    return rows


def _scrubbing(panel: Panel) -> list[str]:
    for frame in range(1, FRAMES + 1):
        panel.desk.go_to(frame)
        _settle(panel)
    viewer, begun, count = panel.stage.viewer, time.perf_counter(), 0
    for _ in range(4):
        for frame in range(1, FRAMES + 1):
            panel.desk.go_to(frame)
            _settle(panel)
            viewer.repaint()
            count += 1
    fps = count / (time.perf_counter() - begun)
    return ["scrubbing", f"{fps:.0f} frames a second", f"{FPS:.0f}", holds(fps >= FPS)]


def _start(folder: Path) -> float:
    begun = time.time()
    told = subprocess.run([sys.executable, "-c", OPEN, str(folder)], capture_output=True, text=True, check=True)
    return float(told.stdout.splitlines()[-1]) - begun


def _monkey(panel: Panel) -> list[list[str]]:
    raised: list[object] = []
    hook, sys.excepthook = sys.excepthook, lambda *error: raised.append(error)
    monkey, sizes = Monkey(panel, seed=4), []
    try:
        for number in range(ACTIONS):
            monkey.act()
            monkey.rest(0.02)
            if number + 1 in (ACTIONS // 2, ACTIONS):
                sizes.append(_memory(panel, monkey))
    finally:
        sys.excepthook = hook
    grown = sizes[1] - sizes[0]
    for error in raised:
        print(error, file=sys.stderr)
    print(f"longest: {monkey.longest:.2f} s at {monkey.slowest}", file=sys.stderr)
    return [
        [f"exceptions in {ACTIONS} random actions", str(len(raised)), "0", holds(not raised)],
        ["longest time without an answer", f"{monkey.longest:.2f} s", f"{FREEZE} s", holds(monkey.longest <= FREEZE)],
        ["memory after the second half", f"{grown:+.0f} MiB", f"{GROWTH:+.0f} MiB", holds(grown <= GROWTH)],
    ]


def _memory(panel: Panel, monkey: Monkey) -> float:
    """MiB of this process, at rest and without the pictures that it keeps."""
    monkey.rest(1.0)
    panel.projector.clear()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    monkey._seen = time.monotonic()  # that was not the panel
    return pages * os.sysconf("SC_PAGESIZE") / 2**20


if __name__ == "__main__":
    show(measure)
