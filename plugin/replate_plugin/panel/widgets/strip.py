"""A knob's curve over the shot, small: keys can be moved, set and taken away."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from ...host.declared import Knob
from .. import theme
from ..desk import Desk
from ..model.curves import Curve

__all__ = ["CurveStrip"]

_NEAR = 7  # pixels


class CurveStrip(QWidget):
    """Drag a key; double-click sets one; the right button opens the knob's menu."""

    def __init__(self, desk: Desk, knob: Knob) -> None:
        super().__init__()
        self.desk, self.knob = desk, knob
        self._held: float | None = None
        self.setMinimumHeight(theme.line(self, 2.6))
        self.setAccessibleName(f"Curve of {knob.title}")
        self.setToolTip("Drag keys up and down or in time. Double-click sets a key. The right button: interpolation")
        desk.frame_changed.connect(self.update)
        desk.facts_changed.connect(self.update)

    @property
    def curve(self) -> Curve:
        """The knob's curve; an empty one where it has none any more."""
        setting = self.desk.document.setting(self.knob)
        return setting if isinstance(setting, Curve) else Curve(((float(self.desk.frame), float(self.knob.default)),))

    def sizeHint(self) -> QSize:
        return QSize(200, theme.line(self, 2.6))

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.SURROUND))
        painter.setPen(QPen(QColor(theme.HOVER), 1))
        x = self._x(self.desk.frame)
        painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        curve = self.curve
        points = [QPointF(step, self._y(curve.at(self._frame(step)))) for step in range(0, self.width() + 1, 3)]
        painter.setPen(QPen(QColor(theme.WEAK), 1.4))
        painter.drawPolyline(points)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.ACCENT))
        for frame, value in curve.keys:
            painter.drawPolygon(_diamond(self._x(frame), self._y(value)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._held = self._key_at(event.position())
            if self._held is not None:
                self.desk.drag(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            return
        frame, value = round(self._frame(event.position().x())), self._value(event.position().y())
        if frame != self._held and self.curve.has_key(frame):
            frame = int(self._held)  # keys do not swallow each other
        kept = tuple(key for key in self.curve.keys if key[0] != self._held)
        moved = Curve(kept, self.curve.interpolation).with_key(frame, value)
        self._held = float(frame)
        self._change(moved, "Move key of", merge=f"key of {self.knob.name}")

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        if self._held is not None:
            self._held = None
            self.desk.drag(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        frame = round(self._frame(event.position().x()))
        self._change(self.curve.with_key(frame, self._value(event.position().y())), "Set key on")

    def _change(self, curve: Curve, label: str, *, merge: str = "") -> None:
        document = self.desk.document.with_setting(self.knob, curve)
        self.desk.change(document, f"{label} {self.knob.title}", merge=merge)

    def _key_at(self, place: QPointF) -> float | None:
        for frame, value in self.curve.keys:
            if abs(self._x(frame) - place.x()) < _NEAR and abs(self._y(value) - place.y()) < _NEAR:
                return frame
        return None

    @property
    def _range(self) -> tuple[float, float]:
        low, high = self.knob.slider or (0.0, 1.0)
        values = [value for _, value in self.curve.keys]
        return min(low, *values), max(high, *values)

    def _x(self, frame: float) -> float:
        first, last = self.desk.frames[0], self.desk.frames[-1]
        return 6 + (frame - first) / max(1, last - first) * (self.width() - 12)

    def _frame(self, x: float) -> float:
        first, last = self.desk.frames[0], self.desk.frames[-1]
        share = min(1.0, max(0.0, (x - 6) / max(1, self.width() - 12)))
        return first + share * (last - first)

    def _y(self, value: float) -> float:
        low, high = self._range
        return self.height() - 6 - (value - low) / ((high - low) or 1) * (self.height() - 12)

    def _value(self, y: float) -> float:
        low, high = self._range
        share = min(1.0, max(0.0, (self.height() - 6 - y) / max(1, self.height() - 12)))
        value = low + share * (high - low)
        return round(value) if self.knob.kind in ("int", "bool") else round(value, 4)


def _diamond(x: float, y: float) -> QPolygonF:
    return QPolygonF([QPointF(x, y - 4), QPointF(x + 4, y), QPointF(x, y + 4), QPointF(x - 4, y)])
