"""The whole story, told by mouse and keys of an X server with a window manager; `test_window.py` brings both."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QWidget

from plates import bits, read, write_shot
from replate_plugin.panel.model.document import PAINTED, Document
from replate_plugin.panel.model.home import read_json
from replate_plugin.panel.pages import pairs as pairs_page
from replate_plugin.panel.rendering import save_job

from .conftest import Driver, Material

FRAMES = 240  # a render that is still at work when somebody has found its button


class Hand:
    """Somebody's hand on mouse and keyboard."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def do(self, *words: object) -> None:
        """What xdotool does, while the panel lives on."""
        process = subprocess.Popen(["xdotool", *map(str, words)])
        self.driver.wait(lambda: process.poll() is not None)
        assert process.returncode == 0, words

    def key(self, name: str) -> None:
        self.do("key", name)

    def click(self, widget: QWidget) -> None:
        self.drag(widget)

    def drag(self, widget: QWidget, start: QPoint | None = None, end: QPoint | None = None) -> None:
        """From a place in a widget to another; from its middle, and to where it began, where nothing is said."""
        self._find(widget)
        start = widget.rect().center() if start is None else start
        end = start if end is None else end
        places = [widget.mapToGlobal(place) for place in (start, start + (end - start) / 2, end)]
        moves = [("mousemove", place.x(), place.y()) for place in places]
        self.do(*moves[0], "mousedown", 1)
        for move in moves[1:]:
            self.do(*move)
        self.do("mouseup", 1)

    def _find(self, widget: QWidget) -> None:
        """Wait until it lies where it says it does: what shows and lays it out may be a moment behind."""

        places: list[QPoint] = []

        def lies_there() -> bool:
            places.append(widget.mapToGlobal(widget.rect().center()))
            found = QApplication.widgetAt(places[-1])
            there = found is not None and (found == widget or widget.isAncestorOf(found))
            return there and places[-5:] == 5 * places[-1:]

        self.driver.wait(lies_there)

    def write(self, widget: QWidget, text: str) -> None:
        """In place of what a field holds."""
        for _ in range(50):  # where it moved away from under the hand, the hand comes again
            self.click(widget)
            self.driver.qtbot.wait(200)
            if widget.hasFocus():
                break
        assert widget.hasFocus(), "it never has the focus"
        self.do("key", "ctrl+a", "type", text)
        self.key("Return")


def test_the_story(
    make: Callable[[], Driver], material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pairs_page.QDesktopServices, "openUrl", lambda *_: True)
    driver = make()
    panel, desk, hand = driver.panel, driver.desk, Hand(driver)
    driver.wait(panel.isActiveWindow)  # the window manager has seen it
    hand.do("search", "--name", "^Replate$", "windowsize", 1300, 900)
    driver.wait(lambda: panel.width() == 1300)
    driver.load(write_shot(tmp_path / "shot", range(1, FRAMES + 1), size=(144, 160)), material.look)
    _look(driver, hand)
    _tune(driver, hand)
    _paint(driver, hand)
    _keep(driver, hand)
    _render(driver, hand, tmp_path)
    _learn(driver, hand)
    hand.key("alt+F4")
    driver.wait(lambda: not panel.isVisible())
    kept = read_json(panel.home.settings)
    assert Document.of(kept["document"]) == desk.document
    assert kept["size"][0] == 1300


def _look(driver: Driver, hand: Hand) -> None:
    """Compare, and drag the wipe."""
    viewer, desk = driver.panel.stage.viewer, driver.desk
    hand.click(viewer)
    driver.wait(viewer.hasFocus)
    for key, compare in (("4", "difference"), ("2", "plate"), ("3", "wipe")):
        hand.key(key)
        driver.wait(lambda compare=compare: desk.view.compare == compare)  # type: ignore[misc]
    centre = viewer._wipe.centre.toPoint() + QPoint(0, 60)
    hand.drag(viewer, centre, centre + QPoint(90, 0))
    driver.wait(lambda: desk.view.wipe[0] > 0.5)


def _tune(driver: Driver, hand: Hand) -> None:
    """Drag a knob; set two keys."""
    desk, row = driver.desk, driver.panel.tune.rows["strength"]
    slider = row.editor.slider
    middle = QPoint(slider.width() // 2, slider.height() // 2)  # where the handle is at 1
    hand.drag(slider, middle, middle + QPoint(slider.width() // 4, 0))
    driver.wait(lambda: desk.document.value(row.knob, 1) > 1.3 and not desk.dragging)
    driver.settle()
    hand.click(row.key)
    driver.wait(lambda: row.key.state == 2)
    hand.click(driver.panel.stage.viewer)
    hand.key("End")
    driver.wait(lambda: desk.frame == FRAMES)
    hand.write(row.editor.field, "0.5")
    driver.wait(lambda: desk.document.value(row.knob, FRAMES) == 0.5)
    assert [key for key, _ in desk.document.settings["strength"].keys] == [1, FRAMES]  # type: ignore[union-attr]
    driver.settle()


def _paint(driver: Driver, hand: Hand) -> None:
    """Draw a mask, and see that the result keeps to it."""
    panel, viewer = driver.panel, driver.panel.stage.viewer
    hand.click(viewer)
    hand.key("m")
    driver.wait(panel.stage.tools.isVisible)
    hand.click(panel.stage.tools.buttons["rectangle"])
    corners = [viewer.camera.to_widget(QPointF(*point)).toPoint() for point in ((8, 8), (80, 140))]
    hand.drag(viewer, *corners)
    driver.wait(lambda: driver.desk.document.inputs.get("mask") == PAINTED)
    hand.key("Escape")
    driver.wait(lambda: viewer.brush is None)
    driver.settle()
    plate, result = driver.picture("plate"), driver.picture("result")
    half = plate.shape[1] * 85 // 160
    assert np.array_equal(result[:, half:], plate[:, half:])
    assert not np.array_equal(result, plate)


def _keep(driver: Driver, hand: Hand) -> None:
    """A preset, saved and taken again; undo by its key."""
    menu, document = driver.panel.header.presets, driver.desk.document
    menu._fill()
    menu.field.setText("Story")
    menu._keep()
    hand.write(driver.panel.tune.rows["mix"].editor.field, "0.25")
    driver.wait(lambda: driver.desk.document.settings.get("mix") == 0.25)
    menu._take("Story")
    assert driver.desk.document.settings == document.settings
    hand.click(driver.panel.stage.viewer)
    hand.key("ctrl+z")
    driver.wait(lambda: driver.desk.document.settings.get("mix") == 0.25)
    hand.key("ctrl+shift+z")
    driver.wait(lambda: driver.desk.document == document)


def _render(driver: Driver, hand: Hand, tmp_path: Path) -> None:
    """Render, cancel in the middle, resume; every frame is the command line's of the saved job."""
    panel, desk, output = driver.panel, driver.desk, driver.panel.tune.output
    output._path(str(tmp_path / "o" / "o.%04d.exr"))
    save_job(desk, tmp_path / "job.json")
    hand.click(panel.stage.viewer)
    hand.key("ctrl+r")
    driver.wait(lambda: bool(desk.queue.tickets))
    name = next(iter(desk.queue.tickets))
    driver.wait(lambda: desk.queue.tickets[name].done >= 2)
    hand.click(driver.card(name).cancel)
    driver.wait(lambda: desk.queue.tickets[name].state == "cancelled")
    assert 2 <= len(list((tmp_path / "o").glob("o.*.exr"))) < FRAMES
    hand.click(driver.card(name).resume)
    driver.wait(lambda: desk.queue.tickets[name].state == "done")
    job = tmp_path / "job.json"
    job.write_text(job.read_text().replace(f"{tmp_path}/o/", f"{tmp_path}/told/"))
    words = ["render", "--job", str(job), "--frames", f"1,12,{FRAMES}"]
    subprocess.run([sys.executable, "-m", "replate", *words], check=True, capture_output=True)
    for frame in (1, 12, FRAMES):
        mine, told = (read(tmp_path / each / f"o.{frame:04d}.exr")[0] for each in ("o", "told"))
        assert np.array_equal(bits(mine), bits(told))


def _learn(driver: Driver, hand: Hand) -> None:
    """A look from a frame that was made darker, while it is watched."""
    from plates import write

    panel, page = driver.panel, driver.panel.train
    panel.tabs.setCurrentWidget(page)
    driver.wait(page.isVisible)
    hand.click(page.pairs.export)
    driver.wait(lambda: bool(page.pairs.pairs))
    (pair,) = page.pairs.pairs
    pixels, spec = read(pair.after)
    write(Path(pair.after), pixels * 0.5, channels=spec.channelnames)
    driver.wait(lambda: page.pairs.pairs[0].done)
    hand.write(page.minutes.field, "0.1")
    hand.click(page.train)
    driver.wait(lambda: driver.desk.learning is not None)
    driver.wait(lambda: page.progress.state == "done")
    hand.click(page.try_it)
    driver.wait(lambda: driver.desk.document.generator.endswith("my_look.onnx"))
    driver.settle()
