"""One request and what is said of it until it is answered. Standard library only."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Mapping
from typing import Any

from .connection import Connection
from .errors import ServiceError

__all__ = ["Exchange", "Message", "News", "cancelled_error"]

Message = dict[str, Any]
News = Callable[[Message], None]

_LOOK = 0.1  # seconds between two looks at whether the user has cancelled
_PARTING = 60.0  # seconds for a frame to come to its end after that


class Exchange:
    """A request that was sent. `progress` once a frame came through, `patience` the seconds that an answer may take."""

    def __init__(
        self, connection: Connection, kind: str, facts: Mapping[str, Any], *, patience: float | None = None
    ) -> None:
        self.connection, self.progress = connection, False
        self._until = None if patience is None else time.monotonic() + patience
        self._ending = False
        self.number, self._answers = connection.ask(kind, facts)

    def follow(self, on_news: News, cancelled: Callable[[], bool]) -> Message | None:
        """The answer, or None where the service is gone. Raises ServiceError for "failed".

        Whatever goes wrong in the host meanwhile, the service is not left working for nobody.
        """
        try:
            while True:
                message = self._next(cancelled)
                if message is None or message["type"] == "done":
                    return message
                if message["type"] == "failed":
                    raise ServiceError.of(message)
                self.progress |= message["type"] == "frame"
                on_news(message)
        except ServiceError:
            raise
        except BaseException:
            self._end()
            raise

    def _next(self, cancelled: Callable[[], bool]) -> Message | None:
        """What is said next, while the user is asked whether it is still wanted."""
        while True:
            if not self._ending and cancelled():
                self._end()
                self._ending, self._until = True, time.monotonic() + _PARTING
            try:
                message = self._answers.get(timeout=_LOOK)
            except queue.Empty:
                if self._until is not None and time.monotonic() > self._until:
                    raise self._unanswered() from None
                continue
            if message is None and (self._ending or self.connection.closed):
                raise cancelled_error()
            return message

    def _end(self) -> None:
        self.connection.ask("cancel", {"which": self.number})

    def _unanswered(self) -> ServiceError:
        if self._ending:
            return cancelled_error()
        return ServiceError("the Replate service does not answer; end it with 'replate serve --stop' and ask again")


def cancelled_error() -> ServiceError:
    """What a request ends with that nobody wants any more."""
    return ServiceError("cancelled; finished frames are kept", exit_code=130, kind="Cancelled")
