"""The render queue, as files: it outlives the panel, however that ends. Frames that are done stay done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from .bundle import Bundle
from .home import alive, read_json, write_json

__all__ = ["STOPPED", "Queue", "Ticket"]

STOPPED = "stopped when the panel closed; resume goes on where it was"
_BEYOND = 2**31  # frames and numbers of processes that there cannot be
ENDED = ("done", "cancelled", "failed", "sent")


@dataclass(frozen=True)
class Ticket:
    """One job in the queue. `state` is waiting, running, paused, done, failed or cancelled; of one that was made a
    `bundle` for the farm sent, while it is not rendered here. `done` of `total` frames.

    `fresh` frames were rendered in `seconds` since it last began: what the time left is told by.
    """

    id: str
    title: str
    job: Mapping[str, Any] = field(default_factory=dict)
    state: str = "waiting"
    done: int = 0
    total: int = 0
    fresh: int = 0
    seconds: float = 0.0
    message: str = ""
    process: int = 0
    bundle: Bundle | None = None

    @property
    def left(self) -> float | None:
        """Seconds until it is done; None where that cannot be told yet."""
        if self.state != "running" or not self.fresh:
            return None
        return (self.total - self.done) * self.seconds / self.fresh

    @property
    def over(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in ENDED


class Queue:
    """Tickets in the order in which they were added; `on_change` is called, in any thread, when one is another."""

    def __init__(self, folder: Path, on_change: Callable[[], None] = lambda: None) -> None:
        self.folder, self.on_change = folder, on_change
        self.tickets: dict[str, Ticket] = {}
        self.reload()

    def reload(self) -> None:
        """Read what is there; what ran in a panel that is gone is paused."""
        found = (_read(path) for path in sorted(self.folder.glob("*.json")))
        self.tickets = {ticket.id: ticket for ticket in found if ticket is not None}
        for ticket in list(self.tickets.values()):
            if ticket.state == "running" and not alive(ticket.process):
                self.put(replace(ticket, state="paused", message=STOPPED))

    def add(self, job: Mapping[str, Any], title: str, *, bundle: Bundle | None = None) -> Ticket:
        """A job at the end of the queue; one that was made a `bundle` is for the farm."""
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**9:09d}"
        ticket = Ticket(id=name, title=title, job=job, state="sent" if bundle else "waiting", bundle=bundle)
        self.put(ticket)
        return ticket

    def put(self, ticket: Ticket) -> None:
        """A ticket as it is now. Raises OSError where it cannot be written."""
        self.tickets[ticket.id] = ticket
        write_json(self.folder / f"{ticket.id}.json", asdict(ticket))
        self.on_change()

    def say(self, ticket: Ticket, text: str) -> None:
        """A line in a ticket's log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._log(ticket).open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S')}  {text}\n")

    def log(self, ticket: Ticket) -> str:
        """All that was said of a ticket."""
        path = self._log(ticket)
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def next(self) -> Ticket | None:
        """The first that waits."""
        return next((ticket for ticket in self.tickets.values() if ticket.state == "waiting"), None)

    def remove(self, ticket: Ticket) -> None:
        """Forget a ticket; its frames stay."""
        self.tickets.pop(ticket.id, None)
        (self.folder / f"{ticket.id}.json").unlink(missing_ok=True)
        self._log(ticket).unlink(missing_ok=True)
        self.on_change()

    def _log(self, ticket: Ticket) -> Path:
        return self.folder / f"{ticket.id}.log"


def _read(path: Path) -> Ticket | None:
    data = read_json(path)
    known = {each.name: data[each.name] for each in fields(Ticket) if each.name in data}
    try:
        bundle = Bundle.of(known["bundle"]) if known.get("bundle") else None
        ticket = Ticket(**{**known, "bundle": bundle})
        return ticket if ticket.id == path.stem and _is_sound(ticket) else None
    except (TypeError, KeyError, ValueError):
        return None


def _is_sound(ticket: Ticket) -> bool:
    """Whether what was read is of the kinds that are declared."""
    counts = (ticket.done, ticket.total, ticket.fresh, ticket.process)
    texts = (ticket.title, ticket.state, ticket.message)
    return (
        all(type(each) is int and abs(each) < _BEYOND for each in counts)
        and all(isinstance(each, str) for each in texts)
        and isinstance(ticket.job, Mapping)
        and isinstance(ticket.seconds, float | int)
    )
