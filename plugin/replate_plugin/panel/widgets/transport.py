"""Play, step, in and out: the frames of the shot below the viewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from .. import theme
from ..desk import Desk
from ..screening import Screening
from .bars import button
from .timeline import Scrubber

__all__ = ["Transport"]


class Transport(QWidget):
    """Plays between in and out. A frame that is not there yet is waited for, so the first time round is slow."""

    def __init__(self, desk: Desk, screening: Screening) -> None:
        super().__init__()
        self.desk, self.screening = desk, screening
        self.scrubber = Scrubber(desk)
        self.number = QLineEdit()
        self.number.setValidator(QIntValidator())
        self.number.setFixedWidth(self.fontMetrics().horizontalAdvance("0000000 "))
        self.number.setAccessibleName("Frame")
        self.number.editingFinished.connect(self._typed)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.start = button("First frame", "To the first frame (Home)", lambda: self.jump(0), icon="first", flat=True)
        self.back = button("Frame back", "One frame back (Left)", lambda: self.step(-1), icon="back", flat=True)
        self.play_button = button("Play", "Play or stop (Space)", self.play, icon="play", flat=True)
        self.forth = button("Frame forth", "One frame forth (Right)", lambda: self.step(1), icon="forth", flat=True)
        self.end = button("Last frame", "To the last frame (End)", lambda: self.jump(-1), icon="last", flat=True)
        self._lay_out()
        screening.marked.connect(self._mark)
        desk.frame_changed.connect(self.refresh)
        desk.facts_changed.connect(self._new_plate)
        self.refresh()

    @property
    def playing(self) -> bool:
        """Whether it plays."""
        return self._timer.isActive()

    @property
    def span(self) -> Sequence[int]:
        """The frames from in to out."""
        first, last = self.scrubber.span or (self.desk.frames[0], self.desk.frames[-1])
        return [frame for frame in self.desk.frames if first <= frame <= last] or self.desk.frames

    def play(self) -> None:
        """Play, or stop."""
        if self.playing:
            self._timer.stop()
        elif self.desk.facts:
            self._timer.start(round(1000 / (self.desk.facts.get("fps") or 24)))
        self.play_button.setIcon(theme.symbol("pause" if self.playing else "play"))

    def step(self, by: int) -> None:
        """So many frames on, round at the ends."""
        frames = self.span
        at = frames.index(self.desk.frame) if self.desk.frame in frames else 0
        self.desk.go_to(frames[(at + by) % len(frames)])

    def jump(self, to: int) -> None:
        """To the first (0) or last (-1) frame."""
        self.desk.go_to(self.span[to])

    def set_in(self) -> None:
        """Play from here."""
        self._set_span(self.desk.frame, None)

    def set_out(self) -> None:
        """Play to here."""
        self._set_span(None, self.desk.frame)

    def whole(self) -> None:
        """Play everything."""
        self.scrubber.span = None
        self.scrubber.update()

    def refresh(self) -> None:
        """Show the desk's frame."""
        self.number.setText(str(self.desk.frame))
        for each in (self.start, self.back, self.play_button, self.forth, self.end, self.number):
            each.setEnabled(len(self.desk.frames) > 1)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(6, 0, 6, 3)
        row.setSpacing(2)
        for each in (self.start, self.back, self.play_button, self.forth, self.end, self.number):
            row.addWidget(each)
        row.addStretch(1)
        self.row = row
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.scrubber)
        column.addLayout(row)

    def _set_span(self, first: int | None, last: int | None) -> None:
        before = self.scrubber.span or (self.desk.frames[0], self.desk.frames[-1])
        span = before[0] if first is None else first, before[1] if last is None else last
        self.scrubber.span = span if span[0] <= span[1] else None
        self.scrubber.update()

    def _tick(self) -> None:
        if self.screening.ready or not self.screening.busy:
            self.step(1)

    def _mark(self, frames: Collection[int]) -> None:
        self.scrubber.show_cached(frames)

    def _typed(self) -> None:
        if self.number.text():
            self.desk.go_to(int(self.number.text()))
        self.refresh()

    def _new_plate(self) -> None:
        if self.playing:
            self.play()
        self.whole()
        self.refresh()
