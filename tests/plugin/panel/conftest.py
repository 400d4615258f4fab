"""The real panel on a screen that nobody sees, with real services and a small shot."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest

pytest.importorskip("PySide6", reason="the panel's extra is not installed: pip install 'replate[panel]'")

from nets import tiny_style
from plates import write_shot
from replate_plugin.client import Service
from replate_plugin.panel import editing, theme
from replate_plugin.panel.model.home import Home
from replate_plugin.panel.panel import Panel
from services import served

FRAMES = range(1, 7)


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service]]:
    """What computes and what looks, for all tests."""
    folder = tmp_path_factory.mktemp("services")
    with served(folder / "pixels", client="panel") as pixels, served(folder / "eyes", client="eyes") as eyes:
        yield pixels, eyes


class Material:
    """A shot of six frames, a mask of it, and a look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plate = write_shot(folder / "shot", FRAMES, size=(48, 64))
        self.mask = write_shot(folder / "roto", FRAMES, size=(48, 64), channels="Y")
        self.look = str(tiny_style(folder / "tiny.onnx", change=0.3))
        self.other = str(tiny_style(folder / "other.onnx", change=0.6))


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("material"))


class Driver:
    """Does with a panel what a user does, and waits for what comes of it."""

    def __init__(self, panel: Panel, qtbot: Any) -> None:
        self.panel, self.desk, self.qtbot = panel, panel.desk, qtbot

    def wait(self, condition: Callable[[], bool], *, seconds: int = 500) -> None:
        """Until something holds; what the panel says is told where it does not."""
        try:
            self.qtbot.waitUntil(condition, timeout=1000 * seconds)
        except self.qtbot.TimeoutError:
            pytest.fail(f"it does not come about; the panel says: {self.panel.stage.messages.label.text()!r}")

    def settle(self) -> None:
        """Until the document's own result is on the screen, and what is to be known of its plate is known."""
        self.qtbot.wait(20)  # what was just done is looked at when the event loop has its next turn
        screening, looking = self.panel.screening, self.desk._looking
        self.wait(lambda: screening.ready and not screening.stale and not looking.busy)

    def load(self, plate: str, look: str) -> None:
        """A shot and a look."""
        self.wait(lambda: self.desk.node is not None)
        editing.open_path(self.desk, Path(plate % 1))
        editing.choose_generator(self.desk, look)
        self.settle()

    def card(self, name: str) -> Any:
        """What the queue shows of a ticket, which it does a moment after the ticket is there."""
        self.wait(lambda: name in self.panel.renders.cards)
        return self.panel.renders.cards[name]

    def picture(self, role: str) -> np.ndarray:
        """What the viewer has for a role, H x W x 4 bytes; roles arrive one after the other."""
        self.wait(lambda: role in self.panel.stage.viewer.images)
        image = self.panel.stage.viewer.images[role]
        return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()


@pytest.fixture
def make(services: tuple[Service, Service], tmp_path: Path, qtbot: Any, request: Any) -> Callable[[], Driver]:
    """Makes panels that share a home, as one that is closed and opened again does."""
    theme.application()

    def make() -> Driver:
        panel = Panel(pixels=services[0], eyes=services[1], home=Home(tmp_path / "home"))
        qtbot.addWidget(panel)
        panel.show()
        return Driver(panel, qtbot)

    return make


@pytest.fixture
def driver(make: Callable[[], Driver], material: Material) -> Driver:
    """A panel with the shot open."""
    made = make()
    made.load(material.plate, material.look)
    return made
