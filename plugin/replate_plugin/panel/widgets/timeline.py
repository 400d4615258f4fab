"""The frames of the shot: where we are, what is there already, what is rendered, where keys are."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from .. import theme
from ..desk import Desk

__all__ = ["Scrubber"]

_SIDE = 8


class Scrubber(QWidget):
    """Click or drag to go to a frame. Light below: result is there. Diamonds: keys. Ends in the middle: in and out."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.cached: Collection[int] = ()
        self.span: tuple[int, int] | None = None
        self.setMinimumHeight(theme.line(self, 2.2))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Frames")
        self.setAccessibleDescription("Drag to scrub; the light line shows frames that are there already")
        for changed in (desk.frame_changed, desk.facts_changed, desk.document_changed):
            changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(300, theme.line(self, 2.2))

    def show_cached(self, frames: Collection[int]) -> None:
        """The frames whose result is there."""
        self.cached = frozenset(frames)
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.SURROUND))
        if not self.desk.facts:
            return
        self._paint_span(painter)
        self._paint_numbers(painter)
        self._paint_cached(painter)
        self._paint_keys(painter)
        x = self._x(self.desk.frame)
        painter.setPen(QPen(QColor(theme.MARK), 1.6))
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.desk.go_to(round(self._frame(event.position().x())))

    def _paint_span(self, painter: QPainter) -> None:
        if self.span is None:
            return
        left, right = (self._x(each) for each in self.span)
        shade = QColor(0, 0, 0, 90)
        painter.fillRect(QRectF(0, 0, left, self.height()), shade)
        painter.fillRect(QRectF(right, 0, self.width() - right, self.height()), shade)
        painter.setPen(QPen(QColor(theme.WEAK), 2))
        for x in (left, right):
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height() * 0.6))

    def _paint_numbers(self, painter: QPainter) -> None:
        frames = self.desk.frames
        wide = self.fontMetrics().horizontalAdvance(f"{frames[-1]}  ") * 1.6
        step = _round_step((frames[-1] - frames[0]) * wide / max(1, self.width() - 2 * _SIDE))
        base = self.height() - theme.line(self, 0.75)
        for frame in range(frames[0] - frames[0] % -step if step > 1 else frames[0], frames[-1] + 1, step):
            x = self._x(frame)
            painter.setPen(QPen(QColor(theme.EDGE), 1))
            painter.drawLine(QPointF(x, base), QPointF(x, self.height()))
            painter.setPen(QColor(theme.WEAK))
            text = str(frame)
            width = self.fontMetrics().horizontalAdvance(text)
            at = min(max(2.0, x - width / 2), self.width() - width - 2.0)
            painter.drawText(QPointF(at, theme.line(self, 0.95)), text)

    def _paint_cached(self, painter: QPainter) -> None:
        frames = self.desk.frames
        each = (self.width() - 2 * _SIDE) / max(1, frames[-1] - frames[0])
        for frame in self.cached:
            painter.fillRect(QRectF(self._x(frame) - each / 2, self.height() - 4, each + 0.6, 3), QColor("#9fa89f"))

    def _paint_keys(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.ACCENT))
        middle = self.height() - theme.line(self, 0.6)
        for frame in self.desk.keys:
            x = self._x(frame)
            painter.drawPolygon(
                [QPointF(x, middle - 4), QPointF(x + 4, middle), QPointF(x, middle + 4), QPointF(x - 4, middle)]
            )

    def _x(self, frame: float) -> float:
        first, last = self.desk.frames[0], self.desk.frames[-1]
        return _SIDE + (frame - first) / max(1, last - first) * (self.width() - 2 * _SIDE)

    def _frame(self, x: float) -> float:
        first, last = self.desk.frames[0], self.desk.frames[-1]
        return first + (x - _SIDE) / max(1, self.width() - 2 * _SIDE) * (last - first)


def _round_step(step: float) -> int:
    """1, 2, 5, 10, 20, 50, ..., the first that is enough."""
    size = 1
    while True:
        for factor in (1, 2, 5):
            if size * factor >= step:
                return size * factor
        size *= 10
