"""A user without a plan: random actions on a real panel, the same for the same seed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from replate_plugin.panel import editing
from replate_plugin.panel.actions import actions
from replate_plugin.panel.model.viewing import CHANNELS, COMPARE, OVERLAYS
from replate_plugin.panel.panel import Panel

__all__ = ["Monkey"]

_NOT = {"open", "save", "render"}  # these open the system's dialogs, or fill the disk


class Monkey(QObject):
    """`act` does one thing; `longest` is the longest time, in seconds, that the widgets' thread was not to be had,
    `slowest` what was done then."""

    def __init__(self, panel: Panel, *, seed: int = 1) -> None:
        super().__init__()
        self.panel, self.dice = panel, random.Random(seed)
        self.done: list[str] = []
        self.longest, self.slowest = 0.0, ""
        self._seen = time.monotonic()
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def act(self) -> None:
        """One thing, at random."""
        often = [
            self._knob,
            self._knob,
            self._frame,
            self._frame,
            self._mouse,
            self._mouse,
            self._slide,
            self._shortcut,
        ]
        seldom = [self._key, self._view, self._wheel, self._look, self._node, self._page, self._size, self._reset]
        what: list[Callable[[], str]] = [*often, *seldom]
        self.done.append(self.dice.choice(what)())

    def rest(self, seconds: float) -> None:
        """Let the panel come to itself."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # as the event loop of a program does
            time.sleep(0.002)

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._seen > self.longest:
            self.longest, self.slowest = now - self._seen, ", ".join(self.done[-2:])
        self._seen = now

    def _knob(self) -> str:
        row = self.dice.choice([row for row in self.panel.tune.rows.values() if not row.option])
        knob = row.knob
        if knob.kind in ("float", "int"):
            low, high = knob.slider or (0, 10)
            value = self.dice.uniform(low, high)
            row.editor.edited.emit(round(value) if knob.kind == "int" else round(value, 3))
        elif knob.kind == "bool":
            row.editor.edited.emit(self.dice.random() < 0.5)
        elif knob.kind == "choice":
            row.editor.edited.emit(self.dice.choice(knob.choices))
        return f"knob {knob.name}"

    def _slide(self) -> str:
        rows = [row for row in self.panel.tune.rows.values() if hasattr(row.editor, "slider")]
        slider = self.dice.choice(rows).editor.slider
        slider.sliderPressed.emit()
        for _ in range(4):
            slider.setValue(self.dice.randint(slider.minimum(), slider.maximum()))
            QApplication.processEvents()
        slider.sliderReleased.emit()
        return "slide"

    def _key(self) -> str:
        row = self.dice.choice([row for row in self.panel.tune.rows.values() if row.keyable])
        row.key.click()
        return f"key {row.knob.name}"

    def _reset(self) -> str:
        self.dice.choice(list(self.panel.tune.rows.values())).reset.click()
        return "reset"

    def _shortcut(self) -> str:
        known = actions(self.panel)
        name = self.dice.choice(sorted(set(known) - _NOT))
        known[name]()
        return f"shortcut {name}"

    def _frame(self) -> str:
        self.panel.desk.go_to(self.dice.choice(self.panel.desk.frames))
        return "frame"

    def _view(self) -> str:
        view = {
            "compare": self.dice.choice(COMPARE),
            "channel": self.dice.choice(CHANNELS),
            "overlay": self.dice.choice(OVERLAYS),
            "exposure": self.dice.uniform(-3, 3),
            "detail": self.dice.choice([1.0, 0.5, 0.25]),
        }
        name = self.dice.choice(sorted(view))
        self.panel.desk.show_as(**{name: view[name]})
        return f"view {name}"

    def _mouse(self) -> str:
        widget = self.dice.choice([self.panel.stage.viewer, self.panel.stage.transport.scrubber])
        button = self.dice.choice([Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
        places = [self._place(widget) for _ in range(4)]
        kinds = [
            QMouseEvent.Type.MouseButtonPress,
            *[QMouseEvent.Type.MouseMove] * 2,
            QMouseEvent.Type.MouseButtonRelease,
        ]
        for kind, place in zip(kinds, places, strict=True):
            event = QMouseEvent(kind, place, widget.mapToGlobal(place), button, button, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(widget, event)
        return f"mouse on {type(widget).__name__}"

    def _wheel(self) -> str:
        viewer = self.panel.stage.viewer
        place, turn = self._place(viewer), QPoint(0, self.dice.choice([-240, -120, 120, 240]))
        none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(
            place, viewer.mapToGlobal(place), QPoint(), turn, Qt.MouseButton.NoButton, none, phase, False
        )
        QApplication.sendEvent(viewer, event)
        return "wheel"

    def _look(self) -> str:
        node = self.panel.desk.node
        if node is not None and node.generators:
            editing.choose_generator(self.panel.desk, self.dice.choice(node.generators).name)
        return "look"

    def _node(self) -> str:
        name = self.dice.choice(["style", "style", "removal", "effect"])
        editing.choose_node(self.panel.desk, name)
        return f"node {name}"

    def _page(self) -> str:
        self.panel.tabs.setCurrentIndex(self.dice.randrange(self.panel.tabs.count()))
        return "page"

    def _size(self) -> str:
        self.panel.resize(self.dice.randint(300, 1500), self.dice.randint(400, 1000))
        return "size"

    def _place(self, widget: QWidget) -> QPointF:
        return QPointF(self.dice.uniform(0, widget.width()), self.dice.uniform(0, widget.height()))
