"""Frames as they were shot and as they should be."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...errors import ServiceError
from ..desk import Desk
from ..lanes import Lane
from ..model.training import Pair, stamp
from ..widgets.bars import button
from ..widgets.flow import Flow
from ..widgets.paths import choose

__all__ = ["Pairs"]


class Pairs(QWidget):
    """A frame is exported for a paint program, and picked up again when it is saved; or a finished one is chosen."""

    changed = Signal()

    def __init__(self, desk: Desk, folder: Path) -> None:
        super().__init__()
        self.desk, self.folder = desk, folder
        self.pairs: tuple[Pair, ...] = ()
        self._shown: object = None
        self.export = button(
            "Paint over this frame", "Write this frame as a file, to paint on in your own program", self.paint
        )
        self.add = button(
            "Add a finished frame …", "Choose the file that shows this frame as it should be", self._browse
        )
        head = QWidget()
        flow = Flow(head)
        flow.addWidget(self.export)
        flow.addWidget(self.add)
        self.list = QVBoxLayout()
        self.list.setSpacing(3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(head)
        column.addLayout(self.list)
        self._lane = Lane(self, ordered=True, wide=1)
        self._lane.done.connect(lambda _, pair: self._take(pair))
        self._lane.failed.connect(lambda _, error: desk.say(str(error), bad=True))
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self.refresh)
        desk.frame_changed.connect(self.refresh)
        desk.facts_changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def paint(self) -> None:
        """The frame in the viewer, as a file to paint on."""
        self._ask(self.desk.frame, "")

    def finished(self, path: str) -> None:
        """The frame in the viewer, as this file shows it."""
        self._ask(self.desk.frame, path)

    def show_pairs(self, pairs: tuple[Pair, ...]) -> None:
        """Other pairs."""
        self.pairs = pairs
        self.refresh()

    def refresh(self) -> None:
        """Show what is finished."""
        there = bool(self.desk.facts)
        self.export.setEnabled(there)
        self.add.setEnabled(there)
        self.export.setText(f"Paint over frame {self.desk.frame}" if there else "Paint over this frame")
        state = [(pair, pair.done) for pair in self.pairs]
        if state == self._shown:
            return
        self._shown = state
        while (item := self.list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for pair, done in state:
            self.list.addWidget(self._row(pair, done))
        self.changed.emit()

    def _ask(self, frame: int, after: str) -> None:
        """Write the frame as it was shot; it takes a moment."""
        try:
            job = self.desk.job()
        except ServiceError as error:
            self.desk.say(str(error), bad=True)
            return
        kind, pixels = str(self.desk.facts.get("kind", "")), self.desk.pixels
        self._lane.ask(frame, lambda: export(pixels, job, frame, self.folder, kind, after))

    def _take(self, pair: Pair) -> None:
        others = tuple(each for each in self.pairs if each.frame != pair.frame)
        self.show_pairs(tuple(sorted((*others, pair), key=lambda each: each.frame)))
        if not pair.done:
            self.desk.say(f"Paint on {pair.after} and save it there: it is picked up by itself")
            QDesktopServices.openUrl(QUrl.fromLocalFile(pair.after))

    def _row(self, pair: Pair, done: bool) -> QWidget:
        row = QWidget()
        flow = Flow(row, gap=6)
        flow.addWidget(button(f"Frame {pair.frame}", "Go to this frame", partial(self.desk.go_to, pair.frame)))
        label = QLabel("finished" if done else "waits to be painted and saved")
        label.setProperty("weak", True)
        label.setToolTip(pair.after)
        flow.addWidget(label)
        again = partial(QDesktopServices.openUrl, QUrl.fromLocalFile(pair.after))
        flow.addWidget(button("Open", f"Open {pair.after}", again))
        flow.addWidget(button("Remove", "Do without this pair", partial(self._remove, pair), icon="close", flat=True))
        return row

    def _remove(self, pair: Pair) -> None:
        self.show_pairs(tuple(each for each in self.pairs if each != pair))

    def _browse(self) -> None:
        choose(self, f"Frame {self.desk.frame} as it should be", self.finished, single=True)


def export(pixels: Any, job: dict[str, Any], frame: int, folder: Path, kind: str, after: str) -> Pair:
    """A pair: the frame as it was shot, and a copy to paint on unless it is finished `after` already.

    Scene light goes out as EXR, pictures and video as PNG of 16 bits. Raises ServiceError.
    """
    suffix = "exr" if kind in ("scene", "log") else "png"
    before = folder / f"before.%04d.{suffix}"
    bare = {**job, "params": {"mix": 0.0}, "options": {**job["options"], **({"bits": 16} if suffix == "png" else {})}}
    bare["inputs"] = {"plate": job["inputs"]["plate"]}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pixels.preview_to(str(before), {**bare, "output": str(before)}, frame, viewer="panel pair")
        written = folder / f"before.{frame:04d}.{suffix}"
        if after:
            return Pair(frame, str(written), after)
        painted = folder / f"after.{frame:04d}.{suffix}"
        if not painted.exists():
            shutil.copyfile(written, painted)
        fresh = Pair(frame, str(written), str(painted), stamp(str(painted)))
        return replace(fresh, stamp=(0, 0)) if painted.read_bytes() != written.read_bytes() else fresh
    except OSError as error:
        raise ServiceError(f"frame {frame} cannot be written to {folder} ({error.strerror}); free some room") from error
