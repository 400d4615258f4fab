"""What the panel's pages have in common: a column that scrolls, and words in it that explain."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

__all__ = ["Page", "hint"]


class Page(QScrollArea):
    """It scrolls downwards only; what is on it lies in its `column`."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(240)
        page = QWidget()
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(8, 8, 8, 8)
        self.column.setSpacing(8)
        self.setWidget(page)


def hint(text: str = "") -> QLabel:
    """A sentence in weak ink that breaks into lines."""
    label = QLabel(text, wordWrap=True)
    label.setProperty("weak", True)
    return label
