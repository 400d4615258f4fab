"""Something to read over the viewer, in place of a dialog; a click puts it away."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from .. import theme
from .bars import button

__all__ = ["Sheet"]


class Sheet(QWidget):
    """A title, and whatever is to be read below it."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.below = parent
        self.setObjectName("sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"#sheet {{ border: 1px solid {theme.HOVER}; border-radius: 4px; }}")
        self.setAccessibleName(title)
        self.title = QLabel(title)
        self.title.setProperty("title", True)
        self.title.setStyleSheet("font-weight: 600; font-size: 115%;")
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(button("Close", "Put this away (Escape)", self.hide, icon="close", flat=True))
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.addLayout(head)
        column.addWidget(self.area, 1)
        self.hide()

    def lay_over(self, rect: QRect) -> None:
        """Cover a rectangle, but for a margin; no more of its height than there is to read."""
        room = rect.adjusted(16, 16, -16, -16)
        page = self.area.widget()
        wanted = self.height() if page is None else page.sizeHint().height() + theme.line(self, 4)
        if page is not None and page.hasHeightForWidth():
            wanted = page.heightForWidth(room.width() - 40) + theme.line(self, 4)
        self.setGeometry(room.x(), room.y(), room.width(), min(room.height(), wanted))

    def toggle(self) -> None:
        """Show it, or put it away."""
        if self.isVisible():
            self.hide()
        else:
            self.present()

    def present(self) -> None:
        """Show it over its parent."""
        self.show()
        self.raise_()
        self.lay_over(self.below.rect())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # it is not the picture below that is meant
