"""Looks: browsed on the frame in the viewer, kept with settings, learnt from frames."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt

from plates import write_shot
from replate_plugin.panel import editing
from replate_plugin.panel.model.training import Pair, Training, Trainings, stamp, words
from replate_plugin.panel.pages import pairs as pairs_page
from services import wait_for

from .conftest import Driver


def test_every_look_is_shown_on_the_frame_and_a_click_takes_one(driver: Driver) -> None:
    driver.panel.tabs.setCurrentWidget(driver.panel.looks)
    tiles = driver.panel.looks.tiles
    assert {"painted", "silver", "colorize"} <= set(tiles)
    driver.wait(lambda: all(not tile.picture.icon().isNull() for tile in tiles.values()))
    driver.qtbot.mouseClick(tiles["silver"].picture, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.desk.document.generator == "silver"
    driver.qtbot.mouseClick(tiles["silver"].about, Qt.MouseButton.LeftButton)
    driver.wait(lambda: "Apache-2.0" in driver.panel.stage.card.text.text())
    assert "Commercial use" in driver.panel.stage.card.text.text()


def test_a_preset_is_saved_loaded_and_given_to_others(driver: Driver, tmp_path: Path) -> None:
    driver.panel.tune.rows["mix"].editor.edited.emit(0.35)
    menu = driver.panel.header.presets
    menu._fill()
    menu.field.setText("Evening")
    menu._keep()
    editing.save_preset(driver.desk, "Evening", tmp_path / "evening.json")
    driver.panel.tune.rows["mix"].reset.click()
    assert driver.desk.document.settings == {}
    menu._take("Evening")
    assert driver.desk.document.settings == {"mix": 0.35}
    driver.desk.presets.remove("style", "Evening")
    driver.desk.history.undo()
    menu._bring(tmp_path / "evening.json")
    assert driver.desk.document.settings == {"mix": 0.35}
    assert driver.desk.presets.names("style") == ["Evening"]
    (tmp_path / "no.json").write_text("{}")
    menu._bring(tmp_path / "no.json")
    assert "is no preset" in driver.panel.stage.messages.label.text()


def test_a_look_begins_with_the_settings_that_were_kept_for_it(driver: Driver) -> None:
    editing.choose_generator(driver.desk, "silver")
    driver.panel.tune.rows["strength"].editor.edited.emit(0.5)
    editing.save_default(driver.desk)
    driver.panel.tune.rows["strength"].reset.click()
    editing.choose_generator(driver.desk, "painted")
    editing.choose_generator(driver.desk, "silver")
    assert driver.desk.document.settings == {"strength": 0.5}
    assert driver.desk.presets.names("style") == []


def test_what_a_training_is_told_to_do(tmp_path: Path) -> None:
    before, after = tmp_path / "before.png", tmp_path / "after.png"
    for path in (before, after):
        path.write_bytes(b"x")
    waiting = Pair(7, str(before), str(after), stamp(str(after)))
    training = Training("red", shot="/s.%04d.exr", pairs=(waiting,), minutes=2.5)
    with pytest.raises(ValueError, match="no pair is finished"):
        words(training, tmp_path / "red.onnx")
    after.write_bytes(b"painted")
    told = words(training, tmp_path / "red.onnx")
    assert told[:2] == ["train", "match"]
    assert told[told.index("--after") + 1] == str(after)
    assert told[told.index("--minutes") + 1] == "2.5"
    style = Training("red", shot="/s.%04d.exr", references="/pictures")
    assert words(style, tmp_path / "red.onnx")[1:6] == ["style", "--content", "/s.%04d.exr", "--style", "/pictures"]
    assert Training.of(json.loads(json.dumps(training.to_data()))) == training


def test_a_trainer_that_crashes_is_a_message(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'Progress: 3% step 25 teach  loss 0.5000'\nkill -9 $$\n")
    python.chmod(0o755)
    (tmp_path / "a.png").write_bytes(b"a")
    pair = Pair(1, str(tmp_path / "a.png"), str(tmp_path / "a.png"))
    trainings = Trainings(tmp_path / "looks")
    begun = trainings.begin(Training("x", pairs=(pair,)), str(python))
    wait_for(lambda: trainings.progress(begun).state == "failed")
    progress = trainings.progress(begun)
    assert "ended unexpectedly" in progress.text
    assert (progress.share, progress.losses) == (0.03, ((25.0, 0.5),))


@pytest.fixture
def teacher(make: Callable[[], Driver], monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    """A panel whose trainings run; none goes on when the test is over."""
    pytest.importorskip("torch", reason="the training's extra is not installed")
    monkeypatch.setattr(pairs_page.QDesktopServices, "openUrl", lambda *_: True)
    driver = make()
    yield driver
    driver.panel.train.trainings.stop(driver.panel.train.training)


def learn(driver: Driver, *, seconds: float) -> None:
    """Press Train; until it has begun."""
    driver.panel.train._set_minutes(seconds / 60)
    driver.qtbot.mouseClick(driver.panel.train.train, Qt.MouseButton.LeftButton)
    assert driver.panel.train.progress.state == "running", driver.panel.stage.messages.label.text()


def learnt(driver: Driver) -> None:
    """Until there is a look."""
    page = driver.panel.train
    driver.wait(lambda: page.progress.state != "running")
    assert page.progress.state == "done", page.progress.text


def test_a_look_is_learnt_from_frames_that_were_painted_over(teacher: Driver, tmp_path: Path) -> None:
    driver, page, desk = teacher, teacher.panel.train, teacher.desk
    driver.load(write_shot(tmp_path / "shot", range(1, 5), size=(144, 160)), "silver")
    driver.panel.tabs.setCurrentWidget(page)
    for frame in (1, 3):
        desk.go_to(frame)
        page.pairs.paint()
        driver.wait(lambda frame=frame: any(pair.frame == frame for pair in page.pairs.pairs))  # type: ignore[misc]
    assert not any(pair.done for pair in page.pairs.pairs)
    for pair in page.pairs.pairs:
        picture = cv2.imread(pair.after, cv2.IMREAD_UNCHANGED) if pair.after.endswith(".png") else None
        _paint(Path(pair.after), picture)
    assert all(pair.done for pair in page.pairs.pairs)
    desk.go_to(2)  # which nobody has painted
    driver.settle()
    silver = driver.picture("result")
    learn(driver, seconds=20)
    seen = list[tuple[int, int]]()
    desk.learning_changed.connect(lambda: desk.learning and seen.append(desk.learning.state))
    driver.wait(lambda: len(seen) > 0)
    driver.settle()
    assert not np.array_equal(driver.picture("result"), silver)
    assert desk.job()["generator"] == "silver"  # what is rendered is another matter
    driver.panel.tabs.setCurrentWidget(driver.panel.tune)
    driver.settle()
    assert np.array_equal(driver.picture("result"), silver)
    driver.panel.tabs.setCurrentWidget(page)
    learnt(driver)
    assert len(set(seen)) > 1  # it was seen to learn
    assert desk.learning is None
    driver.qtbot.mouseClick(page.try_it, Qt.MouseButton.LeftButton)
    driver.settle()
    assert desk.document.generator.endswith("my_look.onnx")
    assert not np.array_equal(driver.picture("result"), driver.picture("plate"))
    kept = page.trainings.keep(page.training, tmp_path / "own")
    assert kept.is_file()


def test_a_look_is_learnt_from_a_folder_of_references(teacher: Driver, tmp_path: Path) -> None:
    driver, page = teacher, teacher.panel.train
    driver.load(write_shot(tmp_path / "shot", range(1, 5), size=(192, 256)), "silver")
    driver.panel.tabs.setCurrentWidget(page)
    folder = tmp_path / "references"
    folder.mkdir()
    dice = np.random.default_rng(5)
    for number in range(4):
        rough = dice.uniform(0, 255, (12, 16, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), cv2.resize(rough, (320, 240), interpolation=cv2.INTER_NEAREST))
    page._set_references(str(folder))
    assert page.references.field.text() == str(folder)
    learn(driver, seconds=3)  # the least: it has seen the look, no more
    learnt(driver)
    driver.qtbot.mouseClick(page.try_it, Qt.MouseButton.LeftButton)
    driver.settle()
    driver.panel.stage.card.show_card(driver.desk.look)
    driver.wait(lambda: "recipe style" in driver.panel.stage.card.text.text())


def _paint(path: Path, picture: np.ndarray | None) -> None:
    """Save a frame as somebody has painted it: darker."""
    from plates import read, write

    if picture is not None:
        cv2.imwrite(str(path), (picture * 0.5).astype(picture.dtype))
        return
    pixels, spec = read(path)
    write(path, pixels * 0.5, channels=spec.channelnames)
