"""How the panel looks: one place for greys and sizes. Greys are neutral, so that they do not colour the eye.

The type is the system's. Sizes follow its height, so that large type and high-density screens need no rules of their
own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from .thrift import give_back

__all__ = [
    "ACCENT",
    "EDGE",
    "FIELD",
    "HOVER",
    "MARK",
    "PAGE",
    "SURROUND",
    "TEXT",
    "WEAK",
    "application",
    "apply",
    "line",
    "mark",
    "symbol",
]

SURROUND = "#1f1f1f"  # around the picture
PAGE = "#2b2b2b"
FIELD = "#383838"
EDGE = "#484848"
HOVER = "#565656"
WEAK = "#9c9c9c"
TEXT = "#d6d6d6"
MARK = "#f0f0f0"
ACCENT = "#c9a15a"
"""For what must be seen in passing: keys, a stale result, an error. Small and rare, so it stays out of the picture."""

_STYLE = """
QWidget {{ background: {PAGE}; color: {TEXT}; }}
QWidget:disabled {{ color: #6c6c6c; }}
QToolTip {{ background: {FIELD}; color: {TEXT}; border: 1px solid {HOVER}; padding: 3px; }}
QLineEdit, QComboBox, QSpinBox, QPlainTextEdit, QListView {{
    background: {FIELD}; border: 1px solid {EDGE}; border-radius: 3px; padding: 2px 5px;
    selection-background-color: #707070; selection-color: {MARK}; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QListView:focus {{ border-color: {WEAK}; }}
QLineEdit[bad="true"] {{ border-color: {ACCENT}; }}
QComboBox {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: 0; width: 18px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{ background: {FIELD}; border: 1px solid {HOVER}; selection-background-color: #606060; }}
QPushButton, QToolButton {{
    background: {FIELD}; border: 1px solid {EDGE}; border-radius: 3px; padding: 3px 9px; }}
QToolButton {{ padding: 2px 6px; }}
QPushButton:hover, QToolButton:hover {{ background: {EDGE}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {WEAK}; }}
QPushButton:pressed, QToolButton:pressed, QToolButton:checked {{ background: #6a6a6a; color: {MARK}; }}
QToolButton:checked:disabled {{ background: {FIELD}; color: #6c6c6c; }}
QPushButton[main="true"], QToolButton[main="true"] {{ background: #5c5c5c; color: {MARK}; }}
QPushButton[main="true"]:hover, QToolButton[main="true"]:hover {{ background: #6a6a6a; }}
QToolButton[flat="true"] {{ background: transparent; border: 1px solid transparent; padding: 1px 3px; }}
QToolButton[flat="true"]:hover, QToolButton[flat="true"]:focus {{ border-color: {HOVER}; }}
QToolButton::menu-indicator {{ image: none; }}
QCheckBox {{ spacing: 6px; }}
QCheckBox::indicator {{
    width: 13px; height: 13px; background: {FIELD}; border: 1px solid {HOVER}; border-radius: 3px; }}
QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {WEAK}; }}
QCheckBox::indicator:checked {{ background: {TEXT}; border: 1px solid {TEXT}; }}
QTabWidget::pane {{ border: 0; border-top: 1px solid {EDGE}; }}
QTabBar::tab {{
    background: {PAGE}; color: {WEAK}; padding: 5px 12px; border: 0; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {MARK}; border-bottom-color: {TEXT}; }}
QTabBar::tab:hover {{ color: {TEXT}; }}
QScrollArea {{ border: 0; }}
QScrollBar {{ background: {PAGE}; border: 0; width: 10px; height: 10px; }}
QScrollBar::handle {{ background: {EDGE}; border-radius: 4px; min-height: 24px; min-width: 24px; }}
QScrollBar::handle:hover {{ background: {HOVER}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QSplitter::handle {{ background: {SURROUND}; }}
QSlider::groove:horizontal {{ background: {SURROUND}; height: 4px; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: #707070; border-radius: 2px; }}
QSlider::handle:horizontal {{ background: {WEAK}; width: 10px; margin: -5px 0; border-radius: 5px; }}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {MARK}; }}
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled {{ background: {EDGE}; }}
QProgressBar {{ background: {FIELD}; border: 0; border-radius: 2px; max-height: 5px; text-align: center; }}
QProgressBar::chunk {{ background: {WEAK}; border-radius: 2px; }}
QMenu {{ background: {FIELD}; border: 1px solid {HOVER}; padding: 3px; }}
QMenu::item {{ padding: 4px 18px; background: transparent; }}
QMenu::item:selected {{ background: #606060; }}
QMenu::item:disabled {{ color: #808080; }}
QMenu::separator {{ height: 1px; background: {EDGE}; margin: 3px 6px; }}
QLabel[weak="true"] {{ color: {WEAK}; }}
QLabel[bad="true"] {{ color: {ACCENT}; }}
QLabel[title="true"] {{ color: {MARK}; }}
"""


def apply(widget: QWidget) -> None:
    """Give a panel its look; nothing else of the host changes."""
    names = {name: value for name, value in globals().items() if name.isupper() and isinstance(value, str)}
    widget.setStyleSheet(_STYLE.format(**names))
    palette = QPalette(QColor(PAGE))
    palette.setColor(QPalette.ColorRole.PlaceholderText, QColor("#828282"))
    palette.setColor(QPalette.ColorRole.Highlight, QColor("#707070"))
    palette.setColor(QPalette.ColorRole.Text, QColor(TEXT))
    palette.setColor(QPalette.ColorRole.WindowText, QColor(TEXT))
    widget.setPalette(palette)


def mark(widget: QWidget, name: str, on: bool) -> None:
    """Set a property that the style looks at."""
    if bool(widget.property(name)) != on:
        widget.setProperty(name, on)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def line(widget: QWidget, share: float = 1.0) -> int:
    """So many lines of a widget's type, in pixels."""
    return round(QFontMetrics(widget.font()).height() * share)


_SHAPES = {
    "undo": "M 11 5 L 5 5 L 8 2 M 5 5 L 8 8 M 11 5 C 15 5 15 13 11 13 L 7 13",
    "redo": "M 5 5 L 11 5 L 8 2 M 11 5 L 8 8 M 5 5 C 1 5 1 13 5 13 L 9 13",
    "reset": "M 3.5 5.5 L 3.5 2 M 3.5 5.5 L 7 5.5 M 3.5 5.5 C 6 2 13 3 13 8 C 13 13 6 14.5 3.5 10.5",
    "play": "M 5 3 L 12 8 L 5 13 Z",
    "pause": "M 5 3 L 5 13 M 11 3 L 11 13",
    "first": "M 4 3 L 4 13 M 12 3 L 6 8 L 12 13 Z",
    "last": "M 12 3 L 12 13 M 4 3 L 10 8 L 4 13 Z",
    "back": "M 10 3 L 5 8 L 10 13",
    "forth": "M 6 3 L 11 8 L 6 13",
    "open": "M 2 12 L 2 4 L 6 4 L 7.5 6 L 14 6 L 14 12 Z",
    "info": "M 8 7 L 8 12 M 8 4 L 8 4.6",
    "brush": "M 13 3 L 7 9 M 7 9 C 4 9 5 13 2.5 13 C 6 14.5 9 13 8.5 10.5 Z",
    "eraser": "M 3 10 L 9 4 L 13 8 L 8 13 L 6 13 Z M 6 7 L 10 11",
    "rectangle": "M 3 4 L 13 4 L 13 12 L 3 12 Z",
    "ellipse": "M 8 4 C 15 4 15 12 8 12 C 1 12 1 4 8 4 Z",
    "close": "M 4 4 L 12 12 M 12 4 L 4 12",
    "fit": "M 3 6 L 3 3 L 6 3 M 10 3 L 13 3 L 13 6 M 13 10 L 13 13 L 10 13 M 6 13 L 3 13 L 3 10",
    "more": "M 3.5 8 L 4 8 M 8 8 L 8.5 8 M 12.5 8 L 13 8",
}


@cache
def symbol(name: str, *, colour: str = TEXT) -> QIcon:
    """A small drawing for a button, sharp on any screen; 16 units wide, in SVG's M, L, C and Z."""
    icon = QIcon()
    for scale, mode in itertools.product((1, 2, 3), (QIcon.Mode.Normal, QIcon.Mode.Disabled)):
        pixmap = QPixmap(QSize(16, 16) * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        shade = QColor(colour if mode is QIcon.Mode.Normal else HOVER)
        pen = QPen(shade, 1.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(_path(_SHAPES[name]))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        icon.addPixmap(pixmap, mode)
    return icon


def _path(words: str) -> QPainterPath:
    path, rest = QPainterPath(), words.split()
    while rest:
        command = rest.pop(0)
        if command == "Z":
            path.closeSubpath()
            continue
        count = 6 if command == "C" else 2
        numbers, rest = [float(word) for word in rest[:count]], rest[count:]
        points = [QPointF(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)]
        draw: Callable[..., None] = {"M": path.moveTo, "L": path.lineTo, "C": path.cubicTo}[command]  # type: ignore[assignment]
        draw(*points)
    return path


def application() -> QApplication:
    """The application that there is, as in a host, or one of our own."""
    found = QApplication.instance()
    if isinstance(found, QApplication):
        return found
    give_back()
    made = QApplication(["replate"])
    made.setApplicationDisplayName("Replate")
    made.setStyle("Fusion")
    return made
