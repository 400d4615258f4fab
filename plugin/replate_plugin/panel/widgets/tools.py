"""The tools for drawing a mask."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QLabel, QWidget

from ...host.declared import Knob
from .. import theme
from ..desk import Desk
from ..model.document import PAINTED
from ..model.painting import SHAPES
from .bars import button
from .brush import Brush
from .editors import Number
from .flow import Flow
from .viewer import Viewer

__all__ = ["Tools"]

_SIZE = Knob(
    name="size",
    identifier="size",
    kind="float",
    default=40.0,
    title="Brush size",
    help="Diameter of the brush in pixels of the plate",
    minimum=1,
    maximum=2000,
    soft=(1, 300),
    unit="px",
)


class Tools(QWidget):
    """Shown while the brush is in hand."""

    def __init__(self, desk: Desk, viewer: Viewer) -> None:
        super().__init__()
        self.desk, self.viewer = desk, viewer
        self.brush = Brush(desk)
        self.buttons = {
            shape: button(shape.title(), f"Draw with a {shape}", partial(self._take, shape), icon=shape)
            for shape in SHAPES
        }
        self.eraser = button("Erase", "Take away in place of adding", self._erase, icon="eraser")
        self.width_row = Number(_SIZE)
        self.width_row.slider.setFixedWidth(theme.line(self, 5))
        self.width_row.edited.connect(lambda value: setattr(self.brush, "size", float(value)))
        self.width_row.edited.connect(self.width_row.show_value)
        self.hint = QLabel()
        self.hint.setProperty("weak", True)
        self._lay_out()
        desk.frame_changed.connect(self._refresh)
        desk.document_changed.connect(self._refresh)
        self.hide()

    def toggle(self) -> None:
        """Take the brush, or put it away."""
        taken = self.viewer.brush is None
        self.viewer.brush = self.brush if taken else None
        self.setVisible(taken)
        document = self.desk.document
        if taken and document.painting and document.inputs.get("mask") != PAINTED:
            self.desk.change(document.with_input("mask", PAINTED), "Take the drawn mask")
        self._refresh()
        self.viewer.update()

    def _lay_out(self) -> None:
        flow = Flow(self, gap=5)
        flow.setContentsMargins(6, 0, 6, 5)
        for each in (*self.buttons.values(), self.eraser):
            each.setCheckable(True)
            flow.addWidget(each)
        flow.addWidget(QLabel("Size"))
        flow.addWidget(self.width_row)
        flow.addWidget(button("Clear", "Nothing on this frame, until the next key", self.brush.clear))
        flow.addWidget(button("Delete key", "This frame shows the key before it again", self._delete_key))
        flow.addWidget(button("Done", "Put the brush away (Escape)", self.toggle))
        flow.addWidget(self.hint)

    def _refresh(self) -> None:
        for shape, made in self.buttons.items():
            made.setChecked(self.brush.shape == shape)
        self.eraser.setChecked(self.brush.erases)
        self.width_row.show_value(self.brush.size)
        key = self.desk.document.painting.key_of(self.desk.frame)
        drawn = (
            "nothing drawn yet"
            if key is None
            else "key on this frame"
            if key == self.desk.frame
            else f"holds from frame {key}"
        )
        self.hint.setText("nothing drawn yet" if key is None else drawn)

    def _take(self, shape: str) -> None:
        self.brush.shape = shape
        self._refresh()

    def _erase(self) -> None:
        self.brush.erases = not self.brush.erases
        self._refresh()

    def _delete_key(self) -> None:
        document = self.desk.document
        self.desk.change(replace(document, painting=document.painting.without_key(self.desk.frame)), "Delete mask key")
