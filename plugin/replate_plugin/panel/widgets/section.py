"""A part of a page that can be folded away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

__all__ = ["Section"]


class Section(QWidget):
    """A title that folds what is below it."""

    folded = Signal(str, bool)

    def __init__(self, title: str, *, open_: bool = True) -> None:
        super().__init__()
        self.title = title
        self.head, self.body = QToolButton(), QWidget()
        self.head.setText(title)
        self.head.setProperty("flat", True)
        self.head.setCheckable(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        flush = "text-align: left; margin-left: -8px;"  # with the rows below
        self.head.setStyleSheet(f"QToolButton {{ {flush} font-weight: 600; background: transparent; }}")
        self.head.setAccessibleName(f"Section {title}")
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 2, 2, 6)
        self.rows.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.body)
        self.head.toggled.connect(self._fold)
        self.head.setChecked(open_)
        self._fold(open_)

    def add(self, widget: QWidget) -> None:
        """One more row."""
        self.rows.addWidget(widget)

    def _fold(self, open_: bool) -> None:
        self.head.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self.body.setVisible(open_)
        self.folded.emit(self.title, open_)
