"""What lies over the picture: the mask as the node takes it, what was found of a true hole, what is to be trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt

from plates import write, write_mask
from replate.picture.matte import feathered, grown
from replate_plugin.panel import editing

from .conftest import Driver

SIZE = (72, 96)
FRAMES = range(1, 6)


def block(frame: int) -> np.ndarray:
    """The mask of something that crosses the picture, and of something that never moves."""
    mask = np.zeros(SIZE, np.float32)
    mask[20:44, 10 + 14 * frame : 24 + 14 * frame] = 1
    mask[52:66, 4:22] = 1
    return mask


@pytest.fixture
def crossing(tmp_path: Path) -> tuple[str, str]:
    """Plates of a still wall before which a bright block moves and another stands, and their masks."""
    coarse = np.random.default_rng(3).uniform(0.05, 0.8, (18, 24, 3)).astype(np.float32)
    wall = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    for frame in FRAMES:
        mask = block(frame)
        write(tmp_path / f"plate.{frame:04d}.exr", np.where(mask[..., None] > 0, np.float32(4), wall), channels="RGB")
        write_mask(tmp_path / f"roto.{frame:04d}.exr", mask)
    return str(tmp_path / "plate.%04d.exr"), str(tmp_path / "roto.%04d.exr")


def opacity(driver: Driver, overlay: str) -> np.ndarray:
    """How opaque an overlay is, H x W, 0..1, once it is up to date."""
    driver.panel.stage.viewer.images.pop("overlay", None)
    driver.desk.show_as(overlay=overlay)
    driver.settle()
    driver.wait(lambda: not driver.panel.projector.busy("overlay"))
    return driver.picture("overlay")[..., 3] / 255.0


def test_found_and_confidence_tell_of_a_true_hole(make: Callable[[], Driver], crossing: tuple[str, str]) -> None:
    driver = make()
    driver.wait(lambda: driver.desk.node is not None)
    editing.choose_node(driver.desk, "removal")
    for path in crossing:
        editing.open_path(driver.desk, Path(path % 3))
    driver.settle()
    driver.desk.go_to(3)
    mask = block(3) > 0
    moving = mask & (np.arange(SIZE[0])[:, None] < 48)
    found, doubt = opacity(driver, "found"), opacity(driver, "confidence")
    assert not found[~mask].any()
    assert np.median(found[moving]) > 0.9  # seen in the frames before and after
    assert found[mask & ~moving].max() < 0.1  # never seen: it is made up
    assert doubt[mask & ~moving].mean() > doubt[moving].mean() + 0.2
    assert doubt[~mask].mean() < 0.05
    assert np.array_equal(opacity(driver, "mask"), block(3))


def test_the_mask_is_shown_as_the_node_takes_it(driver: Driver, tmp_path: Path) -> None:
    drawn = np.zeros((48, 64), np.float32)
    drawn[16:32, 20:40] = 1
    editing.open_path(driver.desk, Path(write_mask(tmp_path / "shot_matte.exr", drawn)))
    driver.settle()
    assert np.array_equal(opacity(driver, "mask"), drawn)
    row = driver.panel.tune.rows["mask.grow"]
    driver.qtbot.mouseClick(row.key, Qt.MouseButton.LeftButton)
    driver.desk.go_to(5)
    row.editor.edited.emit(8.0)
    driver.panel.tune.rows["mask.feather"].editor.edited.emit(5.0)
    for frame, grow in ((5, 8.0), (3, 4.0)):
        driver.desk.go_to(frame)
        told = feathered(grown(drawn, grow), 5.0)
        assert np.abs(opacity(driver, "mask") - told).max() <= 0.51 / 255
    driver.panel.tune.rows["mask.invert"].editor.edited.emit(True)
    told = feathered(grown(1 - drawn, 4.0), 5.0)
    assert np.abs(opacity(driver, "mask") - told).max() <= 0.51 / 255


def test_an_overlay_that_there_is_not_is_said(driver: Driver) -> None:
    message = driver.panel.stage.messages.label
    for overlay, words in (("mask", "no mask"), ("confidence", "no confidence"), ("found", "nothing found")):
        driver.desk.show_as(overlay=overlay)
        driver.settle()
        driver.wait(lambda words=words: words in message.text())  # type: ignore[misc]
        assert "overlay" not in driver.panel.stage.viewer.images
    driver.desk.show_as(overlay="none")
    driver.settle()
    assert not message.text()
