"""What is shown where there is nothing yet: what to do next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from .. import theme

__all__ = ["Empty"]


class Empty(QWidget):
    """A title, a sentence and buttons, in the middle."""

    def __init__(self, title: str, text: str, actions: Sequence[tuple[str, Callable[[], object]]] = ()) -> None:
        super().__init__()
        self.title, self.text = QLabel(title), QLabel(text)
        self.title.setProperty("title", True)
        self.title.setStyleSheet("font-size: 120%; font-weight: 600;")
        self.text.setProperty("weak", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 0)
        column.addStretch(2)
        for label in (self.title, self.text):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addSpacing(theme.line(self, 0.6))
        row = QHBoxLayout()
        row.addStretch(1)
        for word, do in actions:
            made = QPushButton(word)
            made.clicked.connect(lambda _=False, do=do: do())
            row.addWidget(made)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)
