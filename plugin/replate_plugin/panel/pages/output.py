"""What is written where, and the button that has it made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ...host.jobs import ranges
from ..desk import Desk
from ..model.outputs import FORMATS, format_of, in_format
from ..widgets.bars import button
from ..widgets.box import Box
from ..widgets.paths import PathRow, named
from .farm import FarmForm

__all__ = ["Output"]


class Output(QWidget):
    """Path, format, frames; `wants_render` and `wants_save` tell that somebody pressed a button."""

    wants_render = Signal()
    wants_save = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.span: Callable[[], Sequence[int]] = lambda: desk.frames
        self.path = PathRow("Output", "where the result is written; a sequence has %04d in its name", self._path)
        self.path.open.clicked.disconnect()
        self.path.open.clicked.connect(self._browse)
        self.format, self.frames = Box("Format", list(FORMATS), self._set_format), QLineEdit()
        self.frames.setPlaceholderText("all frames")
        self.frames.setAccessibleName("Frames")
        self.frames.setToolTip("Frames to render: 1001-1100, every second one 1001-1100x2, or 1,5,9; empty: all")
        self.frames.editingFinished.connect(self._set_frames)
        self.start = QPushButton("Render")
        self.start.setProperty("main", True)
        self.start.setToolTip("Put this job into the queue (Ctrl+R)")
        self.start.clicked.connect(lambda: self.wants_render.emit())
        self.farm = FarmForm(desk)
        self.farm.hide()
        self.to_farm = button("Farm …", "Send this job to the render farm", self._toggle_farm)
        self.to_farm.setCheckable(True)
        self._lay_out()
        for changed in (desk.document_changed, desk.facts_changed):
            changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the document's output."""
        output = self.desk.output
        self.path.show_path(output)
        self.format.setCurrentText(format_of(output))
        if not self.frames.isModified():
            self.frames.setText(self.desk.document.frames)
        self.start.setEnabled(bool(self.desk.facts))

    def _lay_out(self) -> None:
        second = QHBoxLayout()
        second.setSpacing(4)
        whole = button("All", "All frames", lambda: self._frames(""), flat=True)
        span = button("In–out", "The frames between in and out of the timeline", self._take_span, flat=True)
        for widget, stretch in ((named("Frames"), 0), (self.frames, 1), (whole, 0), (span, 0), (self.format, 0)):
            second.addWidget(widget, stretch)
        last = QHBoxLayout()
        last.addWidget(
            button("Save job …", "Write a job file, for the farm or the command line (Ctrl+S)", self.wants_save.emit)
        )
        last.addWidget(self.to_farm)
        last.addStretch(1)
        last.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.path)
        column.addLayout(second)
        column.addLayout(last)
        column.addWidget(self.farm)

    def _path(self, path: str) -> None:
        self.desk.change(replace(self.desk.document, output=path), "Change output")

    def _set_format(self, name: str) -> None:
        self._path(in_format(self.desk.output, name))

    def _set_frames(self) -> None:
        if self.frames.isModified():
            self.frames.setModified(False)
            self._frames(self.frames.text().strip())

    def _frames(self, text: str) -> None:
        self.desk.change(replace(self.desk.document, frames=text), "Change frames")
        self.refresh()

    def _take_span(self) -> None:
        self._frames(ranges(self.span()))

    def _toggle_farm(self) -> None:
        self.farm.setVisible(self.to_farm.isChecked())
        self.farm.refresh()

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Where the result goes", str(Path(self.path.field.text()).parent))
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.fileSelected.connect(self._path)
        dialog.open()
