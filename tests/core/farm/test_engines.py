"""The same steps for other engines. None of these is at hand: scripts run in their languages, on stand-ins."""

from __future__ import annotations

import json
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from plates import write_shot
from replate.farm.asked import Asked
from replate.farm.bundle import write_bundle
from replate.farm.engines import ENGINES
from replate.farm.work import farm_of
from replate.frames import parse_frames
from replate.job import Job

FRAMES = [*range(1001, 1011), 1015, 1017]
FOLDER = 'in {a} "b" $c [d]'
"""Everything that one of the languages would read, in every path."""

_FLAMENCO = """
const tasks = [];
const author = {
  Task: (name, type) => ({ name, type, commands: [], needs: [],
    addCommand(command) { this.commands.push(command); }, addDependency(task) { this.needs.push(task.name); } }),
  Command: (name, parameters) => ({ name, parameters }),
};
function frameChunker(frames, size) {
  const all = frames.split(",").flatMap((part) => {
    const [first, last] = part.split("-").map(Number);
    return Array.from({ length: (last || first) - first + 1 }, (_, index) => first + index);
  });
  const chunks = [];
  for (let at = 0; at < all.length; at += size) chunks.push(all.slice(at, at + size).join(","));
  return chunks;
}
compileJob({ settings: %s, addTask(task) { tasks.push(task); } });
console.log(JSON.stringify({ type: JOB_TYPE, tasks }));
"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A render in chunks of four frames, then a movie, for every engine."""
    folder = tmp_path_factory.mktemp("farm") / FOLDER
    plate = write_shot(folder, FRAMES, size=(8, 8))
    job = Job(
        node="style",
        inputs={"plate": plate},
        output=str(folder / "out.%04d.exr"),
        params={"mix": 0.25},
        options={"missing": "skip"},
    )
    farm = farm_of(job, Asked(chunk=4, movie=str(folder / "out.mov")))
    for engine in ENGINES:
        write_bundle(folder / "bundle", farm, engine=engine)
    return folder / "bundle"


def check_frames(commands: list[list[str]]) -> None:
    """Together the renders make each frame once; the movie comes last."""
    *renders, movie = commands
    asked = [word.removeprefix("--frames=") for words in renders for word in words if word.startswith("--frames=")]
    assert sorted(frame for text in asked for frame in parse_frames(text)) == FRAMES
    assert all(words[:2] == ["replate", "render"] for words in renders)
    assert movie[:2] == ["replate", "movie"]


def test_flamenco(bundle: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node to run the job type with")
    posted = json.loads((bundle / "flamenco_job.json").read_text())
    script = (bundle / f"{posted['type'].replace('-', '_')}.js").read_text() + _FLAMENCO % json.dumps(
        posted["settings"]
    )
    ran = subprocess.run([node, "-"], input=script, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    made = json.loads(ran.stdout)
    commands = [task["commands"][0]["parameters"] for task in made["tasks"]]
    check_frames([[each["exe"], *each["args"]] for each in commands])
    assert FOLDER in commands[0]["args"][2]
    assert "--set=mix=0.25" in commands[0]["args"]
    assert made["tasks"][-1]["needs"] == [task["name"] for task in made["tasks"][:-1]]
    assert {setting["key"] for setting in made["type"]["settings"]} == set(posted["settings"])


def test_jobs_that_differ_in_values_share_a_job_type_of_flamenco(tmp_path: Path) -> None:
    def made(name: str, **given: Any) -> set[str]:
        job = Job(node="style", inputs={"plate": "blank:8x8"}, output=f"/{name}.%04d.exr", frames="1-9", **given)
        write_bundle(tmp_path / name, farm_of(job, Asked()), engine="flamenco")
        return {path.name for path in (tmp_path / name).glob("*.js")}

    assert made("a", params={"mix": 0.1}) == made("b", params={"mix": 0.2, "mask.invert": True})
    assert made("a", params={"mix": 0.1}) != made("c", options={"ocio": "ocio://default"})


class _Outlines(ModuleType):
    """As much of pyoutline as the script uses."""

    def __init__(self) -> None:
        super().__init__("outline")
        self.layers: list[Any] = []
        self.launched = False
        self.cuerun = ModuleType("outline.cuerun")
        self.cuerun.launch = self._launch  # type: ignore[attr-defined]

    def Outline(self, name: str, **_: str) -> _Outlines:
        return self

    def add_layer(self, layer: Any) -> None:
        self.layers.append(layer)

    def _launch(self, job: Any, *, use_pycuerun: bool) -> None:
        assert job is self and not use_pycuerun
        self.launched = True


class _Shell:
    def __init__(self, name: str, *, command: list[str], range: str, chunk: int) -> None:
        self.name, self.command, self.range, self.chunk, self.after = name, command, range, chunk, list[Any]()

    def depend_all(self, layer: Any) -> None:
        self.after.append(layer.name)


def test_opencue(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outlines, shell = _Outlines(), ModuleType("outline.modules.shell")
    shell.Shell = _Shell  # type: ignore[attr-defined]
    fakes = {"outline": outlines, "outline.cuerun": outlines.cuerun, "outline.modules": ModuleType("outline.modules")}
    for name, module in {**fakes, "outline.modules.shell": shell}.items():
        monkeypatch.setitem(sys.modules, name, module)
    runpy.run_path(str(bundle / "opencue_submit.py"))
    render, movie = outlines.layers
    assert outlines.launched and movie.after == ["Render"] and render.chunk == 4
    assert list(parse_frames(render.range)) == FRAMES
    lines = [shlex.split(" ".join(layer.command)) for layer in (render, movie)]  # as Cuebot joins them
    check_frames([[word.replace("#FRAMESPEC#", render.range) for word in words] for words in lines])
    assert FOLDER in lines[0][-1]


def test_deadline_10(bundle: Path) -> None:
    info = dict(line.split("=", 1) for line in (bundle / "deadline10_1_render_job.txt").read_text().splitlines())
    assert list(parse_frames(info["Frames"])) == FRAMES
    assert info["ChunkSize"] == "1"  # a task is told its first and last frame, and these leave gaps
    plugin = (bundle / "deadline10_1_render_plugin.txt").read_text()
    assert "--frames=<STARTFRAME>-<ENDFRAME>" in plugin
    submitted = shlex.split((bundle / "deadline10_submit.sh").read_text().splitlines()[1])
    assert all(Path(word).is_file() for word in submitted if word.endswith(".txt"))
    assert FOLDER in submitted[-1] and "-dependent" in submitted


def test_tractor(bundle: Path) -> None:
    tkinter = pytest.importorskip("tkinter", reason="no Tcl to read the job script with")
    tcl, commands = tkinter.Tcl(), list[list[str]]()
    tcl.createcommand("RemoteCmd", lambda words, *_: commands.append(list(tcl.splitlist(words))))
    tcl.eval("proc Job {args} { uplevel [dict get $args -subtasks] }")
    tcl.eval("proc Task {name args} { foreach {what script} $args { uplevel $script } }")
    tcl.eval((bundle / "tractor.alf").read_text())
    check_frames(commands)
    assert FOLDER in commands[0][-2]
    assert not any(re.search("%0?[0-9]*d", word) for words in commands for word in words)
