"""The picture: plate and result, compared as the view says, with what lies over them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QCursor,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from .. import theme
from ..desk import Desk
from ..model.viewing import share_for
from .brush import Brush
from .camera import Camera
from .wipe import Wipe

__all__ = ["Viewer"]


class Viewer(QWidget):
    """Shows what it was last given. The wheel zooms, the middle button (or Alt) pans, the wipe's line can be dragged.

    `probed` carries the plate's pixel under the mouse, None where there is none. `brush`, where there is one, gets the
    left button.
    """

    probed = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk, self.camera = desk, Camera()
        self.images: dict[str, QImage] = {}
        self.stale = False
        self.busy, self.waiting = False, ""
        self.brush: Brush | None = None
        self._held, self._last = "", QPointF()
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Viewer")
        self.setAccessibleDescription("Plate and result. The wheel zooms, the middle button pans")
        desk.facts_changed.connect(self._new_plate)
        desk.view_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(720, 420)

    def show_image(self, role: str, image: QImage | None) -> None:
        """Another picture for a role: "plate", "result" or "overlay"."""
        if image is None:
            self.images.pop(role, None)
        else:
            self.images[role] = image
        self.update()

    def fit(self) -> None:
        """The whole picture."""
        self.camera.fit()
        self._zoomed()

    def actual(self) -> None:
        """One plate pixel on one pixel of the screen."""
        self.camera.zoom_at(QPointF(self.rect().center()), 1 / self.devicePixelRatioF() / self.camera.zoom)
        self._zoomed()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.SURROUND))
        if not self.images or not self.camera.size[0]:
            return
        smooth = self.camera.zoom * self.devicePixelRatioF() < 2
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.camera.rect
        self._paint_pictures(painter, rect)
        painter.setOpacity(0.6)
        self._paint(painter, "overlay", rect)
        if self.brush is not None:
            self.brush.paint(painter, self.camera)
        painter.setOpacity(1.0)
        self._paint_marks(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.camera.resize(widget=(event.size().width(), event.size().height()))
        self._zoomed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.camera.zoom_at(event.position(), 1.0015 ** event.angleDelta().y())
        self._zoomed()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._last, left = event.position(), event.button() is Qt.MouseButton.LeftButton
        panning = event.button() is Qt.MouseButton.MiddleButton or event.modifiers() & Qt.KeyboardModifier.AltModifier
        if self.brush is not None and left and not panning:
            self._held = "brush"
            self.brush.press(self.camera.to_plate(event.position()))
        elif left and not panning and self.desk.view.compare == "wipe" and self.images:
            self._held = self._wipe.held(event.position()) or "pan"
        else:
            self._held = "pan" if left or panning else ""
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position()
        if self._held == "pan":
            self.camera.pan(place - self._last)
        elif self._held == "line":
            self.desk.show_as(wipe=self._wipe.moved(place))
        elif self._held == "angle":
            self.desk.show_as(angle=self._wipe.turned(place))
        elif self._held == "brush" and self.brush is not None:
            self.brush.move(self.camera.to_plate(place))
        self._last = place
        self._point(place)
        self.update()

    def mouseReleaseEvent(self, _: QMouseEvent) -> None:
        if self._held == "brush" and self.brush is not None:
            self.brush.release()
        self._held = ""
        self.update()

    def leaveEvent(self, _: object) -> None:
        self.probed.emit(None)

    @property
    def _wipe(self) -> Wipe:
        return Wipe(self.desk.view, self.camera.rect)

    def _new_plate(self) -> None:
        self.camera.resize(size=self.desk.size)
        self._zoomed()

    def _zoomed(self) -> None:
        """No more is asked for than can be seen."""
        self.desk.show_as(sharp=share_for(self.camera.zoom * self.devicePixelRatioF()))
        self.update()

    def _paint_pictures(self, painter: QPainter, rect: QRectF) -> None:
        compare = self.desk.view.compare
        if compare == "result" and "result" in self.images:
            self._paint(painter, "result", rect)
            return
        self._paint(painter, "plate", rect)
        if compare == "wipe" and "result" in self.images:
            painter.save()
            painter.setClipRect(rect)
            half = QPainterPath()
            half.addPolygon(self._wipe.right)
            painter.setClipPath(half, Qt.ClipOperation.IntersectClip)
            self._paint(painter, "result", rect)
            painter.restore()
            self._paint_wipe(painter)
        elif compare == "difference" and "result" in self.images:
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Difference)
            self._paint(painter, "result", rect)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)

    def _paint(self, painter: QPainter, role: str, rect: QRectF) -> None:
        if role in self.images:
            image = self.images[role]
            painter.drawImage(rect, image, QRectF(image.rect()))

    def _paint_wipe(self, painter: QPainter) -> None:
        wipe = self._wipe
        for colour, width in (("#000000", 3.0), ("#e0e0e0", 1.2)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(*wipe.line)
        painter.setBrush(QColor("#2b2b2b"))
        painter.drawEllipse(wipe.arm, 4.5, 4.5)
        painter.setBrush(QColor("#e0e0e0"))
        painter.drawEllipse(wipe.centre, 4.0, 4.0)

    def _paint_marks(self, painter: QPainter) -> None:
        """What the picture is, in its corners, and whether it is the one that was asked for."""
        compare, learning = self.desk.view.compare, self.desk.learning
        result = f"{learning.name}, as it learns" if learning else "result"
        self._tag(painter, {"wipe": "plate", "result": result}.get(compare, compare), left=True)
        if self.stale:
            self._tag(painter, self.waiting if self.busy else "stale", left=False, colour=theme.ACCENT)
        elif compare == "wipe" and "result" in self.images:
            self._tag(painter, result, left=False)

    def _tag(self, painter: QPainter, text: str, *, left: bool, colour: str = theme.TEXT) -> None:
        space, height = theme.line(self, 0.4), theme.line(self, 1.3)
        width = self.fontMetrics().horizontalAdvance(text) + 2 * space
        box = QRectF(space if left else self.width() - width - space, space, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 20, 20, 170))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor(colour))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _point(self, place: QPointF) -> None:
        """The pointer's shape, and the pixel below it."""
        shape = Qt.CursorShape.ArrowCursor
        if self.brush is not None:
            shape = Qt.CursorShape.CrossCursor
        elif self.desk.view.compare == "wipe" and self.images:
            held = self._held or self._wipe.held(place)
            shape = {"line": Qt.CursorShape.SizeHorCursor, "angle": Qt.CursorShape.PointingHandCursor}.get(held, shape)
        self.setCursor(QCursor(shape))
        pixel = self.camera.to_plate(place)
        inside = 0 <= pixel.x() < self.camera.size[0] and 0 <= pixel.y() < self.camera.size[1]
        self.probed.emit((int(pixel.x()), int(pixel.y())) if inside else None)
