"""The render queue: cancelled, resumed, killed, and still there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt

from nets import tiny_style
from plates import bits, read, write_shot
from replate_plugin.client import Service
from replate_plugin.panel.model.bundle import Bundle
from replate_plugin.panel.model.document import PAINTED
from replate_plugin.panel.model.home import read_json
from replate_plugin.panel.model.painting import Painting, Stroke
from replate_plugin.panel.model.queue import STOPPED, Queue
from replate_plugin.panel.rendering import final_job
from services import ROOT, program, wait_for

from .conftest import Driver, Material

MANY = 160  # so many that none is through before anybody can click


def states(driver: Driver) -> list[str]:
    return [ticket.state for ticket in driver.desk.queue.tickets.values()]


def test_a_render_is_paused_resumed_and_cancelled_and_keeps_its_frames(
    driver: Driver, material: Material, tmp_path: Path
) -> None:
    plate = write_shot(tmp_path / "long", range(1, MANY + 1), size=(96, 128))
    driver.load(plate, material.look)
    driver.panel.tune.output._path(str(tmp_path / "o" / "o.%04d.exr"))
    job = final_job(driver.desk)
    driver.panel.render_job()
    (ticket,) = driver.desk.queue.tickets.values()
    card = driver.card(ticket.id)
    driver.wait(lambda: driver.desk.queue.tickets[ticket.id].done >= 2)
    driver.qtbot.mouseClick(card.pause, Qt.MouseButton.LeftButton)
    driver.wait(lambda: states(driver) == ["paused"])
    there = len(list((tmp_path / "o").glob("o.*.exr")))
    assert 2 <= there < MANY
    stamps = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "o").glob("o.*.exr")}
    driver.qtbot.mouseClick(card.resume, Qt.MouseButton.LeftButton)
    driver.wait(lambda: driver.desk.queue.tickets[ticket.id].done >= there + 2)
    driver.qtbot.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    driver.wait(lambda: states(driver) == ["cancelled"])
    driver.qtbot.mouseClick(card.resume, Qt.MouseButton.LeftButton)
    driver.wait(lambda: states(driver) == ["done"])
    now = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "o").glob("o.*.exr")}
    assert len(now) == MANY
    assert {name: now[name] for name in stamps} == stamps
    told = {**job, "output": str(tmp_path / "told" / "o.%04d.exr")}
    (tmp_path / "job.json").write_text(json.dumps(told))
    command = [sys.executable, "-m", "replate", "render", "--job", str(tmp_path / "job.json")]
    subprocess.run(command, check=True, capture_output=True)
    for frame in (1, there, MANY):
        mine, theirs = (read(tmp_path / each / f"o.{frame:04d}.exr")[0] for each in ("o", "told"))
        assert np.array_equal(bits(mine), bits(theirs))
    driver.qtbot.mouseClick(card.remove, Qt.MouseButton.LeftButton)
    assert states(driver) == []


def test_a_render_that_cannot_be_says_why_on_its_card(driver: Driver, tmp_path: Path) -> None:
    driver.panel.tune.output._path(str(tmp_path / "o.%04d.nothing"))
    driver.panel.render_job()
    driver.wait(lambda: states(driver) == ["failed"])
    (ticket,) = driver.desk.queue.tickets.values()
    card = driver.card(ticket.id)
    assert "o.%04d.nothing" in ticket.message
    driver.wait(lambda: ticket.message in card.state.text())
    assert "\n" not in ticket.message


def test_a_job_is_written_for_the_farm_with_its_mask(make: Callable[[], Driver], tmp_path: Path) -> None:
    driver = make()
    driver.load(write_shot(tmp_path / "shot", range(1, 13)), "silver")
    stroke = Stroke("rectangle", ((2.0, 2.0), (40.0, 30.0)))
    painting = Painting().with_stroke(1, stroke)
    drawn = replace(driver.desk.document.with_input("mask", PAINTED), painting=painting)
    driver.desk.change(drawn, "Draw mask")
    driver.settle()
    output = driver.panel.tune.output
    output._path(str(tmp_path / "out" / "o.%04d.exr"))
    driver.qtbot.mouseClick(output.to_farm, Qt.MouseButton.LeftButton)
    assert output.farm.isVisible()
    driver.qtbot.keyClicks(output.farm.chunk, "5")
    driver.qtbot.mouseClick(output.farm.send, Qt.MouseButton.LeftButton)
    driver.wait(lambda: states(driver) == ["sent"])
    (ticket,) = driver.desk.queue.tickets.values()
    bundle = tmp_path / "out" / "o-farm"
    assert ticket.bundle == Bundle(str(tmp_path / "out" / "o.json"), str(bundle), 5)
    job = read_json(bundle / "job.json")
    assert job["inputs"]["mask"] == str(tmp_path / "out" / "o.mask" / "mask.%04d.png")
    assert Path(job["inputs"]["mask"] % 12).is_file()
    assert job["output"] == str(tmp_path / "out" / "o.%04d.exr")
    assert read_json(bundle / "template.json")["specificationVersion"].startswith("jobtemplate")
    assert Queue(driver.desk.queue.folder).tickets[ticket.id] == ticket
    card = driver.card(ticket.id)
    driver.wait(lambda: str(bundle) in card.state.text())
    assert str(bundle) in driver.panel.stage.messages.label.text()


def test_a_bundle_is_rendered_here_as_the_farm_would(
    make: Callable[[], Driver], material: Material, tmp_path: Path
) -> None:
    driver = make()
    driver.load(write_shot(tmp_path / "shot", range(1, 13)), material.look)
    output = driver.panel.tune.output
    output._path(str(tmp_path / "out" / "o.%04d.exr"))
    output.farm.chunk.setText("2")
    output.farm.begin()
    driver.wait(lambda: states(driver) == ["sent"])
    (name,) = driver.desk.queue.tickets
    card = driver.card(name)
    driver.wait(lambda: card.resume.text() == "Render it here")
    driver.qtbot.mouseClick(card.resume, Qt.MouseButton.LeftButton)
    driver.wait(lambda: driver.desk.queue.tickets[name].done >= 2)
    driver.qtbot.mouseClick(card.cancel, Qt.MouseButton.LeftButton)
    driver.wait(lambda: states(driver) == ["cancelled"])
    there = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("o.*.exr")}
    assert 2 <= len(there) < 12
    driver.qtbot.mouseClick(card.resume, Qt.MouseButton.LeftButton)
    driver.wait(lambda: states(driver) == ["done"])
    assert (driver.desk.queue.tickets[name].done, driver.desk.queue.tickets[name].total) == (12, 12)
    now = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("o.*.exr")}
    assert len(now) == 12
    assert {each: now[each] for each in there} == there
    told = {**read_json(tmp_path / "out" / "o.json"), "output": str(tmp_path / "told" / "o.%04d.exr")}
    (tmp_path / "job.json").write_text(json.dumps(told))
    words = ["render", "--job", str(tmp_path / "job.json"), "--frames", "1,12"]
    subprocess.run([sys.executable, "-m", "replate", *words], check=True, capture_output=True)
    for frame in (1, 12):
        mine, theirs = (read(tmp_path / each / f"o.{frame:04d}.exr")[0] for each in ("out", "told"))
        assert np.array_equal(bits(mine), bits(theirs))


def test_a_bundle_that_cannot_be_is_a_sentence(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    output = driver.panel.tune.output
    output._path(str(tmp_path / "o.%04d.exr"))
    output.farm._place(str(tmp_path / "mine"))
    output.farm.begin()
    message = driver.panel.stage.messages.label
    driver.wait(lambda: "Nothing was sent" in message.text())
    assert "holds something else" in message.text()
    assert states(driver) == []
    output._path(str(tmp_path / "another.%04d.exr"))
    assert output.farm.bundle.folder == str(tmp_path / "another-farm")


KILLED = """
import sys, json
from pathlib import Path
import replate_plugin.panel
from replate_plugin.client import Service
from replate_plugin.panel import editing, theme
from replate_plugin.panel.model.home import Home
from replate_plugin.panel.panel import Panel
home, plate, look, python = sys.argv[1:]
app = theme.application()
services = [Service(folder=Path(home) / name, python=python) for name in ("pixels", "eyes")]
panel = Panel(pixels=services[0], eyes=services[1], home=Home(Path(home) / "home"))
panel.show()
def begin():
    if panel.desk.facts:
        panel.tune.output._path(str(Path(home) / "o" / "o.%04d.exr"))
        editing.choose_generator(panel.desk, look)
        panel.render_job()
panel.desk.facts_changed.connect(begin)
panel.open(Path(plate))
app.exec()
"""


def test_a_panel_killed_in_the_middle_of_a_render_finds_its_queue_again(
    make: Callable[[], Driver], tmp_path: Path
) -> None:
    plate = write_shot(tmp_path / "long", range(1, MANY + 1), size=(96, 128))
    look = str(tiny_style(tmp_path / "tiny.onnx", change=0.3))
    python = program(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "plugin"), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-c", KILLED, str(tmp_path), plate % 1, look, python]
    panel = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    queue = tmp_path / "home" / "queue"
    try:
        wait_for(lambda: any(read_json(path).get("done", 0) >= 3 for path in queue.glob("*.json")))
    finally:
        panel.send_signal(signal.SIGKILL)
        panel.wait()
        for name in ("pixels", "eyes"):
            Service(folder=tmp_path / name, python=python).shutdown()
    done = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "o").glob("o.*.exr")}
    assert 3 <= len(done) < MANY
    again = make()
    again.wait(lambda: again.desk.node is not None)
    (ticket,) = again.desk.queue.tickets.values()
    assert (ticket.state, ticket.message, ticket.total) == ("paused", STOPPED, MANY)
    assert again.desk.document.inputs["plate"] == plate
    again.desk.runner.resume(ticket)
    again.wait(lambda: states(again) == ["done"])
    now = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "o").glob("o.*.exr")}
    assert len(now) == MANY
    assert {name: now[name] for name in done} == done
