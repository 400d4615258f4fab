"""The script that `install.py hosts` writes, started as Resolve starts it."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

from replate_plugin.installing.changes import installation
from replate_plugin.installing.contents import contents
from replate_plugin.installing.hosts import Place
from replate_plugin.installing.packing import Origin
from resolving.editing import START, Edit, close, movie, render_it
from resolving.project import Resolve
from resolving.windows import Desktop, Fusion
from services import end, program


def test_the_script_works_on_the_clip_and_starts_its_own_service(
    edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPLATE_PYTHON", program(tmp_path))
    monkeypatch.setenv("REPLATE_SERVICE", str(tmp_path / "run"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    place = Place("resolve", "DaVinci Resolve", tmp_path / "Fusion")
    installation(place, contents(place, Origin.of(program(tmp_path)))).do()
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 3, left=2)
    edit.keep_preset()
    given = {"resolve": Resolve(edit.world, edit.project), "fusion": Fusion(), "bmd": Desktop(render_it, close)}
    try:
        runpy.run_path(str(place.folder / "Scripts" / "Utility" / "Replate" / "Style.py"), init_globals=given)
    finally:
        end(tmp_path / "run")
    assert [(item.start, item.length) for item in edit.placed()] == [(START, 3)]
