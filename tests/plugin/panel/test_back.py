"""The panel opened for a host: what was set is in the job's file when it is closed."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer

from replate_plugin.client import Service
from replate_plugin.panel import app, theme
from replate_plugin.panel.model.home import Home
from replate_plugin.panel.panel import Panel

from .conftest import Material


@pytest.fixture
def signals() -> Iterator[None]:
    """Handlers of this process, which running the program replaces, as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("back", [True, False])
def test_the_job_goes_back_to_where_it_came_from(
    services: tuple[Service, Service],
    material: Material,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: Any,
    signals: None,
    back: bool,
) -> None:
    path = tmp_path / "shot_style_panel.json"
    job = {"replate": 1, "node": "style", "generator": material.look, "inputs": {"plate": material.plate}}
    path.write_text(json.dumps({**job, "output": "", "frames": "2-4", "params": {"mix": 0.5}}))
    made: list[Panel] = []

    def panel(**_: Any) -> Panel:
        made.append(Panel(pixels=services[0], eyes=services[1], home=Home(tmp_path / "home")))
        return made[-1]

    def artist() -> None:
        desk = made[-1].desk
        if desk.facts and desk.node is not None:
            knob = next(knob for knob in desk.node.params if knob.name == "strength")
            desk.change(desk.document.with_value(knob, 2, 0.75), "Strength")
            timer.stop()
            made[-1].close()
            theme.application().quit()

    monkeypatch.setattr(app, "Panel", panel)
    timer = QTimer(interval=50)
    timer.timeout.connect(artist)
    timer.start()
    assert app.run(path, back=back) == 0
    # The last window's end asks for the program's once more, which would end the event loops of all later tests.
    QCoreApplication.removePostedEvents(theme.application(), QEvent.Type.Quit.value)
    found = json.loads(path.read_text())
    assert found["inputs"]["plate"] == material.plate and found["frames"] == "2-4"
    assert found["params"] == ({"mix": 0.5, "strength": 0.75} if back else {"mix": 0.5})
