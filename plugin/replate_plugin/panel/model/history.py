"""Undo and redo of everything: documents, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .document import Document

__all__ = ["History"]

_MOST = 500  # steps; they share what they do not change


@dataclass(frozen=True)
class _Step:
    document: Document
    label: str = ""
    merge: str = ""


class History:
    """The document as it is now, and the ways back and forth; `on_change` is called whenever it is another one."""

    def __init__(self, document: Document, on_change: Callable[[], None] = lambda: None) -> None:
        self._steps, self._at = [_Step(document)], 0
        self.on_change = on_change

    @property
    def document(self) -> Document:
        """As it is now."""
        return self._steps[self._at].document

    @property
    def undoes(self) -> str:
        """What undo takes back, in words; empty where there is nothing."""
        return self._steps[self._at].label if self._at else ""

    @property
    def redoes(self) -> str:
        """What redo does again, in words; empty where there is nothing."""
        ahead = self._steps[self._at + 1 :]
        return ahead[0].label if ahead else ""

    def change(self, document: Document, label: str, *, merge: str = "") -> None:
        """Another document. Steps in a row with the same `merge` are one, as the many of a drag."""
        if document == self.document:
            return
        last = self._steps[self._at]
        goes_on = bool(merge) and last.merge == merge and self._at == len(self._steps) - 1
        kept = self._steps[: self._at + (0 if goes_on else 1)]
        self._steps = [*kept, _Step(document, label, merge)][-_MOST:]
        self._at = len(self._steps) - 1
        self.on_change()

    def settle(self) -> None:
        """The drag is over: the next change is a step of its own."""
        last = self._steps[self._at]
        self._steps[self._at] = _Step(last.document, last.label)

    def undo(self) -> None:
        """One step back."""
        self._go(-1)

    def redo(self) -> None:
        """One step forth."""
        self._go(1)

    def restart(self, document: Document) -> None:
        """Begin anew, with nothing to undo."""
        self._steps, self._at = [_Step(document)], 0
        self.on_change()

    def _go(self, by: int) -> None:
        if 0 <= self._at + by < len(self._steps):
            self._at += by
            self.on_change()
