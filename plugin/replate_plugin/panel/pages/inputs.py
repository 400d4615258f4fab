"""What goes into the node: files, and the mask that can be drawn here."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ...host.declared import Input
from ..desk import Desk
from ..model.document import PAINTED
from ..widgets.bars import button
from ..widgets.paths import PathRow

__all__ = ["Inputs"]

_ALWAYS = ("plate", "mask")


class Inputs(QWidget):
    """A path for each input of the node; those that are seldom needed come out on demand."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.rows: dict[str, PathRow] = {}
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 4)
        self.column.setSpacing(4)
        self.paint = button("Draw a mask", "Draw a mask on the picture (M)", lambda: None, icon="brush", flat=True)
        self.paint.setCheckable(True)
        self.more = button("More inputs", "Inputs that are seldom needed", self._toggle, flat=True)
        self.more.setCheckable(True)
        self.more.setStyleSheet("padding: 2px 0; margin-left: -6px; text-align: left;")
        self._built: object = None
        desk.document_changed.connect(self.refresh)
        desk.declared_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the document's inputs."""
        pipes, document = self.desk.pipes, self.desk.document
        if not pipes:
            return
        if self._built != pipes:
            self._build(pipes)
            self._built = pipes
        for name, row in self.rows.items():
            path = document.inputs.get(name, "")
            row.show_path("drawn here" if path == PAINTED else path)
            row.setVisible(name in _ALWAYS or bool(path) or self.more.isChecked() or self._required(name))

    def _build(self, pipes: tuple[Input, ...]) -> None:
        for row in self.rows.values():
            row.row.removeWidget(self.paint)
            self.paint.setParent(self)
            self.column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.column.removeWidget(self.more)
        self.rows = {entry.name: self._row(entry) for entry in pipes}
        for row in self.rows.values():
            self.column.addWidget(row)
        if "mask" in self.rows:
            self.rows["mask"].row.insertWidget(2, self.paint)
        self.column.addWidget(self.more)
        self.more.setVisible(len(self.rows) > len(_ALWAYS))

    def _row(self, entry: Input) -> PathRow:
        tip = f"{entry.help}{'; needed' if entry.required else ''}"
        return PathRow(entry.title, tip, partial(self._chosen, entry.name), hint="needed" if entry.required else "none")

    def _chosen(self, name: str, path: str) -> None:
        given = PAINTED if path == "drawn here" else path
        self.desk.change(self.desk.document.with_input(name, given), f"Change {name}")

    def _required(self, name: str) -> bool:
        return any(entry.name == name and entry.required for entry in self.desk.pipes)

    def _toggle(self) -> None:
        self.more.setText("Fewer inputs" if self.more.isChecked() else "More inputs")
        self.refresh()
