"""The page of knobs: inputs, then the sections that the declarations name, then what is written where."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from ...host.declared import Knob, Node
from ..desk import Desk
from ..widgets.page import Page, hint
from ..widgets.rows import KnobRow
from ..widgets.section import Section
from .inputs import Inputs
from .output import Output

__all__ = ["Tune"]

_FIRST = ("Look", "Mask", "Search", "Fill", "Grain", "Replace", "Temporal")
_LAST = ("Quality", "Input", "Output", "Device")
_FOLDED = {"Input", "Replace", "Grain", "Quality", "Output", "Device"}


class Tune(Page):
    """Built anew for another node or generator; else only refreshed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.rows: dict[str, KnobRow] = {}
        self.sections: dict[str, Section] = {}
        self.folds: dict[str, bool] = {}
        self.inputs, self.output = Inputs(desk), Output(desk)
        self._built: object = None
        self.column.setContentsMargins(8, 6, 6, 8)
        self.column.setSpacing(2)
        self.column.addWidget(self.inputs)
        self.knobs = QVBoxLayout()
        self.knobs.setSpacing(2)
        self.column.addLayout(self.knobs)
        self.waiting = hint("The knobs appear when Replate's service has answered.")
        self.column.addWidget(self.waiting)
        self.column.addWidget(self.output)
        self.column.addStretch(1)
        for changed in (desk.document_changed, desk.declared_changed, desk.frame_changed):
            changed.connect(self.refresh)

    def refresh(self) -> None:
        """Show the document."""
        node, document = self.desk.node, self.desk.document
        self.waiting.setVisible(node is None)
        if node is None:
            return
        knobs = node.knobs(document.generator)
        if self._built != (node, knobs):
            self._build(node, knobs)
            self._built = node, knobs
        for row in self.rows.values():
            row.refresh()
        for title, section in self.sections.items():
            changed = sum(row.reset.isEnabled() for row in self.rows.values() if row.knob.section == title)
            section.head.setText(f"{title}  ·  {changed} changed" if changed else title)

    def _build(self, node: Node, knobs: tuple[Knob, ...]) -> None:
        while (item := self.knobs.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.rows, self.sections = {}, {}
        for knob, option in [*((knob, False) for knob in knobs), *((knob, True) for knob in node.options)]:
            row = self.rows[knob.name] = KnobRow(self.desk, knob, option=option)
            self._section(knob.section).add(row)
        for title in sorted(self.sections, key=_place):
            self.knobs.addWidget(self.sections[title])

    def _section(self, title: str) -> Section:
        if title not in self.sections:
            made = Section(title, open_=self.folds.get(title, title not in _FOLDED))
            made.folded.connect(self.folds.__setitem__)
            self.sections[title] = made
        return self.sections[title]


def _place(title: str) -> int:
    """What a family of generators adds stands between the two, as it is declared."""
    if title in _LAST:
        return len(_FIRST) + 1 + _LAST.index(title)
    return _FIRST.index(title) if title in _FIRST else len(_FIRST)
