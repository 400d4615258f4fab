"""What the keyboard does, written once: `SHORTCUTS` binds the keys and is the list under `?`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPlainTextEdit, QWidget

from . import theme
from .widgets.flow import Flow
from .widgets.sheet import Sheet

__all__ = ["SHORTCUTS", "Help", "Shortcut", "bind"]


@dataclass(frozen=True)
class Shortcut:
    """A key, the name of what it does, that in words, and the heading that it is listed under."""

    key: str
    action: str
    words: str
    group: str


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("Space", "play", "play or stop", "Frames"),
    Shortcut("Left", "back", "one frame back", "Frames"),
    Shortcut("Right", "forth", "one frame forth", "Frames"),
    Shortcut("Home", "first", "first frame", "Frames"),
    Shortcut("End", "last", "last frame", "Frames"),
    Shortcut("I", "in", "play from here", "Frames"),
    Shortcut("O", "out", "play to here", "Frames"),
    Shortcut("Shift+I", "whole", "play everything", "Frames"),
    Shortcut(",", "previous key", "to the key before", "Frames"),
    Shortcut(".", "next key", "to the next key", "Frames"),
    Shortcut("1", "result", "show the result", "Picture"),
    Shortcut("2", "plate", "show the plate", "Picture"),
    Shortcut("3", "wipe", "wipe between both", "Picture"),
    Shortcut("4", "difference", "show the difference", "Picture"),
    Shortcut("C", "RGB", "colour", "Picture"),
    Shortcut("R", "R", "red; again: colour", "Picture"),
    Shortcut("G", "G", "green", "Picture"),
    Shortcut("B", "B", "blue", "Picture"),
    Shortcut("A", "A", "alpha", "Picture"),
    Shortcut("L", "L", "luminance", "Picture"),
    Shortcut("V", "overlay", "mask overlay on or off", "Picture"),
    Shortcut("F", "fit", "the whole picture", "Picture"),
    Shortcut("Ctrl+1", "actual", "one pixel on one pixel", "Picture"),
    Shortcut("M", "paint", "draw a mask", "Picture"),
    Shortcut("Escape", "escape", "stop waiting, put the brush away, close this list", "Picture"),
    Shortcut("Ctrl+O", "open", "open a plate or a job", "Work"),
    Shortcut("Ctrl+S", "save", "save a job file", "Work"),
    Shortcut("Ctrl+R", "render", "put the job into the queue", "Work"),
    Shortcut("Ctrl+Z", "undo", "undo", "Work"),
    Shortcut("Ctrl+Shift+Z", "redo", "redo", "Work"),
    Shortcut("F5", "reload", "look at the files again", "Work"),
    Shortcut("?", "help", "this list", "Work"),
)


def bind(widget: QWidget, actions: Mapping[str, Callable[[], object]]) -> None:
    """Every key to its action, wherever in `widget` the focus is. Keys that write stay with what is written in."""
    for each in SHORTCUTS:
        made = QShortcut(QKeySequence(each.key), widget)
        made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        made.activated.connect(lambda do=actions[each.action], key=each.key: _unless_writing(widget, key, do))


def _unless_writing(widget: QWidget, key: str, do: Callable[[], object]) -> None:
    focus = widget.window().focusWidget()
    writes = isinstance(focus, QLineEdit) or (isinstance(focus, QPlainTextEdit) and not focus.isReadOnly())
    if writes and not key.startswith(("Ctrl", "F5", "Esc")):
        return
    do()


class Help(Sheet):
    """The list of keys."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Keyboard")
        page = QWidget()
        flow = Flow(page, gap=theme.line(self, 1.6), top=True)
        for group in dict.fromkeys(each.group for each in SHORTCUTS):
            flow.addWidget(self._group(group))
        self.area.setWidget(page)

    def _group(self, group: str) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.line(self, 0.8))
        grid.setVerticalSpacing(3)
        title = QLabel(group)
        title.setProperty("title", True)
        grid.addWidget(title, 0, 0, 1, 2)
        for row, each in enumerate((one for one in SHORTCUTS if one.group == group), start=1):
            key = QLabel(QKeySequence(each.key).toString(QKeySequence.SequenceFormat.NativeText))
            key.setProperty("weak", True)
            grid.addWidget(key, row, 0)
            grid.addWidget(QLabel(each.words), row, 1)
        return box
