"""A service for all of it, and an edit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nets import tiny_style
from replate_plugin.client import Service
from resolving.editing import Edit
from resolving.project import Project
from resolving.timeline import Timeline
from resolving.world import World
from services import served


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with served(tmp_path_factory.mktemp("resolve") / "service", client="DaVinci Resolve") as connected:
        yield connected


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_style(tmp_path_factory.mktemp("look") / "tiny.onnx"))


@pytest.fixture
def edit(tmp_path: Path, service: Service, look: str, monkeypatch: pytest.MonkeyPatch) -> Edit:
    monkeypatch.setenv("REPLATE_PRESETS", str(tmp_path / "presets"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("replate_plugin.resolve.through._LOOK", 0.0)
    world = World()
    project = Project(world)
    return Edit(world, project, Timeline(world, project), tmp_path, service, {"generator": look})
