"""One job, from the command line and from every host: the same pixels, bit by bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from blender.conftest import Blender, blender, bpy_python, empty  # noqa: F401

from nets import tiny_style
from plates import bits, read, write_shot
from replate_plugin.resolve.menu import run
from resolving.editing import START, Borrowed, close, render_it
from resolving.media import MediaPoolItem
from resolving.project import Project, Resolve
from resolving.timeline import Timeline
from resolving.windows import Desktop, Fusion
from resolving.world import World
from services import ROOT, served

sys.path.insert(0, str(Path(__file__).parent / "in_nuke"))
import fakenuke

sys.modules["nuke"] = fakenuke

from replate_plugin.nuke import building, rendering, session  # noqa: E402

FRAMES = range(1, 4)
MIX, STRENGTH = 0.8, {1: 0.0, 3: 1.0}
SPACE = "lin_rec709"
Pictures = dict[int, np.ndarray]


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A plate in half floats, and a generator."""
    folder = tmp_path_factory.mktemp("every")
    return write_shot(folder / "in", FRAMES), str(tiny_style(folder / "tiny.onnx", change=0.3))


@pytest.fixture(scope="module")
def told(shot: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """What the command line makes of the job."""
    output = str(tmp_path_factory.mktemp("told") / "o.%04d.exr")
    strength = ",".join(f"{value}@{frame}" for frame, value in STRENGTH.items())
    words = ["--generator", shot[1], "--set", f"mix={MIX}", "--set", f"strength={strength}", "--color-space", SPACE]
    command = [sys.executable, "-m", "replate", "render", "style", shot[0], output, *words]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "core")})
    found = pictures(output)
    assert not np.array_equal(found[3], read(shot[0] % 3)[0]), "the job changes something"
    return found


def pictures(pattern: str) -> Pictures:
    return {frame: read(pattern % frame)[0] for frame in FRAMES}


def same(found: Pictures, told: Pictures) -> None:
    """In half floats, as the plate is: some hosts hold more digits."""
    for frame in FRAMES:
        assert np.array_equal(bits(found[frame].astype(np.float16)), bits(told[frame].astype(np.float16))), frame


def test_blender(blender: Blender, shot: tuple[str, str], told: Pictures, tmp_path: Path) -> None:  # noqa: F811
    answer = blender.run("style", plate=shot[0], look=shot[1], output=f"{tmp_path}/", routes=["file"])
    assert answer["file"]["told"] == ""
    same(pictures(f"{tmp_path}/file/o.%04d.exr"), told)


def test_nuke(shot: tuple[str, str], told: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path / "service", client="Nuke") as service:
        fakenuke.reset()
        fakenuke.scriptSaveAs(str(tmp_path / "shot.nk"))
        monkeypatch.setattr(session, "service", lambda: service)
        monkeypatch.setattr(session, "_known", [session.load(service)])
        plate = fakenuke.nodes.Read(file=shot[0], first=1, last=3, raw=True)
        plate.setSelected(True)
        group = building.create("style")
        group["replate_generator_file"].setValue(shot[1])
        group["mix"].setValue(MIX)
        for frame, value in STRENGTH.items():
            group["strength"].setValueAt(value, frame)
        group["replate_render"].execute()
        fakenuke.state.host.idle(lambda: not rendering._running)
        shown = {frame: fakenuke.pixels.shown(group, frame) for frame in FRAMES}
    names = ("red", "green", "blue", "alpha")
    same({frame: np.dstack([each[f"rgba.{name}"] for name in names]) for frame, each in shown.items()}, told)


def test_resolve(shot: tuple[str, str], told: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    knobs = {"mix": MIX, "strength": {"keys": [[frame, value] for frame, value in STRENGTH.items()]}}
    choice = {"generator": shot[1], "knobs": knobs, "options": {"color_space": SPACE}, "folder": str(tmp_path / "out")}
    (tmp_path / "resolve-style.json").write_text(json.dumps(choice))
    monkeypatch.setenv("REPLATE_PRESETS", str(tmp_path))
    world = World()
    project = Project(world)
    timeline = Timeline(world, project)
    timeline.put(1, MediaPoolItem.of(world, shot[0], first=1, last=3), START, 3)
    given = {"resolve": Resolve(world, project), "fusion": Fusion(), "bmd": Desktop(render_it, close)}
    with served(tmp_path / "service", client="Resolve") as service:
        assert run("style", given, service=Borrowed(service))
    same(pictures(str(tmp_path / "out" / "plate_style_v001" / "plate_style_v001.%04d.exr")), told)
