"""The viewer with everything that belongs to it: bars, frames, probe, the tools of the brush, messages."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ..desk import Desk
from ..projector import Picked
from ..screening import Screening
from ..shortcuts import Help
from ..widgets.bars import ViewBar
from ..widgets.empty import Empty
from ..widgets.messages import Messages
from ..widgets.probe import Prober
from ..widgets.tools import Tools
from ..widgets.transport import Transport
from ..widgets.viewer import Viewer
from .card import CardSheet

__all__ = ["Stage"]


class Stage(QWidget):
    """Shows what the screening has, in a viewer; before there is a plate it says how to get one."""

    def __init__(
        self, desk: Desk, screening: Screening, actions: Sequence[tuple[str, Callable[[], object]]] = ()
    ) -> None:
        super().__init__()
        self.desk, self.screening = desk, screening
        self.viewer = Viewer(desk)
        self.bar = ViewBar(desk, self.viewer.fit)
        self.tools = Tools(desk, self.viewer)
        self.transport = Transport(desk, screening)
        self.messages = Messages(desk)
        self.probe = QLabel()
        self.probe.setProperty("weak", True)
        self.probe.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.probe.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.prober = Prober(desk, screening, self.probe)
        self.viewer.probed.connect(self.prober.probe)
        text = "Drop a shot on this window: a picture of a sequence, a movie, a folder. Or a job file."
        self.empty = Empty("Open a plate", text, actions)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.viewer)
        self.transport.row.addWidget(self.probe, 10)
        self._lay_out()
        self._clock = QTimer(self, singleShot=True, interval=1000)
        self._clock.timeout.connect(self._state)
        self.help, self.card = Help(self), CardSheet(self, desk)
        screening.showing.connect(self._show)
        screening.state_changed.connect(self._state)
        desk.facts_changed.connect(self._plate)
        self._plate()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.bar, self.tools, self.stack, self.transport, self.messages):
            column.addWidget(widget, 1 if widget is self.stack else 0)

    def toggle_brush(self) -> None:
        """Take the brush, or put it away."""
        self.tools.toggle()

    def put_away(self) -> bool:
        """Put away what lies over the viewer, or the brush; False where there was neither."""
        for sheet in (self.help, self.card):
            if sheet.isVisible():
                sheet.hide()
                return True
        if self.viewer.brush is None:
            return False
        self.toggle_brush()
        return True

    def resizeEvent(self, _: QResizeEvent) -> None:
        for sheet in (self.help, self.card):
            sheet.lay_over(self.rect())

    def _show(self, role: str, picked: Picked | None) -> None:
        self.viewer.show_image(role, None if picked is None else picked.image)

    def _state(self) -> None:
        viewer, screening = self.viewer, self.screening
        viewer.stale, viewer.busy = screening.stale, screening.busy
        seconds = round(time.monotonic() - screening.since)
        viewer.waiting = f"updating … {seconds} s, Esc stops" if seconds > 1 else "updating …"
        viewer.update()
        if viewer.stale and viewer.busy and not self._clock.isActive():
            self._clock.start()

    def _plate(self) -> None:
        there = bool(self.desk.facts)
        self.stack.setCurrentWidget(self.viewer if there else self.empty)
        for widget in (self.bar, self.transport):
            widget.setEnabled(there)
