"""The service, as a host talks to it.

    service = Service(client="Nuke 16.0")
    knobs = service.nodes()
    with service.preview(job, 1001) as picture: ...
    report = service.render(job, on_news=print, cancelled=task.isCancelled)

A service is found or started by the first request. One that crashes is started again, once for the frame that it was
at, and what was asked for goes on; `on_news` is told. A `job` is what a job file holds. Nothing of Replate is imported:
networks, colour and files are the service's. Standard library only; any thread may ask.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from .connection import Connection
from .errors import ServiceError, Unreachable
from .pictures import Picture
from .starting import connect, usual_folder

__all__ = ["Picture", "Service", "ServiceError"]

Message = dict[str, Any]
News = Callable[[Message], None]

_LOOK = 0.1  # seconds between two looks at whether the user has cancelled
_PARTING = 60.0  # seconds for a frame to come to its end after that


class Service:
    """The service of this user, or of a `folder` of its own, as on a farm. `python` starts it where it is not running.

    `client` is a name for its log and status.
    """

    def __init__(self, *, client: str = "", folder: str | os.PathLike[str] = "", python: str = "") -> None:
        self.client, self.python = client or f"process {os.getpid()}", python
        self.folder = Path(folder) if folder else usual_folder()
        self._connection: Connection | None = None
        self._lock = threading.RLock()

    def nodes(self) -> Message:
        """Nodes, options and generators with their parameters, as `replate nodes --json` tells them."""
        return self._ask("nodes", _surroundings())[0]

    def status(self) -> Message:
        """What the service is at: version, clients, jobs, its log."""
        return self._ask("status", {})[0]

    def render(
        self,
        job: Mapping[str, Any],
        *,
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Message:
        """Render a job to its files; how it went, when it is done. Frames are written as ranges: "1001-1010".

        `on_news` is called in this thread with {"type": "queued" | "begin" | "note" | "frame", ...}; `cancelled` is
        asked ten times a second. Frames that are done stay done. Raises ServiceError.
        """
        return self._ask("render", {**_surroundings(), "job": dict(job)}, on_news, cancelled)[0]

    def preview(
        self,
        job: Mapping[str, Any],
        frame: int,
        *,
        channels: Sequence[str] = (),
        space: str = "",
        viewer: str = "",
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Picture:
        """One frame of a job, as it would be rendered, in memory.

        `channels` are R G B and A, `space` is the plate's where they are not named. A newer preview for the same
        `viewer` takes the place of an older one, which then raises ServiceError with the exit code 130.
        """
        wanted = {"frame": frame, "channels": list(channels), "space": space, "viewer": viewer}
        wanted["released"] = self._connected().pictures.released()
        facts, connection = self._ask("preview", {**_surroundings(), **wanted, "job": dict(job)}, on_news, cancelled)
        return connection.pictures.open(facts)

    def shutdown(self) -> None:
        """End the service, for all of its clients; nothing happens where none is running."""
        self.close()
        try:
            connection = Connection(self.folder, client=self.client)
        except Unreachable:
            return
        connection.ask("shutdown", {})[1].get(timeout=_PARTING)
        connection.close()

    def close(self) -> None:
        """Hang up; what this client asked for ends."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def __enter__(self) -> Service:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _ask(
        self,
        kind: str,
        facts: Mapping[str, Any],
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> tuple[Message, Connection]:
        """Ask until there is an answer; a crash is forgiven once, and again after each frame that came through."""
        forgiven = False
        while True:
            connection = self._connected()
            exchange = _Exchange(connection, kind, facts)
            answer = exchange.follow(on_news or _ignore, cancelled or _never)
            if answer is not None:
                return answer, connection
            if forgiven and not exchange.progress and not connection.farewell:
                raise ServiceError(
                    f"the Replate service crashed twice at the same place; its log in {self.folder} may tell why"
                )
            forgiven = True
            why = connection.farewell or "it crashed"
            (on_news or _ignore)({"type": "note", "text": f"the Replate service ended ({why}) and is started again"})

    def _connected(self) -> Connection:
        with self._lock:
            if self._connection is None or self._connection.lost:
                self._connection = connect(self.folder, client=self.client, program=self.python)
            return self._connection


class _Exchange:
    """One request and what is said of it; `progress` once a frame came through."""

    def __init__(self, connection: Connection, kind: str, facts: Mapping[str, Any]) -> None:
        self.connection, self.progress = connection, False
        self.number, self.answers = connection.ask(kind, facts)

    def follow(self, on_news: News, cancelled: Callable[[], bool]) -> Message | None:
        """The answer, or None where the service is gone. Raises ServiceError for "failed"."""
        ending = None
        while True:
            try:
                message = self.answers.get(timeout=_LOOK)
            except queue.Empty:
                ending = self._look(cancelled, ending)
                continue
            if message is None and ending is not None:
                raise _cancelled()
            if message is None or message["type"] == "done":
                return message
            if message["type"] == "failed":
                raise ServiceError.of(message)
            self.progress |= message["type"] == "frame"
            self._pass_on(message, on_news)
            ending = self._look(cancelled, ending)

    def _look(self, cancelled: Callable[[], bool], ending: float | None) -> float | None:
        """Pass on the user's wish to end, once; when the service must have answered it."""
        if ending is None and cancelled():
            self._end()
            return time.monotonic() + _PARTING
        if ending is not None and time.monotonic() > ending:
            raise _cancelled()
        return ending

    def _pass_on(self, message: Message, on_news: News) -> None:
        """Whatever goes wrong in the host while it shows the news, the service is not left working for nobody."""
        try:
            on_news(message)
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        self.connection.ask("cancel", {"which": self.number})


def _surroundings() -> Message:
    """What this process's environment says: where relative paths begin, where generators are, which colours count."""
    return {
        "folder": str(Path.cwd()),
        "generators": os.environ.get("REPLATE_GENERATORS", ""),
        "ocio": os.environ.get("OCIO", ""),
    }


def _cancelled() -> ServiceError:
    return ServiceError("cancelled; finished frames are kept", exit_code=130, kind="Cancelled")


def _ignore(_: Message) -> None:
    pass


def _never() -> bool:
    return False
