"""One client: it says who it is, then asks; what it asks for is answered once, with news on the way."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..catalogue import find
from ..declarations import declarations
from ..errors import ReplateError, UsageError, as_sentence, to_facts
from ..params import nearest
from . import asked
from .pictures import Pictures
from .tasks import Preview, Render
from .wire import MOST, PROTOCOL, Message, pack, receive

if TYPE_CHECKING:
    from .server import Server

__all__ = ["Session"]

log = logging.getLogger(__name__)
_PATIENCE = 10.0  # seconds for a client to say who it is
_FIRST = 2**16  # bytes of what it says then
_AT_ONCE = 1000  # requests of one client
_UNREAD = 2 * MOST  # bytes that may wait for a client that does not read


class Session:
    """A connection. All of it runs in the event loop but `tell`, which any thread may call."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.name = server, "?"
        self._reader, self._writer = reader, writer
        self._pictures = Pictures(server.place.pictures)
        self._open = set[int]()
        self._requests: dict[str, Callable[[Message, int], Any]] = {
            "nodes": self._nodes,
            "window": self._window,
            "render": self._render,
            "preview": self._preview,
            "facts": self._facts,
            "original": self._original,
            "matte": self._matte,
            "screen": self._screen,
            "probe": self._probe,
            "card": self._card,
            "cancel": self._cancel,
            "status": self._status,
            "shutdown": self._shutdown,
        }

    async def run(self) -> None:
        """Serve the client until it is gone, then end what it asked for."""
        try:
            if await self._welcomed():
                while (message := await receive(self._reader)) is not None:
                    self.server.touch()
                    await self._handle(message)
        except ReplateError as error:
            self.send({"type": "failed", "id": None, **to_facts(error)})
        finally:
            self.server.worker.cancel(self)
            self._pictures.close()
            self._writer.close()

    def tell(self, message: Message) -> None:
        """`send` from any thread."""
        self.server.call(lambda: self.send(message))

    def send(self, message: Message) -> None:
        """Queue a message to the client; one that does not read what it is sent is let go."""
        if self._writer.is_closing():
            return
        if message["type"] in ("done", "failed"):
            self._open.discard(message["id"])
        self._writer.write(pack(message))
        if self._writer.transport.get_write_buffer_size() > _UNREAD:
            log.warning("%s does not read what it is sent and is let go", self.name)
            self._writer.transport.abort()

    async def close(self) -> None:
        """Let the client read what it was sent, for a moment, and go."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1.0)

    async def _welcomed(self) -> bool:
        """The handshake. Raises UsageError for a wrong token or another protocol."""
        try:
            hello = await asyncio.wait_for(receive(self._reader, most=_FIRST), _PATIENCE)
        except TimeoutError:
            hello = None
        if hello is None:
            return False
        if not hmac.compare_digest(str(hello.get("token")).encode(), self.server.place.token.encode()):
            raise UsageError("the service does not know this client's token; read it from service.json again")
        if hello.get("type") != "hello" or hello.get("protocol") != PROTOCOL:
            raise UsageError(
                f"the service (Replate {__version__}) speaks protocol {PROTOCOL}, the client {hello.get('protocol')}; "
                "bring both to one version and stop the service with 'replate serve --stop'"
            )
        self.name = asked.text(hello, "client") or "?"
        self.send({"type": "welcome", "protocol": PROTOCOL, "version": __version__, "can": list(self._requests)})
        log.info("%s is here", self.name)
        return True

    async def _handle(self, message: Message) -> None:
        """One request; whatever is wrong with it is its answer. None where the service is about to end."""
        number = message.get("id")
        if not isinstance(number, int) or number in self._open:
            raise UsageError(f"a request needs a number of its own as 'id', not {number!r}")
        self._open.add(number)
        if self.server.ends:
            return
        try:
            answer = await self._answer(message, number)
        except Exception as error:
            self.send({"type": "failed", "id": number, **to_facts(as_sentence(error))})
        else:
            if answer is not None:
                self.send({"type": "done", "id": number, **answer})

    async def _answer(self, message: Message, number: int) -> Message | None:
        kind = str(message.get("type"))
        if kind not in self._requests:
            raise UsageError(f"unknown request '{kind}'{nearest(kind, self._requests)}")
        if len(self._open) > _AT_ONCE:
            raise UsageError(
                f"{_AT_ONCE} requests of this client wait for an answer; ask for more when some are through"
            )
        answer: Message | None = self._requests[kind](message, number)
        return await answer if asyncio.iscoroutine(answer) else answer

    async def _nodes(self, message: Message, number: int) -> Message:
        return await asyncio.to_thread(declarations, asked.text(message, "generators"))

    async def _window(self, message: Message, number: int) -> Message:
        return {"offsets": await asyncio.to_thread(asked.offsets, asked.job(message))}

    def _render(self, message: Message, number: int) -> None:
        self.server.worker.submit(Render(id=number, job=asked.job(message), client=self, tell=self.tell))

    def _preview(self, message: Message, number: int) -> None:
        frame = message.get("frame")
        if not isinstance(frame, int) or isinstance(frame, bool):
            raise UsageError(f"a preview needs a frame number, not {frame!r}")
        self._pictures.release(asked.texts(message, "released"))
        output = asked.text(message, "output")
        task = Preview(
            id=number,
            job=asked.job(message),
            client=self,
            tell=self.tell,
            viewer=asked.text(message, "viewer"),
            frame=frame,
            pictures=self._pictures,
            channels=asked.texts(message, "channels"),
            layers=asked.texts(message, "layers"),
            space=asked.text(message, "space"),
            output=os.fspath(asked.folder(message) / output) if output else "",
            width=asked.width(message),
        )
        self.server.worker.submit(task)

    def _facts(self, message: Message, number: int) -> None:
        from .inputs import Facts

        self.server.worker.submit(Facts(**self._glance(message, number), input=asked.text(message, "input") or "plate"))

    def _original(self, message: Message, number: int) -> None:
        from .inputs import Original

        self.server.worker.submit(Original(**self._picture(message, number, input="plate")))

    def _matte(self, message: Message, number: int) -> None:
        from .inputs import Matte

        self.server.worker.submit(Matte(**self._picture(message, number, input="mask")))

    def _screen(self, message: Message, number: int) -> None:
        from .looking import Screen

        self._pictures.release(asked.texts(message, "released"))
        task = Screen(
            **self._glance(message, number),
            picture=asked.mapping(message, "picture"),
            pictures=self._pictures,
            exposure=asked.number(message, "exposure", 0.0),
            gamma=max(0.01, asked.number(message, "gamma", 1.0)),
            channel=asked.text(message, "channel") or "RGB",
            tint=tuple(float(each) for each in message.get("tint") or ()),
            inverse=message.get("inverse") is True,
            width=asked.width(message),
        )
        self.server.worker.submit(task)

    def _probe(self, message: Message, number: int) -> None:
        from .looking import Probe

        task = Probe(
            **self._glance(message, number),
            picture=asked.mapping(message, "picture"),
            x=asked.whole(message, "x"),
            y=asked.whole(message, "y"),
        )
        self.server.worker.submit(task)

    def _picture(self, message: Message, number: int, *, input: str) -> dict[str, Any]:
        """What every picture of an input has; `input` is the usual one."""
        self._pictures.release(asked.texts(message, "released"))
        return {
            **self._glance(message, number),
            "input": asked.text(message, "input") or input,
            "frame": asked.whole(message, "frame"),
            "pictures": self._pictures,
            "width": asked.width(message),
        }

    def _glance(self, message: Message, number: int) -> dict[str, Any]:
        """What every glance has."""
        viewer = asked.text(message, "viewer")
        return {"id": number, "job": asked.job(message), "client": self, "tell": self.tell, "viewer": viewer}

    async def _card(self, message: Message, number: int) -> Message:
        from .looking import card

        path = find(asked.text(message, "generator"), asked.text(message, "generators"))
        return {"path": str(path), "card": await asyncio.to_thread(card, path)}

    def _cancel(self, message: Message, number: int) -> Message:
        which = message.get("which")
        self.server.worker.cancel(self, which if isinstance(which, int) else None)
        return {}

    def _status(self, message: Message, number: int) -> Message:
        return self.server.status()

    def _shutdown(self, message: Message, number: int) -> Message:
        log.info("%s stops the service", self.name)
        self.server.stop()
        return {}
