"""The values of the pixel under the mouse, in scene-linear light."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from ..desk import Desk
from ..lanes import Lane
from ..screening import Screening

__all__ = ["Prober"]

Pixel = tuple[int, int]


class Prober(QObject):
    """Asks the service, which knows the colour spaces; the newest place counts."""

    def __init__(self, desk: Desk, screening: Screening, label: QLabel) -> None:
        super().__init__(label)
        self.desk, self.screening, self.label = desk, screening, label
        self._lane = Lane(self, wide=1)
        self._lane.done.connect(self._show)
        self._lane.failed.connect(lambda *_: self.label.clear())

    def probe(self, pixel: Pixel | None) -> None:
        """Show the values at a plate's pixel."""
        asked = [(role, self.screening.values[role]) for role in ("plate", "result") if role in self.screening.values]
        if pixel is None or not asked:
            self._lane.forget()
            self.label.clear()
            return
        size, eyes = self.desk.size, self.desk.eyes

        def ask() -> list[tuple[str, Any]]:
            found: list[tuple[str, Any]] = []
            for role, picked in asked:
                x, y = (pixel[i] * picked.facts[side] // size[i] for i, side in enumerate(("width", "height")))
                found.append((role, eyes.probe(picked.wish.job, picked.facts, x, y, viewer=f"probe {role}")))
            return found

        self._lane.ask(pixel, ask)

    def _show(self, pixel: Pixel, found: list[tuple[str, Any]]) -> None:
        parts = [f"{pixel[0]}, {pixel[1]}"]
        parts += [f"{role}  {_numbers(told)}" for role, told in found]
        self.label.setText("     ".join(parts))
        self.label.setToolTip(f"Scene-linear light ({found[0][1]['space']}) in the plate's pixel")


def _numbers(told: dict[str, Any]) -> str:
    alpha = [told["values"]["A"]] if "A" in told["values"] else []
    return " ".join(f"{value:.4f}" for value in (*told["light"], *alpha))
