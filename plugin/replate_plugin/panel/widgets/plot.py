"""A small plot of losses over steps."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from .. import theme

__all__ = ["LossPlot"]


class LossPlot(QWidget):
    """Logarithmic upwards, the raw values thin, what they are about in bold."""

    def __init__(self) -> None:
        super().__init__()
        self.points: Sequence[tuple[float, float]] = ()
        self.setMinimumHeight(theme.line(self, 5))
        self.setAccessibleName("Loss over steps")
        self.setToolTip("How far the results are from what was shown; lower is nearer")

    def sizeHint(self) -> QSize:
        return QSize(240, theme.line(self, 6))

    def show_points(self, points: Sequence[tuple[float, float]]) -> None:
        """(step, loss) pairs."""
        self.points = [(step, math.log(loss)) for step, loss in points if loss > 0 and math.isfinite(loss)]
        self.setAccessibleDescription(
            f"loss {points[-1][1]:.4f} at step {points[-1][0]:.0f}" if points else "nothing yet"
        )
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(theme.SURROUND))
        if len(self.points) < 2:
            painter.setPen(QColor(theme.WEAK))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "The loss appears here")
            return
        painter.setPen(QPen(QColor(theme.HOVER), 1))
        painter.drawPolyline(self._line(self.points))
        painter.setPen(QPen(QColor(theme.TEXT), 1.6))
        painter.drawPolyline(self._line(_smooth(self.points)))
        painter.setPen(QColor(theme.WEAK))
        step, loss = self.points[-1]
        painter.drawText(QPointF(8, theme.line(self, 1.1)), f"step {step:.0f}   loss {math.exp(loss):.4f}")

    def _line(self, points: Sequence[tuple[float, float]]) -> QPolygonF:
        steps, losses = zip(*self.points, strict=True)
        low, high = min(losses), max(losses)
        width, height = self.width() - 16, self.height() - theme.line(self, 1.6) - 8
        top = theme.line(self, 1.6)
        return QPolygonF(
            [
                QPointF(
                    8 + (step - steps[0]) / max(1.0, steps[-1] - steps[0]) * width,
                    top + (high - loss) / ((high - low) or 1) * height,
                )
                for step, loss in points
            ]
        )


def _smooth(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    keep = min(0.8, len(points) / 50)  # few points are a curve already
    smoothed = [points[0]]
    for step, loss in points[1:]:
        smoothed.append((step, keep * smoothed[-1][1] + (1 - keep) * loss))
    return smoothed
