"""The first row: which node, which look, what it is; back and forth; presets; help."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..desk import Desk
from ..editing import choose_generator, choose_node
from .bars import button
from .box import Box
from .flow import Flow
from .presets import PresetMenu

__all__ = ["Header"]


class Header(QWidget):
    """`info` shows the look's card, `help` the keys."""

    def __init__(self, desk: Desk, *, info: Callable[[], object], help: Callable[[], object]) -> None:
        super().__init__()
        self.desk = desk
        self.node, self.look = Box("Node"), Box("Look")
        for box in (self.node, self.look):
            box.setSizeAdjustPolicy(Box.SizeAdjustPolicy.AdjustToContents)
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.node.activated.connect(lambda _: choose_node(desk, self.node.currentData()))
        self.look.activated.connect(lambda _: choose_generator(desk, self.look.currentData()))
        self.info = button(
            "About this look", "Licence, data, training and figures of this look", info, icon="info", flat=True
        )
        self.undo = button("Undo", "Undo", desk.history.undo, icon="undo", flat=True)
        self.redo = button("Redo", "Redo", desk.history.redo, icon="redo", flat=True)
        self.presets = PresetMenu(desk)
        flow = Flow(self, gap=5)
        flow.setContentsMargins(6, 5, 6, 3)
        shown = (self.node, self.look, self.info, self.presets, self.undo, self.redo)
        for widget in (*shown, button("?", "Keyboard shortcuts (?)", help, flat=True)):
            flow.addWidget(widget)
        desk.declared_changed.connect(self._fill_nodes)
        desk.document_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the document's node and look, and what can be undone."""
        self._fill_looks()
        self.node.setCurrentIndex(self.node.findData(self.desk.document.node))
        history = self.desk.history
        for made, word, what in ((self.undo, "Undo", history.undoes), (self.redo, "Redo", history.redoes)):
            made.setEnabled(bool(what))
            made.setToolTip(f"{word}: {what}" if what else f"Nothing to {word.lower()}")

    def _fill_nodes(self) -> None:
        assert self.desk.declared is not None
        with QSignalBlocker(self.node):
            self.node.clear()
            for node in self.desk.declared.nodes:
                self.node.addItem(node.title, node.name)
        self.refresh()

    def _fill_looks(self) -> None:
        node = self.desk.node
        looks = [(each.title, each.name) for each in node.generators] if node else []
        named = self.desk.look
        if named and named not in [name for _, name in looks]:
            looks.append((named.rpartition("/")[2], named))
        with QSignalBlocker(self.look):
            self.look.clear()
            for title, name in looks:
                self.look.addItem(title, name)
            if not looks:
                self.look.addItem("no look yet", "")
            self.look.setCurrentIndex(max(0, self.look.findData(named)))
        self.info.setEnabled(bool(looks))
