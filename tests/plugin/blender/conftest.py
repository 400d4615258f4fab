"""Blender itself, with the extension in it, and a service for all of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nets import tiny_style
from plates import read, write_shot
from replate_plugin.installing.changes import installation
from replate_plugin.installing.contents import contents
from replate_plugin.installing.extension import build
from replate_plugin.installing.hosts import Place
from replate_plugin.installing.packing import Origin
from services import ROOT, end, program

INSIDE = Path(__file__).with_name("inside.py")


@dataclass(frozen=True)
class Blender:
    """A Python that has Blender's module, and what its processes see."""

    python: str
    environment: dict[str, str]
    archive: Path

    def run(self, name: str, *, fails: bool = False, environment: Mapping[str, str] | None = None, **given: Any) -> Any:
        """What the scenario `name` returns; with `fails` the whole process instead, which may have failed."""
        seen = {**self.environment, **(environment or {})}
        command = [self.python, str(INSIDE), name, json.dumps(given)]
        done = subprocess.run(command, env=seen, capture_output=True, text=True, timeout=300)
        if fails:
            return done
        assert done.returncode == 0, done.stdout + done.stderr
        answers = [line for line in done.stdout.splitlines() if line.startswith("ANSWER ")]
        return json.loads(answers[-1].removeprefix("ANSWER "))


@pytest.fixture(scope="session")
def bpy_python() -> str:
    """$REPLATE_BLENDER, or what `install.py test` put into .venv-bpy."""
    python = os.environ.get("REPLATE_BLENDER") or str(ROOT / ".venv-bpy" / "bin" / "python")
    if not Path(python).exists():
        pytest.skip(f"no Blender module in {python}; 'python3 install.py test' installs it where Python 3.11 is")
    return python


@pytest.fixture(scope="session")
def empty(bpy_python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blender]:
    """Blender with nothing installed."""
    folder = tmp_path_factory.mktemp("blender")
    (folder / "run").mkdir(mode=0o700)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "OCIO")}
    environment |= {
        "BLENDER_USER_RESOURCES": str(folder / "user"),
        "REPLATE_SERVICE": str(folder / "run"),
        "REPLATE_PYTHON": program(folder),
    }
    archive = build(folder / "replate.zip", python=program(folder))
    yield Blender(bpy_python, environment, archive)
    end(folder / "run")


@pytest.fixture(scope="session")
def blender(empty: Blender, tmp_path_factory: pytest.TempPathFactory) -> Blender:
    """Blender with the extension, put there as `install.py hosts` does it."""
    user = tmp_path_factory.mktemp("user")
    place = Place("blender", "Blender", user / "extensions" / "user_default")
    installation(place, contents(place, Origin.of(empty.environment["REPLATE_PYTHON"]))).do()
    return Blender(empty.python, {**empty.environment, "BLENDER_USER_RESOURCES": str(user)}, empty.archive)


@dataclass(frozen=True)
class Shot:
    """Three frames, a generator for them, and the command line."""

    folder: Path
    plate: str
    look: str

    def told(self, node: str, output: str, *words: str, plate: str = "") -> dict[int, np.ndarray]:
        """What the command line makes of the shot, in 32 bits: frame -> pixels."""
        pattern = str(self.folder / output / "o.%04d.exr")
        command = [sys.executable, "-m", "replate", "render", node, plate or self.plate, pattern, *words]
        command += ["--bits", "32", *([] if "--color-space" in words else ["--color-space", "lin_rec709"])]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "core")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return pictures(pattern)


def pictures(pattern: str, name: str = "o") -> dict[int, np.ndarray]:
    """The frames of a sequence that are there."""
    files = sorted(Path(pattern).parent.glob(f"{name}.*.exr"))
    return {int(path.name.split(".")[1]): read(path)[0] for path in files}


@pytest.fixture(scope="session")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Shot:
    folder = tmp_path_factory.mktemp("shot")
    return Shot(folder, write_shot(folder / "in", range(1, 4)), str(tiny_style(folder / "tiny.onnx", change=0.3)))


@pytest.fixture
def same() -> Callable[[str, dict[int, np.ndarray]], None]:
    """Compare rendered frames with what was told, bit by bit."""

    def compare(pattern: str, wanted: dict[int, np.ndarray]) -> None:
        found = pictures(pattern)
        assert found.keys() == wanted.keys()
        for frame, pixels in wanted.items():
            assert np.array_equal(found[frame], pixels), f"frame {frame}: {np.abs(found[frame] - pixels).max()}"

    return compare
