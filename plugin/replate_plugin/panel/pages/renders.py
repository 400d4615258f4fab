"""The render queue: what waits, runs and is done, with its log."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from .. import theme
from ..desk import Desk
from ..model.queue import Ticket
from ..widgets.bars import button
from ..widgets.empty import Empty
from ..widgets.flow import Flow
from ..widgets.page import Page, hint
from ..widgets.paths import reveal

__all__ = ["Renders"]


class Renders(Page):
    """A card for each ticket, the newest first. `opened` carries a job that somebody wants to look at."""

    opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.cards: dict[str, Card] = {}
        self.empty = Empty(
            "Nothing to render yet",
            "Press Render on the Tune page (Ctrl+R). Jobs wait here, and are still here when you come back.",
        )
        self.column.addWidget(self.empty, 1)
        self.column.addStretch(1)
        desk.queue_changed.connect(self.refresh)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self.refresh)
        self._clock.start()
        self.refresh()

    def refresh(self) -> None:
        """Show the queue as it is."""
        tickets = self.desk.queue.tickets
        for name in [name for name in self.cards if name not in tickets]:
            self.cards.pop(name).deleteLater()
        for ticket in list(tickets.values()):
            if ticket.id not in self.cards:
                self.cards[ticket.id] = Card(self.desk, ticket)
                self.cards[ticket.id].opened.connect(self.opened)
                self.column.insertWidget(0, self.cards[ticket.id])
            self.cards[ticket.id].show_ticket(ticket)
        self.empty.setVisible(not tickets)


class Card(QFrame):
    """One ticket: what it is, how far it is, what can be done with it."""

    opened = Signal(object)

    def __init__(self, desk: Desk, ticket: Ticket) -> None:
        super().__init__()
        self.desk, self.ticket = desk, ticket
        self.setStyleSheet(f"Card {{ border: 1px solid {theme.EDGE}; border-radius: 4px; }}")
        self.title, self.state, self.bar = QLabel(ticket.title), hint(), QProgressBar()
        self.title.setProperty("title", True)
        self.title.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(f"Progress of {ticket.title}")
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setAccessibleName(f"Log of {ticket.title}")
        self.log.setFixedHeight(theme.line(self, 8))
        self.log.hide()
        runner = desk.runner
        self.pause = button("Pause", "Stop after this frame; Resume goes on", lambda: runner.pause(self.ticket))
        self.resume = button("Resume", "Go on; finished frames are kept", lambda: runner.resume(self.ticket))
        self.bundle = button("Open bundle", "Open the folder for the farm", self._open_bundle)
        self.cancel = button("Cancel", "End it; finished frames are kept", lambda: runner.cancel(self.ticket))
        self.show_log = button("Log", "What was said", self._toggle_log)
        self.open = button("Open result", "Open the folder of the result", self._open)
        self.edit = button("Edit", "Take this job back to the knobs", lambda: self.opened.emit(self.ticket.job))
        self.remove = button("Remove", "Take it off the list; frames stay", lambda: desk.queue.remove(self.ticket))
        self._lay_out()

    def show_ticket(self, ticket: Ticket) -> None:
        """Show it as it is now."""
        self.ticket = ticket
        self.bar.setRange(0, max(1, ticket.total))
        self.bar.setValue(ticket.done)
        self.bar.setVisible(ticket.state != "sent")
        self.state.setText(_words(ticket))
        theme.mark(self.state, "bad", ticket.state == "failed")
        running, waiting = ticket.state == "running", ticket.state == "waiting"
        self.pause.setVisible(running or waiting)
        self.cancel.setVisible(running or waiting or ticket.state == "paused")
        self.resume.setVisible(ticket.state in ("paused", "failed", "cancelled", "sent"))
        self.resume.setText("Render it here" if ticket.state == "sent" else "Resume")
        self.bundle.setVisible(ticket.bundle is not None)
        self.remove.setVisible(not running)
        self.open.setVisible(ticket.done > 0)
        if self.log.isVisible():
            self._fill_log()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(5)
        for widget in (self.title, self.bar, self.state):
            column.addWidget(widget)
        actions = QWidget()
        flow = Flow(actions, gap=4)
        for each in (
            self.pause,
            self.resume,
            self.cancel,
            self.bundle,
            self.open,
            self.show_log,
            self.edit,
            self.remove,
        ):
            flow.addWidget(each)
        column.addWidget(actions)
        column.addWidget(self.log)

    def _toggle_log(self) -> None:
        self.log.setVisible(not self.log.isVisible())
        self._fill_log()

    def _fill_log(self) -> None:
        text = self.desk.queue.log(self.ticket) or "Nothing was said yet."
        if text != self.log.toPlainText():
            self.log.setPlainText(text)
            self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())

    def _open(self) -> None:
        output = Path(str(self.ticket.job.get("output", "")))
        place = output if output.is_file() else output.parent
        if not reveal(str(place)):
            self.desk.say(f"The result is in {place}")

    def _open_bundle(self) -> None:
        folder = self.ticket.bundle.folder if self.ticket.bundle else ""
        if not reveal(folder):
            self.desk.say(f"The bundle is in {folder}")


def _words(ticket: Ticket) -> str:
    """Where a ticket stands."""
    if ticket.state == "running":
        left = ticket.left
        time = "" if left is None else f" · {_duration(left)} left"
        return f"{ticket.done} of {ticket.total or '?'} frames{time}"
    if ticket.state == "sent" and ticket.bundle:
        return f"for the farm: {ticket.bundle.folder}"
    far = f"{ticket.done} of {ticket.total} frames · " if ticket.total and ticket.state != "done" else ""
    state = {"waiting": "waits its turn", "done": f"done, {ticket.total} frames"}.get(ticket.state, ticket.state)
    return f"{far}{state}{': ' if ticket.message else ''}{ticket.message}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min {rest} s"
        if minutes
        else f"{rest} s"
    )
