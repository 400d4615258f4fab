"""What a look says of itself: licence, data, training, figures."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from ..desk import Desk
from ..lanes import Lane
from ..widgets.sheet import Sheet

__all__ = ["CardSheet", "as_html"]

_MEANINGS = {
    "psnr": "Likeness to what it should make, dB (PSNR)",
    "ssim": "Likeness of structure, 0 to 1 (SSIM)",
    "sharpness": "Fine detail, 1 is as much as it should be",
    "exposure_error": "How far the result depends on exposure",
    "warp_ratio": "Flicker beyond the plate's own (1: none)",
}


class CardSheet(Sheet):
    """Asks the service for a generator's card and shows it."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent, "About this look")
        self.desk = desk
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.area.setWidget(self.text)
        self._lane = Lane(self, wide=1)
        self._lane.done.connect(self._show)
        self._lane.failed.connect(lambda _, error: self._fail(str(error)))

    def show_card(self, generator: str) -> None:
        """The card of a look by its name or path."""
        self.title.setText(generator.rpartition("/")[2])
        self.text.setText("Reading …")
        self._lane.ask(generator, lambda: self.desk.eyes.card(generator))
        self.present()

    def _show(self, _: object, told: Mapping[str, Any]) -> None:
        self.title.setText(str(told["card"].get("title") or told["card"].get("name") or "A network without a card"))
        self.text.setText(as_html(told["card"], str(told["path"])))
        self.present()

    def _fail(self, why: str) -> None:
        self.text.setText(html.escape(why))


def as_html(card: Mapping[str, Any], path: str) -> str:
    """A card to read. Whatever it holds is shown as text: a look is a file from somewhere."""
    if not card:
        return (
            "<p>This network carries no card: nothing is known of its licence or its data.</p>"
            f"<p>{html.escape(path)}</p>"
        )
    rows = "".join(
        f"<tr><td style='padding: 3px 18px 3px 0; color: #9c9c9c;'>{html.escape(name)}</td>"
        f"<td style='padding: 3px 0;'>{html.escape(value)}</td></tr>"
        for name, value in _facts(card, path)
    )
    return f"<p>{html.escape(str(card.get('description', '')))}</p><table>{rows}</table>"


def _facts(card: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    commercial = {True: "allowed", False: "not allowed"}.get(card.get("commercial_use"), "not stated")  # type: ignore[arg-type]
    yield "Licence", str(card.get("licence") or "not stated")
    yield "Commercial use", commercial
    training = card.get("training") or {}
    for data in training.get("data", ()):
        yield (
            "Trained on",
            f"{data['name']}: {data.get('files', 1)} files, {data.get('licence') or 'licence not stated'}",
        )
    if training:
        minutes = float(training.get("seconds", 0)) / 60
        yield "Training", f"{training.get('steps', 0)} steps in {minutes:.0f} minutes, recipe {training.get('recipe')}"
    for name, value in (card.get("metrics") or {}).items():
        yield _MEANINGS.get(name, name.capitalize()), f"{value:.3g}"
    yield "Needs around a tile", f"{card.get('overlap', 0)} pixels"
    yield "File", path
