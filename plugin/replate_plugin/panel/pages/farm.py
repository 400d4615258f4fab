"""Sending a job to the render farm: where its bundle goes, and how many frames a task has."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ...errors import ServiceError
from ..desk import Desk
from ..lanes import Lane
from ..model.bundle import Bundle
from ..model.queue import Ticket
from ..rendering import make_bundle
from ..widgets.paths import PathRow, named, reveal

__all__ = ["FarmForm"]


class FarmForm(QWidget):
    """Writes the job and its bundle; `sent` tells that it lies there and is in the queue."""

    sent = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._said = "", ""  # for which output, and where
        self.folder = PathRow("Bundle", "the folder for the farm: template, values, job", self._place, folder=True)
        self.chunk = QLineEdit()
        self.chunk.setPlaceholderText("frames a task: usual")
        self.chunk.setValidator(QIntValidator(1, 100_000, self))
        self.chunk.setAccessibleName("Chunk")
        self.chunk.setToolTip("Frames that one task of the farm renders; empty: as many as usual")
        self.send = QPushButton("Write bundle")
        self.send.setToolTip(
            "Write the job and an Open Job Description template for the farm, and list it in the queue"
        )
        self.send.clicked.connect(self.begin)
        self._lay_out()
        self._lane = Lane(self, wide=1)
        self._lane.done.connect(lambda _, ticket: self._sent(ticket))
        self._lane.failed.connect(lambda _, error: self._refused(error))
        for changed in (desk.document_changed, desk.facts_changed):
            changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show where the bundle goes."""
        self.folder.show_path(self.bundle.folder if self.desk.output else "")
        self.send.setEnabled(bool(self.desk.facts) and not self._lane.busy)

    @property
    def bundle(self) -> Bundle:
        """As it is asked for."""
        usual = Bundle.beside(self.desk.output)
        chunk = int(self.chunk.text()) if self.chunk.hasAcceptableInput() else 0
        output, folder = self._said
        return replace(usual, folder=folder if output == self.desk.output else usual.folder, chunk=chunk)

    def begin(self) -> None:
        """Write it."""
        try:
            self._lane.ask("", make_bundle(self.desk, self.bundle))
        except ServiceError as error:
            self._refused(error)
        self.refresh()

    def _lay_out(self) -> None:
        label = named("Chunk")
        label.setToolTip(self.chunk.toolTip())
        second = QHBoxLayout()
        second.setSpacing(4)
        for widget, stretch in ((label, 0), (self.chunk, 1), (self.send, 0)):
            second.addWidget(widget, stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.folder)
        column.addLayout(second)

    def _place(self, path: str) -> None:
        self._said = self.desk.output, path or Bundle.beside(self.desk.output).folder
        self.refresh()

    def _sent(self, ticket: Ticket) -> None:
        self.refresh()
        self.sent.emit()
        folder = ticket.bundle.folder if ticket.bundle else ""
        self.desk.say(f"The farm's bundle is in {folder}", action="Open folder", do=partial(reveal, folder))

    def _refused(self, error: ServiceError) -> None:
        self.refresh()
        self.desk.say(f"Nothing was sent to the farm: {error}", bad=True)
