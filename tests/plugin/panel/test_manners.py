"""How the panel behaves: keys that are listed, names for all, room for little, words in place of tracebacks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider, QWidget

from replate_plugin.client import Service
from replate_plugin.panel import editing, screening, theme
from replate_plugin.panel.actions import actions
from replate_plugin.panel.model.home import Home
from replate_plugin.panel.pages.card import as_html
from replate_plugin.panel.panel import Panel
from replate_plugin.panel.shortcuts import SHORTCUTS
from replate_plugin.panel.widgets.paths import PathRow
from services import ROOT, end, program

from .conftest import Driver, Material


def test_every_key_that_is_listed_does_something_and_no_two_share_one(driver: Driver) -> None:
    assert {each.action for each in SHORTCUTS} == set(actions(driver.panel))
    assert len({each.key for each in SHORTCUTS}) == len(SHORTCUTS)
    viewer = driver.panel.stage.viewer
    viewer.setFocus()
    driver.qtbot.keyClick(viewer, Qt.Key.Key_4)
    assert driver.desk.view.compare == "difference"
    driver.qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert driver.desk.frame == 2
    driver.qtbot.keyClick(viewer, Qt.Key.Key_Question)
    assert driver.panel.stage.help.isVisible()
    driver.qtbot.keyClick(viewer, Qt.Key.Key_Escape)
    assert not driver.panel.stage.help.isVisible()


def test_what_is_typed_is_no_shortcut(driver: Driver) -> None:
    field = driver.panel.tune.output.frames
    field.setFocus()
    driver.qtbot.keyClicks(field, "1,4")
    assert field.text() == "1,4"
    assert driver.desk.view.compare == "wipe"


def test_every_control_has_a_name_for_those_who_do_not_see_it(driver: Driver) -> None:
    kinds = (QAbstractButton, QComboBox, QLineEdit, QSlider)
    nameless = [
        (type(each).__name__, each.parent())
        for kind in kinds
        for each in driver.panel.findChildren(kind)
        if not each.accessibleName() and not getattr(each, "text", str)() and not each.objectName().startswith("qt_")
    ]
    assert not nameless


@pytest.mark.parametrize("width", [300, 420, 640, 1600])
def test_it_fits_a_column_and_a_wall(driver: Driver, width: int) -> None:
    driver.panel.resize(width, 900)
    driver.qtbot.wait(50)
    assert driver.panel.width() == width
    vertical = driver.panel.splitter.orientation() is Qt.Orientation.Vertical
    assert vertical == (width < 700)
    for page in (driver.panel.tune, driver.panel.stage.viewer):
        right = page.mapTo(driver.panel, QPoint(page.width(), 0)).x()
        assert right <= width


def test_the_greys_are_grey() -> None:
    names = ("SURROUND", "PAGE", "FIELD", "EDGE", "HOVER", "WEAK", "TEXT", "MARK")
    for name in names:
        colour = getattr(theme, name)
        assert colour[1:3] == colour[3:5] == colour[5:7]


def drop(panel: QWidget, *paths: str) -> None:
    """Let files fall on the panel."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    copy, nothing = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    panel.dropEvent(QDropEvent(QPointF(5, 5), copy, data, Qt.MouseButton.LeftButton, nothing))


def test_what_is_dropped_becomes_plate_and_mask_by_name(make: Callable[[], Driver], material: Material) -> None:
    driver = make()
    driver.wait(lambda: driver.desk.node is not None)
    assert driver.panel.stage.stack.currentWidget() is driver.panel.stage.empty
    roto = Path(material.mask % 1)
    named = roto.with_name("shot_roto.exr")
    named.write_bytes(roto.read_bytes())
    drop(driver.panel, str(named), material.plate % 2)
    driver.settle()
    assert driver.desk.document.inputs == {"plate": material.plate, "mask": str(named)}
    drop(driver.panel, material.other)
    driver.settle()
    assert driver.desk.document.generator == material.other
    drop(driver.panel, str(ROOT / "LICENSE"))
    assert "nothing that the panel can use" in driver.panel.stage.messages.label.text()


def test_the_sample_is_rendered_to_a_place_of_the_users_own(make: Callable[[], Driver], material: Material) -> None:
    driver = make()
    driver.wait(lambda: driver.desk.node is not None)
    driver.panel.sample = material.plate % 1
    driver.panel.try_sample()
    driver.settle()
    assert driver.desk.job()["output"].startswith(str(driver.panel.home.folder))


def test_a_plate_that_cannot_be_read_is_a_sentence_with_a_way_on(driver: Driver, tmp_path: Path) -> None:
    broken = tmp_path / "broken.exr"
    broken.write_bytes(b"no picture at all")
    drop(driver.panel, str(broken))
    driver.wait(lambda: "broken.exr" in driver.panel.stage.messages.label.text())
    assert driver.panel.stage.messages.action.isVisible()
    assert "Traceback" not in driver.panel.stage.messages.label.text()


def test_a_service_that_is_not_there_can_be_started_from_the_panel(tmp_path: Path, qtbot: Any) -> None:
    theme.application()
    missing = Service(folder=tmp_path / "run", python=str(tmp_path / "none"))
    panel = Panel(pixels=missing, eyes=missing, home=Home(tmp_path / "home"))
    qtbot.addWidget(panel)
    panel.show()
    messages = panel.stage.messages
    qtbot.waitUntil(lambda: messages.action.isVisible(), timeout=500_000)
    assert messages.action.text() == "Start Replate"
    assert "cannot be run" in messages.label.text()
    missing.python = program(tmp_path)
    try:
        qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: panel.desk.node is not None, timeout=500_000)
        assert not messages.action.isVisible()
    finally:
        end(tmp_path / "run")


def test_a_card_is_text_whatever_it_holds() -> None:
    page = as_html({"name": "x", "description": "<img src='http://x'>", "licence": "<b>MIT</b>"}, "/a/<x>.onnx")
    assert "<img" not in page
    assert "&lt;b&gt;MIT" in page
    assert "not stated" in as_html({"name": "x"}, "/x")
    assert "no card" in as_html({}, "/x")


def test_proxies_while_dragging_and_the_full_picture_when_let_go(driver: Driver) -> None:
    driver.panel.screening._rate = 1.0  # a machine on which every picture takes for ever
    full = driver.panel.stage.viewer.images["result"].width()
    slider = driver.panel.tune.rows["strength"].editor.slider
    slider.sliderPressed.emit()
    widths = []
    driver.panel.screening.showing.connect(lambda role, picked: role == "result" and widths.append(picked.wish.width))
    slider.setValue(200)
    driver.wait(lambda: bool(widths))
    slider.setValue(260)
    driver.wait(lambda: len(widths) > 1)
    assert driver.panel.screening.stale
    slider.sliderReleased.emit()
    driver.settle()
    assert widths[0] == widths[1] == 16
    assert driver.panel.stage.viewer.images["result"].width() == full
    driver.desk.history.undo()
    assert driver.desk.document.settings == {}


def test_frames_that_were_seen_are_marked_and_come_back_at_once(driver: Driver) -> None:
    scrubber = driver.panel.stage.transport.scrubber
    driver.desk.go_to(3)
    driver.settle()
    assert set(scrubber.cached) == {1, 3}
    first = driver.picture("result")
    driver.desk.go_to(1)
    driver.qtbot.wait(30)
    assert driver.panel.screening.ready
    driver.desk.go_to(3)
    driver.qtbot.wait(30)
    assert np.array_equal(driver.picture("result"), first)
    driver.panel.tune.rows["mix"].editor.edited.emit(0.5)
    driver.settle()
    assert set(scrubber.cached) == {3}


def test_playing_makes_every_frame_and_stays_between_in_and_out(driver: Driver) -> None:
    transport = driver.panel.stage.transport
    driver.desk.go_to(2)
    transport.set_in()
    driver.desk.go_to(4)
    transport.set_out()
    seen = set()
    driver.desk.frame_changed.connect(lambda: seen.add(driver.desk.frame))
    transport.play()
    driver.wait(lambda: seen == {2, 3, 4})
    transport.play()
    assert set(transport.scrubber.cached) >= {2, 3}
    frame = driver.desk.frame
    driver.qtbot.wait(100)
    assert driver.desk.frame == frame


def test_another_node_brings_its_own_rows_and_leaves_none_of_the_last(driver: Driver) -> None:
    inputs = driver.panel.tune.inputs
    for name in ("removal", "style", "removal"):
        editing.choose_node(driver.desk, name)
    rows = [row for row in inputs.findChildren(PathRow) if row.isVisible()]
    assert [row.label.text() for row in rows] == ["Plate", "Mask"]
    assert "reach" in driver.panel.tune.rows
    assert "strength" not in driver.panel.tune.rows
    driver.desk.history.undo()
    assert "strength" in driver.panel.tune.rows


def test_overlays_channels_and_exposure_show_in_the_viewer_alone(driver: Driver, material: Material) -> None:
    job = driver.desk.job()
    before = driver.picture("plate")
    driver.desk.show_as(exposure=1.0)
    driver.wait(lambda: driver.picture("plate").mean() > before.mean())
    driver.desk.show_as(exposure=0.0, channel="R")
    driver.wait(lambda: np.array_equal(driver.picture("plate")[..., 0], driver.picture("plate")[..., 2]))
    assert driver.desk.job() == job
    driver.desk.change(driver.desk.document.with_input("mask", material.mask), "Open mask")
    driver.desk.show_as(channel="RGB", overlay="mask")
    driver.wait(lambda: "overlay" in driver.panel.stage.viewer.images)


def test_no_more_is_shown_than_the_window_has_pixels_for(driver: Driver) -> None:
    viewer = driver.panel.stage.viewer
    whole = viewer.images["result"].width()
    viewer.camera.zoom_at(QPointF(viewer.rect().center()), 0.2 / viewer.camera.zoom)
    viewer._zoomed()
    driver.settle()
    driver.wait(lambda: viewer.images["plate"].width() == whole // 4)
    assert viewer.images["result"].width() == whole // 4
    viewer.fit()
    driver.settle()
    driver.wait(lambda: viewer.images["plate"].width() == whole)


def test_the_viewer_answers_with_less_while_its_knobs_are_dragged(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "_TURNED", 20)
    images, slider = driver.panel.stage.viewer.images, driver.panel.stage.bar.exposure.slider
    whole = images["result"].width()
    slider.sliderPressed.emit()
    slider.setValue(slider.maximum() * 3 // 4)
    driver.settle()
    driver.wait(lambda: {images[role].width() for role in ("plate", "result")} == {20})
    bright = driver.picture("plate").mean()
    slider.sliderReleased.emit()
    driver.settle()
    driver.wait(lambda: {images[role].width() for role in ("plate", "result")} == {whole})
    assert abs(driver.picture("plate").mean() - bright) < 8
    assert driver.desk.view.exposure > 0


HOST = """
import sys
sys.modules.update(dict.fromkeys(("numpy", "replate", "cv2", "PyOpenColorIO", "OpenImageIO", "platformdirs", "typer")))
import replate_plugin.panel
from pathlib import Path
from PySide6.QtWidgets import QApplication
from replate_plugin.client import Service
from replate_plugin.panel import editing
from replate_plugin.panel.panel import Panel
application = QApplication([])
panel = Panel()
panel.show()
panel.open(Path(sys.argv[1]))
def look(*told):  # on a busy machine the result may come before the plate
    if {"plate", "result"} <= set(panel.stage.viewer.images):
        panel.close() and application.quit()
panel.screening.settled.connect(look)
panel.screening.showing.connect(look)
application.exec()
print(panel.desk.facts["size"], sorted(panel.stage.viewer.images))
panel.desk.pixels.shutdown()
"""


def test_a_host_needs_to_bring_nothing_but_qt(material: Material, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "plugin"),
        "REPLATE_PYTHON": program(tmp_path),
        "REPLATE_SERVICE": str(tmp_path / "run"),
        "REPLATE_PANEL": str(tmp_path / "home"),
    }
    command = [sys.executable, "-c", HOST, material.plate % 1]
    try:
        told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
    finally:
        end(tmp_path / "run")
        end(tmp_path / "run" / "eyes")
    assert told.stdout.strip() == "[64, 48] ['plate', 'result']", told.stderr
    assert (tmp_path / "home" / "settings.json").is_file()


def test_the_frames_between_in_and_out_can_be_rendered(driver: Driver) -> None:
    transport = driver.panel.stage.transport
    driver.desk.go_to(2)
    transport.set_in()
    driver.desk.go_to(5)
    transport.set_out()
    driver.panel.tune.output._take_span()
    assert driver.desk.document.frames == "2-5"


def test_without_qt_the_command_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['PySide6'] = None\nfrom replate_plugin.panel.cli import panel\npanel()"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "pip install 'replate[panel]'" in told.stderr.splitlines()[-1]


def test_a_picture_of_the_window_can_be_made_at_any_density(driver: Driver) -> None:
    picture: QImage = driver.panel.grab().toImage()
    assert picture.width() == round(driver.panel.width() * picture.devicePixelRatio())


def test_qt_counts_on_constants_that_stay() -> None:
    """A Qt that takes None for immortal would end an older Python after some thousand calls."""
    code = """
import replate_plugin.panel
from PySide6.QtCore import QObject
thing = QObject()
for _ in range(20_000):
    thing.setObjectName("x")
    thing.blockSignals(False)
print("alive")
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout.strip() == "alive", told.stderr[-300:]
