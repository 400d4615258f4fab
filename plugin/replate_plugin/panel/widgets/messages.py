"""One line for what the panel has to say, with what can be done about it; in place, never in the way."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from .. import theme
from ..desk import Desk, Saying

__all__ = ["Messages"]


class Messages(QWidget):
    """Keeps its height when it is empty, so that the picture does not jump."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.label, self.action = QLabel(), QPushButton()
        self.saying = Saying("")
        self.label.setWordWrap(True)
        self.label.setMinimumHeight(theme.line(self, 1.4))
        self.label.setAccessibleName("Message")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.addWidget(self.label, 1)
        row.addWidget(self.action)
        self.action.setAccessibleName("What can be done about it")
        self.action.hide()
        self.action.clicked.connect(self._do)
        desk.said.connect(self.show_saying)

    def show_saying(self, saying: Saying) -> None:
        """Say it, in place of what was said before."""
        self.saying = saying
        self.label.setText(saying.text)
        self.label.setToolTip(saying.text)
        self.label.setStyleSheet(f"color: {theme.ACCENT if saying.bad else theme.WEAK};")
        self.action.setText(saying.action)
        self.action.setVisible(bool(saying.action))

    def _do(self) -> None:
        if self.saying.do is not None:
            self.saying.do()
