"""Renders what waits in the queue, one job after the other, in a thread of its own; the service does the work."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...client import Service, ServiceError
from ...host.jobs import numbers
from ...starting import python
from .queue import Queue, Ticket

__all__ = ["Runner"]


class Runner:
    """Begins by itself when something waits. Pausing is ending between two frames: the same job goes on later."""

    def __init__(self, queue: Queue, service: Service) -> None:
        self.queue, self.service = queue, service
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ends: dict[str, str] = {}  # ticket -> the state that it was asked to end in
        self._begun = 0.0

    def wake(self) -> None:
        """See whether something waits."""
        with self._lock:
            if self._thread is None and self.queue.next() is not None:
                self._thread = threading.Thread(target=self._run, name="renders", daemon=True)
                self._thread.start()

    def resume(self, ticket: Ticket) -> None:
        """Go on with one that was paused, or failed, or was cancelled."""
        self._ends.pop(ticket.id, None)
        self.queue.put(replace(ticket, state="waiting", message=""))
        self.wake()

    def pause(self, ticket: Ticket) -> None:
        """Stop after the frame that is being made."""
        self._end(ticket, "paused")

    def cancel(self, ticket: Ticket) -> None:
        """End it; finished frames are kept."""
        self._end(ticket, "cancelled")

    def close(self) -> None:
        """Pause what runs, and wait for that a little."""
        thread = self._thread
        for ticket in list(self.queue.tickets.values()):
            if ticket.state == "running" and ticket.process == os.getpid():
                self.pause(ticket)
        if thread is not None:
            thread.join(2.0)

    def _end(self, ticket: Ticket, state: str) -> None:
        now = self.queue.tickets.get(ticket.id)
        if now is None or now.over:
            return
        if now.state == "running":
            self._ends[now.id] = state
        else:
            self.queue.put(replace(now, state=state))

    def _run(self) -> None:
        while True:
            with self._lock:
                ticket = self.queue.next()
                if ticket is None:
                    self._thread = None
                    return
            self._render(ticket)

    def _render(self, ticket: Ticket) -> None:
        """One job; whatever goes wrong is said on its ticket."""
        self._begun = time.monotonic()
        begun = replace(ticket, state="running", process=os.getpid(), done=0, fresh=0, seconds=0.0, message="")
        self.queue.put(begun)
        try:
            self._finish(ticket.id, self._made(ticket))
        except ServiceError as error:
            state = self._ends.pop(ticket.id, "failed") if error.exit_code == 130 else "failed"
            self._say(ticket.id, state, "" if state in ("paused", "cancelled") else str(error))
        except Exception as error:  # the queue goes on
            self._say(ticket.id, "failed", f"the render ended unexpectedly ({type(error).__name__}: {error})")
        finally:
            self._ends.pop(ticket.id, None)

    def _made(self, ticket: Ticket) -> Mapping[str, Any]:
        """How it went: by the service, or a farm's bundle as the farm would make it."""
        watching: dict[str, Any] = {
            "on_news": lambda news: self._hear(ticket.id, news),
            "cancelled": lambda: ticket.id in self._ends,
        }
        if ticket.bundle is not None:
            return ticket.bundle.run(self.service.python or python(), **watching)
        return self.service.render(ticket.job, **watching)

    def _hear(self, name: str, news: Mapping[str, Any]) -> None:
        ticket = self.queue.tickets.get(name)
        if ticket is None:
            return
        if news["type"] == "begin":
            total = len(_numbers(ticket.job)) or int(news["total"])
            self.queue.put(replace(ticket, total=total, done=max(0, total - int(news["total"]))))
            self._begun = time.monotonic()
        elif news["type"] == "frame":
            said = f"failed: {news['failed']}" if news.get("failed") else "done"
            self.queue.say(ticket, f"frame {news['frame']} {said}")
            spent = time.monotonic() - self._begun
            self.queue.put(replace(ticket, done=ticket.done + 1, fresh=ticket.fresh + 1, seconds=spent))
        elif news["type"] == "note":
            self.queue.say(ticket, str(news["text"]))

    def _finish(self, name: str, report: Mapping[str, Any]) -> None:
        failed = str(report["failed"])
        message = f"frames {failed} failed: {report['reason']}" if failed else str(report["output"])
        ticket = self.queue.tickets.get(name)
        if ticket is not None and not failed:
            self.queue.put(replace(ticket, done=ticket.total))
        self._say(name, "failed" if failed else "done", message)

    def _say(self, name: str, state: str, message: str) -> None:
        ticket = self.queue.tickets.get(name)
        if ticket is not None:
            self.queue.say(ticket, f"{state}{': ' if message else ''}{message}")
            self.queue.put(replace(ticket, state=state, message=message))


def _numbers(job: Mapping[str, Any]) -> tuple[int, ...]:
    try:
        return numbers(str(job.get("frames", "")))
    except ServiceError:
        return ()
