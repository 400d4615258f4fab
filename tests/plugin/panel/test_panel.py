"""The panel driven as an artist drives it: what is on the screen is what is rendered."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt

from plates import bits, read, write_shot
from replate_plugin.panel import editing
from replate_plugin.panel.model.document import PAINTED
from replate_plugin.panel.rendering import save_job

from .conftest import Driver, Material


def press(driver: Driver, place: QPoint, to: QPoint) -> None:
    """Drag with the left button over the viewer."""
    viewer, left = driver.panel.stage.viewer, Qt.MouseButton.LeftButton
    driver.qtbot.mousePress(viewer, left, pos=place)
    for share in (0.5, 1.0):
        step = place + (to - place) * share
        driver.qtbot.mouseMove(viewer, step)
    driver.qtbot.mouseRelease(viewer, left, pos=to)


def test_a_knob_changes_the_result_and_not_the_plate(driver: Driver) -> None:
    plate, result = driver.picture("plate"), driver.picture("result")
    assert not np.array_equal(plate, result)
    field = driver.panel.tune.rows["mix"].editor.field
    field.setFocus()
    field.selectAll()
    driver.qtbot.keyClicks(field, "0")
    driver.qtbot.keyClick(field, Qt.Key.Key_Return)
    driver.settle()
    assert driver.desk.document.settings == {"mix": 0.0}
    assert np.array_equal(driver.picture("result"), plate)
    driver.desk.history.undo()
    driver.settle()
    assert np.array_equal(driver.picture("result"), result)


def test_the_wipe_follows_the_mouse_and_turns(driver: Driver) -> None:
    viewer = driver.panel.stage.viewer
    rect = viewer.camera.rect
    middle = QPoint(round(rect.center().x()), round(rect.center().y()) + 30)
    driver.desk.show_as(compare="wipe")
    press(driver, middle, middle + QPoint(60, 0))
    assert abs(driver.desk.view.wipe[0] - (0.5 + 60 / rect.width())) < 0.02
    arm = viewer._wipe.arm.toPoint()
    press(driver, arm, viewer._wipe.centre.toPoint() + QPoint(70, 0))
    assert driver.desk.view.angle == 90.0


def test_the_picture_that_was_opened_is_the_frame_that_is_shown(driver: Driver, tmp_path: Path) -> None:
    editing.open_path(driver.desk, Path(write_shot(tmp_path / "other", range(11, 19), size=(48, 64)) % 15))
    driver.settle()
    assert (list(driver.desk.frames), driver.desk.frame) == (list(range(11, 19)), 15)


def test_keys_of_knobs_that_the_node_lacks_are_not_shown(driver: Driver) -> None:
    driver.qtbot.mouseClick(driver.panel.tune.rows["strength"].key, Qt.MouseButton.LeftButton)
    assert driver.desk.keys == {driver.desk.frame}
    editing.choose_node(driver.desk, "removal")
    assert driver.desk.keys == set()
    driver.desk.history.undo()
    assert driver.desk.keys == {driver.desk.frame}


def test_what_a_family_adds_stands_before_the_options_as_it_is_declared(driver: Driver) -> None:
    editing.choose_node(driver.desk, "effect")
    knobs = driver.panel.tune.knobs
    titles = [knobs.itemAt(at).widget().title for at in range(knobs.count())]
    assert titles[:4] == ["Look", "Mask", "Flame", "Smoke"]
    assert titles[-3:] == ["Input", "Output", "Device"]


def test_what_is_rendered_is_what_the_command_line_makes_of_the_saved_job(
    driver: Driver, material: Material, tmp_path: Path
) -> None:
    row = driver.panel.tune.rows["strength"]
    row.editor.edited.emit(0.2)
    driver.qtbot.mouseClick(row.key, Qt.MouseButton.LeftButton)
    driver.desk.go_to(5)
    row.editor.edited.emit(1.5)
    assert [key[0] for key in driver.desk.document.settings["strength"].keys] == [1, 5]  # type: ignore[union-attr]
    output = driver.panel.tune.output
    output.frames.setText("2-6x2")
    output.frames.setModified(True)
    output.frames.editingFinished.emit()
    output._path(str(tmp_path / "panel" / "o.%04d.exr"))
    job = tmp_path / "job.json"
    save_job(driver.desk, job)
    driver.qtbot.mouseClick(output.start, Qt.MouseButton.LeftButton)
    driver.wait(lambda: [each.state for each in driver.desk.queue.tickets.values()] == ["done"])
    text = job.read_text().replace(str(tmp_path / "panel"), str(tmp_path / "told"))
    job.write_text(text)
    subprocess.run([sys.executable, "-m", "replate", "render", "--job", str(job)], check=True, capture_output=True)
    for frame in (2, 4, 6):
        mine, told = (read(tmp_path / each / f"o.{frame:04d}.exr")[0] for each in ("panel", "told"))
        assert np.array_equal(bits(mine), bits(told))


def test_a_drawn_mask_is_one_for_the_render_too(driver: Driver, tmp_path: Path) -> None:
    untouched = driver.picture("plate")
    driver.panel.stage.toggle_brush()
    driver.panel.stage.tools.buttons["rectangle"].click()
    camera = driver.panel.stage.viewer.camera
    corner, other = (camera.to_widget(camera.rect.center() * 0 + point).toPoint() for point in _corners())
    press(driver, corner, other)
    driver.settle()
    assert driver.desk.document.inputs["mask"] == PAINTED
    result = driver.picture("result")
    assert np.array_equal(result[:, 36:], untouched[:, 36:])
    assert not np.array_equal(result[8:40, 4:28], untouched[8:40, 4:28])
    save_job(driver.desk, tmp_path / "job.json")
    assert (tmp_path / "job.mask" / "mask.0006.png").is_file()


def _corners() -> list:
    from PySide6.QtCore import QPointF

    return [QPointF(2, 2), QPointF(32, 46)]


def test_a_panel_that_is_opened_again_is_where_it_was(make: Callable[[], Driver], material: Material) -> None:
    first = make()
    first.load(material.plate, material.look)
    first.panel.tune.rows["mix"].editor.edited.emit(0.3)
    first.desk.go_to(4)
    first.panel.tabs.setCurrentWidget(first.panel.looks)
    first.settle()
    first.panel.close()
    second = make()
    second.settle()
    assert second.desk.document == first.desk.document
    assert second.desk.frame == 4
    assert second.panel.tabs.currentWidget() is second.panel.looks


def test_a_job_that_is_opened_takes_nothing_away(driver: Driver, tmp_path: Path) -> None:
    mine = driver.desk.document
    save_job(driver.desk, tmp_path / "job.json")
    driver.panel.tune.rows["mix"].editor.edited.emit(0.3)
    before = driver.desk.document
    editing.open_path(driver.desk, tmp_path / "job.json")
    assert driver.desk.document.settings == mine.settings
    driver.panel.renders.opened.emit({**driver.desk.job(), "params": {"mix": 0.1}})
    assert driver.desk.document.settings == {"mix": 0.1}
    driver.desk.history.undo()
    driver.desk.history.undo()
    assert driver.desk.document == before
