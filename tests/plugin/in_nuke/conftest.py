"""The fake Nuke in place of the real one, and a script in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import fakenuke

sys.modules["nuke"] = fakenuke

from replate_plugin.client import Service
from replate_plugin.nuke import marks, rendering, session
from services import served


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for all tests of this folder."""
    with served(tmp_path_factory.mktemp("nuke"), client="Nuke") as client:
        yield client


@pytest.fixture
def nuke(tmp_path: Path, common: Service, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A Nuke with a saved, empty script, whose Replate is the service of the tests."""
    fakenuke.reset()
    fakenuke.scriptSaveAs(str(tmp_path / "shot.nk"))
    monkeypatch.setattr(session, "service", lambda: common)
    monkeypatch.setattr(session, "_known", [session.load(common)])
    monkeypatch.setattr(marks, "_AGE", 0.0)
    rendering._running.clear()
    return fakenuke
