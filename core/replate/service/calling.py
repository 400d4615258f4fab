"""A service as the command line talks to it: one connection, used by the thread that waits.

`replate_plugin` has a client of its own, for hosts, which cannot import this one.
"""

from __future__ import annotations

import json
import socket
import struct
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import ReplateError, from_facts
from .place import is_private
from .wire import MOST, PROTOCOL, Message, pack, parse

__all__ = ["Call", "Gone"]

_HEAD = struct.Struct(">I")
_HANDSHAKE = 10.0  # seconds
_LOOK = 0.1  # seconds between two looks at what else there is to do


class Gone(ReplateError):  # noqa: N818
    """No service answers that could be used, or it ended; the text says why."""


class Call:
    """A service that has said welcome. Raises Gone where none does."""

    def __init__(self, folder: Path, *, client: str) -> None:
        facts = _announced(folder)
        self._socket, self._heard, self._number = _connected(facts), bytearray(), 0
        try:
            self._send({"type": "hello", "protocol": PROTOCOL, "token": facts["token"], "client": client})
            self._greet()
        except BaseException:
            self.close()
            raise
        self._socket.settimeout(_LOOK)

    def ask(self, kind: str, **facts: Any) -> int:
        """Send a request; its number."""
        self._number += 1
        self._send({"type": kind, "id": self._number, **facts})
        return self._number

    def hear(self) -> Message | None:
        """The next message, None where none comes for a moment. Raises Gone once the service has ended."""
        while (message := self._whole()) is None:
            try:
                part = self._socket.recv(2**20)
            except TimeoutError:
                return None
            except OSError as error:
                raise Gone("it crashed") from error
            if not part:
                raise Gone("it crashed")
            self._heard += part
        if message["type"] == "bye":
            raise Gone(str(message.get("why")))
        return message

    def close(self) -> None:
        """Hang up; the service ends what was asked for."""
        self._socket.close()

    def __enter__(self) -> Call:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _greet(self) -> None:
        answer = self.hear()
        if answer is None:
            raise Gone("it does not answer")
        if answer["type"] != "welcome":
            raise Gone(str(from_facts(answer)))
        if answer.get("version") != __version__:
            raise Gone(f"the service is Replate {answer.get('version')}, this is {__version__}")

    def _send(self, message: Message) -> None:
        try:
            self._socket.sendall(pack(message))
        except OSError as error:
            raise Gone("it hung up") from error

    def _whole(self) -> Message | None:
        """The first message, once all of it has come."""
        if len(self._heard) < _HEAD.size:
            return None
        (length,) = _HEAD.unpack_from(self._heard)
        if length > MOST:
            raise Gone("it sends what is no message")
        end = _HEAD.size + length
        if len(self._heard) < end:
            return None
        body = bytes(self._heard[_HEAD.size : end])
        del self._heard[:end]
        return parse(body)


def _announced(folder: Path) -> Message:
    """What a service says of itself in its folder, which nobody else may have written to."""
    try:
        if not is_private(folder):
            raise Gone(f"{folder} is not a folder of yours alone, so who answers there is not trusted")
        facts = json.loads((folder / "service.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Gone("none runs there") from error
    if not isinstance(facts, dict) or "token" not in facts:
        raise Gone("its service.json does not say where it listens")
    return facts


def _connected(facts: Message) -> socket.socket:
    local = "socket" in facts
    connection = socket.socket(socket.AF_UNIX if local else socket.AF_INET, socket.SOCK_STREAM)
    try:
        connection.settimeout(_HANDSHAKE)
        connection.connect(facts["socket"] if local else ("127.0.0.1", int(facts["port"])))
    except (OSError, KeyError, ValueError, TypeError) as error:
        connection.close()
        raise Gone("it does not listen any more") from error
    return connection
