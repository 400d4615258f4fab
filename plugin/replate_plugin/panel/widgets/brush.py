"""Drawing a mask on the picture."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from .. import masks
from ..desk import Desk
from ..model.document import PAINTED
from ..model.painting import Painting, Stroke
from .camera import Camera

__all__ = ["Brush"]

_TINT = QColor(230, 64, 38)


class Brush:
    """The tool in hand. What is drawn becomes part of the document when the mouse is let go."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.shape, self.size, self.erases = "brush", 40.0, False
        self._stroke: Stroke | None = None
        self._made: tuple[object, QImage] | None = None

    def press(self, place: QPointF) -> None:
        """Begin here, in plate pixels."""
        self._stroke = Stroke(self.shape, (_point(place),), self.size, self.erases)

    def move(self, place: QPointF) -> None:
        """Go on to here."""
        if self._stroke is not None:
            start = self._stroke.points if self.shape == "brush" else self._stroke.points[:1]
            self._stroke = replace(self._stroke, points=(*start, _point(place)))

    def release(self) -> None:
        """It is drawn."""
        stroke, self._stroke = self._stroke, None
        if stroke is None or (stroke.shape != "brush" and len(stroke.points) < 2):
            return
        document = self.desk.document
        painting = document.painting.with_stroke(self.desk.frame, stroke)
        self._change(painting, "Erase mask" if self.erases else "Draw mask")

    def clear(self) -> None:
        """Nothing on this frame."""
        self._change(self.desk.document.painting.cleared(self.desk.frame), "Clear mask")

    def paint(self, painter: QPainter, camera: Camera) -> None:
        """What is drawn so far, over the picture."""
        strokes = self.desk.document.painting.at(self.desk.frame) + ((self._stroke,) if self._stroke else ())
        size = camera.size
        scale = min(1.0, 1280 / max(1, *size))
        if self._made is None or self._made[0] != (strokes, size):
            image = masks.picture(strokes, size, scale=scale)
            tinted = QPainter(image)
            tinted.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
            tinted.fillRect(image.rect(), _TINT)
            tinted.end()
            self._made = (strokes, size), image
        painter.drawImage(camera.rect, self._made[1])
        if self.shape == "brush":
            self._paint_tip(painter, camera)

    def _paint_tip(self, painter: QPainter, camera: Camera) -> None:
        if self._stroke is not None:
            reach = self.size / 2 * camera.zoom
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor("#e0e0e0"), 1))
            painter.drawEllipse(camera.to_widget(QPointF(*self._stroke.points[-1])), reach, reach)

    def _change(self, painting: Painting, label: str) -> None:
        document = replace(self.desk.document, painting=painting)
        self.desk.change(document.with_input("mask", PAINTED), label)


def _point(place: QPointF) -> tuple[float, float]:
    return round(place.x(), 1), round(place.y(), 1)
