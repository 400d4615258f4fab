"""A knob with its name, its keys and the way back to its default."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from ...host.declared import Knob
from .. import theme
from ..desk import Desk
from ..model.curves import Curve, Setting, Value
from ..model.document import Document
from .editors import EDITORS
from .strip import CurveStrip

__all__ = ["KeyButton", "KnobRow"]

_WORDS = ("No key; click to set one", "Between keys; click to set one here", "Key on this frame; click to delete it")


class KeyButton(QAbstractButton):
    """A diamond: hollow without keys, grey between keys, filled on one."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.state, self._title = 0, title
        side = theme.line(self)
        self.setFixedSize(side, side)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_state(0)

    def show_state(self, state: int) -> None:
        """0: no keys; 1: keys elsewhere; 2: one here."""
        self.state = state
        self.setToolTip(_WORDS[state])
        self.setAccessibleName(f"{self._title}: {_WORDS[state]}")
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, reach = self.rect().center(), self.width() * 0.27
        strong = self.underMouse() or self.hasFocus()
        colour = QColor(theme.ACCENT if self.state else theme.TEXT if strong else "#6c6c6c")
        painter.setPen(QPen(colour, 1.3))
        painter.setBrush(colour if self.state == 2 else Qt.BrushStyle.NoBrush)
        x, y = middle.x() + 0.5, middle.y() + 0.5
        points = [(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)]
        painter.drawPolygon(QPolygonF([QPointF(*each) for each in points]))


class KnobRow(QWidget):
    """Edits a parameter of the desk's document; `option`s of the job have no keys."""

    def __init__(self, desk: Desk, knob: Knob, *, option: bool = False) -> None:
        super().__init__()
        self.desk, self.knob, self.option = desk, knob, option
        self.editor = EDITORS[knob.kind](knob)
        self.label = QLabel(_short(knob))
        self.label.setFixedWidth(self.fontMetrics().horizontalAdvance("Difference softness m"))
        self.label.setToolTip(_tip(knob))
        self.editor.setToolTip(_tip(knob))
        self.key = KeyButton(knob.title)
        self.reset = QToolButton()
        self.strip: CurveStrip | None = None
        self._lay_out()
        self.editor.edited.connect(self._edited)
        self.editor.dragged.connect(desk.drag)
        self.key.clicked.connect(self._toggle_key)
        self.reset.clicked.connect(self._reset)
        self.refresh()

    @property
    def keyable(self) -> bool:
        """Whether it takes keys."""
        return not self.option and self.knob.keyable and self.knob.kind in ("float", "int", "bool")

    def refresh(self) -> None:
        """Show the document's value at the desk's frame."""
        document, frame = self.desk.document, self.desk.frame
        setting: Setting
        if self.option:
            value = setting = document.options.get(self.knob.name, self.knob.default)
        else:
            setting, value = document.setting(self.knob), document.value(self.knob, frame)
        self.editor.show_value(value)
        curve = setting if isinstance(setting, Curve) else None
        self.key.show_state(0 if curve is None else 2 if curve.has_key(frame) else 1)
        self.reset.setEnabled(setting != self.knob.default)
        theme.mark(self.label, "title", setting != self.knob.default)
        self._show_strip(curve)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        setting = self.desk.document.setting(self.knob)
        if self.keyable:
            menu.addAction("Set key", lambda: self._change(self.desk.document.with_key(self.knob, self.desk.frame)))
        if isinstance(setting, Curve):
            menu.addAction("Delete key", self._delete_key)
            menu.addAction("Delete all keys", self._flatten)
            menu.addSeparator()
            for name in ("linear", "smooth", "hold") if self.knob.kind != "bool" else ():
                action = menu.addAction(f"Interpolation: {name}", partial(self._interpolate, name))
                action.setCheckable(True)
                action.setChecked(setting.interpolation == name)
        menu.addAction("Reset to default", self._reset)
        menu.popup(event.globalPos())

    def _lay_out(self) -> None:
        self.reset.setIcon(theme.symbol("reset", colour=theme.WEAK))
        self.reset.setProperty("flat", True)
        self.reset.setToolTip(f"Reset to {_said(self.knob.default)}" if self.knob.default != "" else "Reset")
        self.reset.setAccessibleName(f"Reset {self.knob.title}")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(3)
        row = QHBoxLayout()
        row.setSpacing(4)
        for widget in (self.label, self.editor, self.key, self.reset):
            row.addWidget(widget, 1 if widget is self.editor else 0)
        if not self.keyable:
            kept = self.key.sizePolicy()
            kept.setRetainSizeWhenHidden(True)
            self.key.setSizePolicy(kept)
            self.key.hide()
        self.column.addLayout(row)

    def _show_strip(self, curve: Curve | None) -> None:
        if curve is None:
            if self.strip is not None:
                self.strip.hide()
            return
        if self.strip is None:
            self.strip = CurveStrip(self.desk, self.knob)
            self.column.addWidget(self.strip)
        self.strip.show()
        self.strip.update()

    def _edited(self, value: Value) -> None:
        document, frame = self.desk.document, self.desk.frame
        changed = (
            document.with_option(self.knob, value) if self.option else document.with_value(self.knob, frame, value)
        )
        merge = f"{self.knob.name} {frame}" if self.desk.dragging else ""
        self.desk.change(changed, f"Change {self.knob.title}", merge=merge)

    def _toggle_key(self) -> None:
        frame, document = self.desk.frame, self.desk.document
        if self.key.state == 2:
            self._delete_key()
        else:
            self._change(document.with_key(self.knob, frame), "Set key on")

    def _delete_key(self) -> None:
        self._change(self.desk.document.without_key(self.knob, self.desk.frame), "Delete key of")

    def _flatten(self) -> None:
        value = self.desk.document.value(self.knob, self.desk.frame)
        self._change(self.desk.document.with_setting(self.knob, value), "Delete keys of")

    def _interpolate(self, name: str) -> None:
        setting = self.desk.document.setting(self.knob)
        if isinstance(setting, Curve):
            self._change(self.desk.document.with_setting(self.knob, Curve(setting.keys, name)), "Interpolate")

    def _reset(self) -> None:
        document = self.desk.document
        if self.option:
            self.desk.change(document.with_option(self.knob, self.knob.default), f"Reset {self.knob.title}")
        else:
            self._change(document.with_setting(self.knob, self.knob.default), "Reset")

    def _change(self, document: Document, label: str = "Change") -> None:
        self.desk.change(document, f"{label} {self.knob.title}")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Twice on the name: the default."""
        if self.label.geometry().contains(event.position().toPoint()):
            self._reset()


def _short(knob: Knob) -> str:
    """Its name without that of the section it stands in."""
    rest = knob.title.removeprefix(f"{knob.section} ")
    return rest[:1].upper() + rest[1:]


def _tip(knob: Knob) -> str:
    """What it does, in which unit, between which limits, and what it is when nobody touches it."""
    facts = [] if knob.default == "" else [f"default {_said(knob.default)}"]
    if knob.minimum is not None and knob.maximum is not None:
        facts.append(f"{knob.minimum:g} to {knob.maximum:g}")
    return f"<p>{knob.tooltip}</p><p>{', '.join(facts).capitalize()}</p>" if facts else f"<p>{knob.tooltip}</p>"


def _said(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
