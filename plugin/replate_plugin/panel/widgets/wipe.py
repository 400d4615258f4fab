"""The dividing line of a wipe: where it runs, and how the mouse takes hold of it."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from ..model.viewing import View

__all__ = ["Wipe"]

_NEAR, _ARM, _FAR = 9.0, 70.0, 1e5


class Wipe:
    """The line through the view's point, tilted by its angle, over a picture at `rect` in the widget."""

    def __init__(self, view: View, rect: QRectF) -> None:
        self.rect, self.angle = rect, view.angle
        x = rect.x() + view.wipe[0] * rect.width()
        y = rect.y() + view.wipe[1] * rect.height()
        self.centre = QPointF(x, y)
        turned = math.radians(view.angle)
        self.along = QPointF(math.sin(turned), -math.cos(turned))
        self.across = QPointF(math.cos(turned), math.sin(turned))

    @property
    def arm(self) -> QPointF:
        """The handle by which the line is turned."""
        return self.centre + self.along * _ARM

    @property
    def line(self) -> tuple[QPointF, QPointF]:
        """Two points of it, far away."""
        return self.centre - self.along * _FAR, self.centre + self.along * _FAR

    @property
    def right(self) -> QPolygonF:
        """All that lies on the result's side."""
        start, end = self.line
        return QPolygonF([start, end, end + self.across * _FAR, start + self.across * _FAR])

    def held(self, place: QPointF) -> str:
        """What the mouse would take there: "angle", "line" or "" for neither."""
        if math.hypot(place.x() - self.arm.x(), place.y() - self.arm.y()) < _NEAR:
            return "angle"
        off = place - self.centre
        distance = abs(off.x() * self.across.x() + off.y() * self.across.y())
        return "line" if distance < _NEAR / 1.5 else ""

    def moved(self, place: QPointF) -> tuple[float, float]:
        """The view's point when the line is drawn to a place; it stays inside the picture."""
        x = (place.x() - self.rect.x()) / max(1.0, self.rect.width())
        y = (place.y() - self.rect.y()) / max(1.0, self.rect.height())
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def turned(self, place: QPointF) -> float:
        """The angle when the handle is drawn to a place, in degrees from -180 to 180; upright where it nearly is."""
        off = place - self.centre
        angle = math.degrees(math.atan2(off.x(), -off.y()))
        return 0.0 if abs(angle) < 2 else 90.0 if abs(angle - 90) < 2 else angle
