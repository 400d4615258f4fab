"""One widget for each kind of parameter, by the table `EDITORS`."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QSlider, QWidget

from ...host.declared import Knob, Value
from .. import theme
from .box import Box

__all__ = ["EDITORS", "Choice", "Editor", "Number", "Text", "Toggle"]

_STEPS = 1000


class Editor(QWidget):
    """Shows a knob's value. `edited` carries a new one, `dragged` whether the mouse holds it."""

    edited = Signal(object)
    dragged = Signal(bool)

    def __init__(self, knob: Knob) -> None:
        super().__init__()
        self.knob = knob
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(6)

    def show_value(self, value: Value) -> None:
        """Show a value without telling of it."""
        raise NotImplementedError

    def _name(self, widget: QWidget, what: str = "") -> None:
        widget.setAccessibleName(f"{self.knob.title}{what}")
        widget.setAccessibleDescription(self.knob.tooltip)


class _Slider(QSlider):
    """A wheel over a page of sliders scrolls the page."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Number(Editor):
    """A slider over the soft range, and a field that takes what the hard limits allow."""

    def __init__(self, knob: Knob) -> None:
        super().__init__(knob)
        self.slider, self.field = _Slider(Qt.Orientation.Horizontal), QLineEdit()
        self._range = knob.slider or (float(knob.default) - 10, float(knob.default) + 10)
        whole = knob.kind == "int"
        self._steps = round(self._range[1] - self._range[0]) if whole else _STEPS
        self.slider.setRange(0, max(1, self._steps))
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.slider.setPageStep(max(1, self._steps // 10))
        self.slider.setSingleStep(1 if whole else self._steps // 100)
        self.field.setMaximumWidth(self.fontMetrics().horizontalAdvance("0000.000 "))
        self.field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.row.addWidget(self.slider, 1)
        self.row.addWidget(self.field)
        self._name(self.slider, " slider")
        self._name(self.field)
        self.slider.sliderPressed.connect(lambda: self.dragged.emit(True))
        self.slider.sliderReleased.connect(lambda: self.dragged.emit(False))
        self.slider.valueChanged.connect(self._slid)
        self.field.editingFinished.connect(self._typed)
        self.field.textEdited.connect(lambda _: self._mark(self._read() is None))

    def show_value(self, value: Value) -> None:
        low, high = self._range
        self.slider.blockSignals(True)
        self.slider.setValue(round((float(value) - low) / (high - low) * self._steps))
        self.slider.blockSignals(False)
        if not self.field.hasFocus() or self.field.text() == "" or not self.field.isModified():
            self.field.setText(_short(float(value), whole=self.knob.kind == "int"))
            self._mark(False)

    def _slid(self, step: int) -> None:
        low, high = self._range
        value = low + (high - low) * step / max(1, self._steps)
        self.edited.emit(round(value) if self.knob.kind == "int" else round(value, 4))

    def _typed(self) -> None:
        value = self._read()
        self._mark(value is None)
        if value is None:
            self.field.setToolTip(f"{self.knob.title} takes {_allowed(self.knob)}")
        elif self.field.isModified():
            self.field.setModified(False)
            self.edited.emit(value)

    def _read(self) -> float | int | None:
        """What the field says, None where the knob cannot be that."""
        try:
            value = float(self.field.text().strip().replace(",", "."))
        except ValueError:
            return None
        low, high = self.knob.minimum, self.knob.maximum
        inside = (low is None or value >= low) and (high is None or value <= high) and abs(value) < 1e9
        if not inside or (self.knob.kind == "int" and value != round(value)):
            return None
        return round(value) if self.knob.kind == "int" else value

    def _mark(self, bad: bool) -> None:
        theme.mark(self.field, "bad", bad)


def _short(value: float, *, whole: bool) -> str:
    return str(round(value)) if whole else f"{value:.4g}"


def _allowed(knob: Knob) -> str:
    noun = "a whole number" if knob.kind == "int" else "a number"
    low = "" if knob.minimum is None else f" from {knob.minimum:g}"
    return noun + low + ("" if knob.maximum is None else f" to {knob.maximum:g}")


class Toggle(Editor):
    """A box to tick."""

    def __init__(self, knob: Knob) -> None:
        super().__init__(knob)
        self.box = QCheckBox()
        self.row.addWidget(self.box, 1)
        self._name(self.box)
        self.box.clicked.connect(lambda on: self.edited.emit(bool(on)))

    def show_value(self, value: Value) -> None:
        self.box.setChecked(bool(value))


class Choice(Editor):
    """One of several words."""

    def __init__(self, knob: Knob) -> None:
        super().__init__(knob)
        self.box = Box(knob.title, knob.choices, self.edited.emit)
        self.row.addWidget(self.box, 1)
        self._name(self.box)

    def show_value(self, value: Value) -> None:
        self.box.setCurrentText(str(value))


class Text(Editor):
    """A line of text, told of when it is finished."""

    def __init__(self, knob: Knob) -> None:
        super().__init__(knob)
        self.field = QLineEdit()
        self.field.setPlaceholderText(str(knob.default) or "automatic")
        self.row.addWidget(self.field, 1)
        self._name(self.field)
        self.field.editingFinished.connect(self._typed)

    def show_value(self, value: Value) -> None:
        if self.field.text() != str(value):
            self.field.setText(str(value))
            self.field.setModified(False)

    def _typed(self) -> None:
        if self.field.isModified():
            self.field.setModified(False)
            self.edited.emit(self.field.text())


EDITORS: dict[str, Callable[[Knob], Editor]] = {
    "float": Number,
    "int": Number,
    "bool": Toggle,
    "choice": Choice,
    "text": Text,
}
