"""A drawn mask as pictures: one for each frame of the shot, so that the farm finds what the artist saw."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ..errors import ServiceError
from .model.painting import Painting, Stroke

__all__ = ["Written", "draw", "picture", "prune", "write"]

_KEPT = 7 * 86400  # seconds


def draw(painter: QPainter, strokes: Iterable[Stroke], colour: QColor) -> None:
    """Strokes in plate pixels, the lowest first; what erases makes transparent."""
    for stroke in strokes:
        usual, erasing = QPainter.CompositionMode.CompositionMode_Source, QPainter.CompositionMode.CompositionMode_Clear
        painter.setCompositionMode(erasing if stroke.erases else usual)
        if stroke.shape == "brush":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = QPen(colour, stroke.size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPath(_line(stroke))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            box = QRectF(QPointF(*stroke.points[0]), QPointF(*stroke.points[-1])).normalized()
            painter.drawRect(box) if stroke.shape == "rectangle" else painter.drawEllipse(box)


def _line(stroke: Stroke) -> QPainterPath:
    path = QPainterPath(QPointF(*stroke.points[0]))
    for point in stroke.points[1:] or stroke.points:
        path.lineTo(QPointF(*point) + QPointF(0.01, 0))  # a dot is a line, too
    return path


def picture(strokes: Iterable[Stroke], size: tuple[int, int], *, scale: float = 1.0) -> QImage:
    """White where something is drawn, `size` wide and high; transparent elsewhere."""
    width, height = (max(1, round(each * scale)) for each in size)
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    draw(painter, strokes, QColor("white"))
    painter.end()
    return image


def write(painting: Painting, folder: Path, frames: Iterable[int], size: tuple[int, int]) -> str:
    """The pattern of the mask's pictures, 8-bit PNGs, which are written where they are not there yet.

    Raises ServiceError where that cannot be.
    """
    place = folder / f"{painting.digest}-{size[0]}x{size[1]}"
    pattern = str(place / "mask.%04d.png")
    missing = [frame for frame in frames if not Path(pattern % frame).exists()]
    try:
        place.mkdir(parents=True, exist_ok=True)
        for frame in missing:
            _write_frame(painting, place, pattern, frame, size)
    except OSError as error:
        raise ServiceError(f"the drawn mask cannot be written to {place} ({error.strerror}); free some room") from error
    return pattern


class Written:
    """The drawn mask that was written last: nothing is drawn or looked for again while it is the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: tuple[object, str] | None = None

    def pattern(self, painting: Painting, frames: Sequence[int], size: tuple[int, int]) -> str:
        """See `write`."""
        asked = painting, frames, size
        if self._last is None or self._last[0] != asked:
            self._last = asked, write(painting, self.folder, frames, size)
        return self._last[1]


def prune(folder: Path, jobs: Iterable[str]) -> None:
    """Remove drawn masks of last week and before that none of the `jobs`, as text, names."""
    told = "\n".join(jobs)
    for place in folder.glob("*-*x*"):
        with suppress(OSError):
            if place.name not in told and time.time() - place.stat().st_mtime > _KEPT:
                shutil.rmtree(place)


def _write_frame(painting: Painting, place: Path, pattern: str, frame: int, size: tuple[int, int]) -> None:
    """A frame's own picture, or another name for the one that it shares with its key."""
    drawn = place / f"drawn {painting.key_of(frame)}.png"
    if not drawn.exists():
        _save(painting.at(frame), drawn, size)
    target = Path(pattern % frame)
    with suppress(FileExistsError):
        try:
            os.link(drawn, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without links
            shutil.copyfile(drawn, target)


def _save(strokes: Iterable[Stroke], path: Path, size: tuple[int, int]) -> None:
    black = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
    black.fill(QColor("black"))
    painter = QPainter(black)
    painter.drawImage(0, 0, picture(strokes, size))
    painter.end()
    if not black.convertToFormat(QImage.Format.Format_Grayscale8).save(str(path)):
        raise OSError(5, "it cannot be written")
