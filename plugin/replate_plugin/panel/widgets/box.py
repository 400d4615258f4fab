"""A combo box in the panel's grey."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox

from .. import theme

__all__ = ["Box"]


class Box(QComboBox):
    """Words to choose from. `chosen` hears of one that the user takes; a wheel over a page scrolls the page."""

    def __init__(self, name: str, words: Sequence[str] = (), chosen: Callable[[str], object] | None = None) -> None:
        super().__init__()
        self.addItems(list(words))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if chosen is not None:
            self.textActivated.connect(chosen)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.WEAK if self.isEnabled() else theme.HOVER), 1.4))
        x, y = self.width() - 11.0, self.height() / 2
        painter.drawPolyline([QPointF(x - 3.5, y - 1.5), QPointF(x, y + 2), QPointF(x + 3.5, y - 1.5)])

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()
