"""One connection to the service: who may be trusted, the handshake, and answers that arrive while others wait.

A message is four bytes of length, the most significant first, then a JSON object. Standard library only.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import socket
import stat
import struct
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import ServiceError, Unreachable
from .pictures import Pictures

__all__ = ["PROTOCOL", "Connection"]

PROTOCOL = 1
"""Equal to the service's."""

Message = dict[str, Any]
_HEAD = struct.Struct(">I")
_MOST = 64 * 2**20  # bytes of a message, as from a service gone mad
_HANDSHAKE = 10.0  # seconds


class Connection:
    """A service that has said welcome. Any thread may ask; each request has a queue for what is said of it.

    The queue ends with "done" or "failed", or with None where the service is gone; `farewell` is then what it said
    before it went, empty where it crashed. `closed` tells that it was this side that went.
    """

    def __init__(self, folder: Path, *, client: str) -> None:
        facts = _facts(folder)
        self._socket = _connected(facts)
        self.farewell, self.pictures = "", Pictures()
        self.lost = self.closed = False
        self._numbers, self._sending = itertools.count(1), threading.Lock()
        self._queues: dict[int, queue.SimpleQueue[Message | None]] = {}
        self._waiting = threading.Lock()
        try:
            self.welcome = self._greet(facts["token"], client)
        except (OSError, ValueError, EOFError) as error:
            self._socket.close()
            raise Unreachable(str(error)) from error
        except ServiceError as error:
            self._socket.close()
            if _facts(folder) != facts:
                raise Unreachable("it has just been started anew") from error
            raise
        threading.Thread(target=self._listen, name="replate service", daemon=True).start()

    def ask(self, kind: str, facts: Mapping[str, Any]) -> tuple[int, queue.SimpleQueue[Message | None]]:
        """Send a request; its number, and what will be said of it."""
        number, answers = next(self._numbers), queue.SimpleQueue[Any]()
        with self._waiting:
            if not self.lost:
                self._queues[number] = answers
        if self.lost or not self._send({"type": kind, "id": number, **facts}):
            self.lost = True  # who listens may not have noticed yet, and nobody shall ask here again
            answers.put(None)
        return number, answers

    def close(self) -> None:
        """Hang up; the service ends what was asked for."""
        self.closed = True
        self._hang_up()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _greet(self, token: str, client: str) -> Message:
        self._socket.settimeout(_HANDSHAKE)
        if not self._send({"type": "hello", "protocol": PROTOCOL, "token": token, "client": client}):
            raise EOFError("it hung up")
        answer = self._receive()
        self._socket.settimeout(None)
        if answer.get("type") != "welcome":
            raise ServiceError.of(answer)
        return answer

    def _send(self, message: Mapping[str, Any]) -> bool:
        body = json.dumps(message, default=str).encode()
        try:
            with self._sending:
                self._socket.sendall(_HEAD.pack(len(body)) + body)
        except OSError:
            return False
        return True

    def _receive(self) -> Message:
        """The next message. Raises EOFError, OSError or ValueError where none comes."""
        (length,) = _HEAD.unpack(self._exactly(_HEAD.size))
        if length > _MOST:
            raise ValueError("a message of absurd length")
        found = json.loads(self._exactly(length))
        if not isinstance(found, dict):
            raise ValueError("a message that is no object")
        return found

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            part = self._socket.recv(min(count - len(parts), 2**20))
            if not part:
                raise EOFError("it hung up")
            parts += part
        return bytes(parts)

    def _listen(self) -> None:
        """Hand out messages until the service is gone."""
        try:
            while True:
                self._hand_out(self._receive())
        except (OSError, ValueError, EOFError):
            pass
        with self._waiting:
            self.lost = True
            for answers in self._queues.values():
                answers.put(None)
            self._queues.clear()
        self._hang_up()

    def _hand_out(self, message: Message) -> None:
        if message.get("type") == "bye":
            self.farewell = str(message.get("why"))
            return
        number, last = message.get("id"), message.get("type") in ("done", "failed")
        with self._waiting:
            answers = self._queues.pop(number, None) if last else self._queues.get(number)  # type: ignore[arg-type]
        if answers is not None:
            answers.put(message)


def _facts(folder: Path) -> Message:
    """What the service says of itself in its folder. Raises Unreachable, or ServiceError for somebody else's folder."""
    file = folder / "service.json"
    try:
        state = folder.lstat()
        if hasattr(os, "getuid") and not (
            stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid() and not state.st_mode & 0o077
        ):
            raise ServiceError(
                f"{folder} is not a folder of yours alone, so who answers there is not trusted; "
                "set REPLATE_SERVICE to another folder",
                exit_code=2,
                path=str(folder),
            )
        facts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unreachable(f"{file}: {error}") from error
    if not isinstance(facts, dict) or "token" not in facts:
        raise Unreachable(f"{file} does not say where the service is")
    return facts


def _connected(facts: Message) -> socket.socket:
    local = "socket" in facts
    connection = socket.socket(socket.AF_UNIX if local else socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.settimeout(_HANDSHAKE)
        connection.connect(facts["socket"] if local else ("127.0.0.1", int(facts["port"])))
    except (OSError, KeyError, ValueError, TypeError) as error:
        connection.close()
        raise Unreachable(str(error)) from error
    return connection
