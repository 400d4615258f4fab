"""Where the picture lies in the viewer: zoom, pan, fit. Plate pixels on one side, the widget's on the other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

__all__ = ["Camera"]

_LEAST, _MOST = 0.02, 64.0


@dataclass
class Camera:
    """`zoom` is widget pixels a plate pixel; `centre` the plate's point in the middle of the widget."""

    size: tuple[int, int] = (0, 0)
    widget: tuple[int, int] = (1, 1)
    zoom: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)
    fitted: bool = True

    def fit(self) -> None:
        """The whole picture, as large as it goes."""
        self.fitted = True
        width, height = self.size
        if width and height:
            self.zoom = max(_LEAST, min(self.widget[0] / width, self.widget[1] / height))
            self.centre = width / 2, height / 2

    def resize(self, *, size: tuple[int, int] | None = None, widget: tuple[int, int] | None = None) -> None:
        """Another plate, or another size of the widget."""
        changed = size is not None and size != self.size
        self.size, self.widget = size or self.size, widget or self.widget
        if self.fitted or changed:
            self.fit()

    def zoom_at(self, place: QPointF, factor: float) -> None:
        """Closer or further away, with the point under the mouse where it is."""
        before = self.to_plate(place)
        self.zoom = min(_MOST, max(_LEAST, self.zoom * factor))
        self.fitted = False
        after = self.to_plate(place)
        self.centre = self.centre[0] + before.x() - after.x(), self.centre[1] + before.y() - after.y()

    def pan(self, by: QPointF) -> None:
        """Move the picture by so many widget pixels."""
        self.fitted = False
        self.centre = self.centre[0] - by.x() / self.zoom, self.centre[1] - by.y() / self.zoom

    def to_plate(self, place: QPointF) -> QPointF:
        """A place in the widget, in plate pixels."""
        x = (place.x() - self.widget[0] / 2) / self.zoom + self.centre[0]
        y = (place.y() - self.widget[1] / 2) / self.zoom + self.centre[1]
        return QPointF(x, y)

    def to_widget(self, place: QPointF) -> QPointF:
        """A place in the plate, in the widget."""
        x = (place.x() - self.centre[0]) * self.zoom + self.widget[0] / 2
        y = (place.y() - self.centre[1]) * self.zoom + self.widget[1] / 2
        return QPointF(x, y)

    @property
    def rect(self) -> QRectF:
        """Where the whole picture lies in the widget."""
        return QRectF(self.to_widget(QPointF(0, 0)), self.to_widget(QPointF(*self.size)))
