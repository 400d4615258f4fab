"""The service itself: who may connect, when it ends, what it prints."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import RotatingFileHandler
from pathlib import Path

from .. import __version__
from ..memory import keep_freed
from .place import Place
from .session import Session
from .wire import PROTOCOL, Message
from .worker import Worker

__all__ = ["Server", "serve"]

log = logging.getLogger(__name__)
_MOST = 64  # clients at a time
_LAST = 20.0  # seconds for a frame to be finished when the service ends
_LOG = 2**20  # bytes
_KEPT = 2**28  # bytes
_CREDENTIALS = struct.Struct("3i")  # process, user, group


def serve(folder: Path, *, idle: float, tcp: bool = False) -> None:
    """Serve clients until nobody has asked for anything for `idle` seconds (0: for ever), or until told to stop.

    With `tcp`, and where the system has no Unix sockets, it listens on the loopback interface. Raises UsageError where
    a service runs in `folder` already.
    """
    _hold_standard_streams()
    keep_freed(_KEPT)
    # Clients say what their environments say; the service's own is that of whichever host came first.
    os.environ.pop("OCIO", None)
    server = Server(Place(folder), idle=idle)
    _end_on_signals(server)
    try:
        with ThreadPoolExecutor(1, "clients") as threads:
            clients = threads.submit(server.listen, tcp=tcp or not hasattr(socket, "AF_UNIX"))
            # Frames are computed in the main thread, as on the command line: there the C library keeps what is freed,
            # elsewhere it gives it back and has the pages of the next frame touched anew.
            server.worker.work()
            clients.result()
    finally:
        server.place.leave()


class Server:
    """Connections, and the time since anybody asked for anything. `ends` once no request is taken any more.

    A byte into `ring` comes out of `alarm` and ends the service.
    """

    def __init__(self, place: Place, *, idle: float) -> None:
        self.place, self.worker = place, Worker(on_rest=self.touch)
        self._idle, self._touched, self._started = idle, time.monotonic(), time.monotonic()
        self._sessions = set[Session]()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop, self.ends = asyncio.Event(), False
        self.alarm, self.ring = socket.socketpair()

    def touch(self) -> None:
        """Somebody asked for something, or something was finished."""
        self._touched = time.monotonic()

    def stop(self) -> None:
        """End soon; finished frames are kept."""
        self._stop.set()

    def call(self, function: Callable[[], None]) -> None:
        """Have `function` called in the event loop, from any thread; not any more when that has ended."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function)

    def status(self) -> Message:
        """What a TD wants to know."""
        return {
            "version": __version__,
            "pid": os.getpid(),
            "seconds": round(time.monotonic() - self._started, 1),
            "cpu_seconds": round(time.process_time(), 3),
            "clients": sorted(session.name for session in self._sessions),
            "running": [task.job.output for task in self.worker.running],
            "waiting": self.worker.waiting,
            "generators": self.worker.bench.generators.count if self.worker.bench else 0,
            "log": str(self.place.log),
        }

    def listen(self, *, tcp: bool) -> None:
        """Serve clients until it is time to end; the worker has ended then."""
        try:
            asyncio.run(self._run(tcp=tcp))
        finally:
            if not self.worker.stop(seconds=_LAST):
                self.place.leave()
                os._exit(0)  # a frame that takes longer is not waited for; it has no name yet

    async def _run(self, *, tcp: bool) -> None:
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(NotImplementedError):  # on Windows a signal waits for the end of a call into C
            self._loop.add_reader(self.alarm, self.stop)
        listening, facts = await self._listen(tcp)
        self.place.announce({"protocol": PROTOCOL, "version": __version__, **facts})
        _quiet(f"replate serve: ready in {self.place.folder}, its log is {self.place.log}", self.place.log)
        why = await self._until_idle()
        log.info("ends: %s", why)
        self.ends = True
        self.place.withdraw()
        listening.close()
        await asyncio.to_thread(self.worker.stop, seconds=_LAST)
        await asyncio.sleep(0)  # the worker's last words are in the sessions' hands now
        for session in tuple(self._sessions):
            session.send({"type": "bye", "id": None, "why": why})
            await session.close()

    async def _listen(self, tcp: bool) -> tuple[asyncio.Server, Message]:
        if tcp:
            server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
            return server, {"port": server.sockets[0].getsockname()[1]}
        path = self.place.socket
        server = await asyncio.start_unix_server(self._connected, path)
        path.chmod(0o600)  # its folder keeps others out as well
        return server, {"socket": str(path)}

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, from its first byte to its last."""
        if len(self._sessions) >= _MOST or not _is_ours(writer.get_extra_info("socket")):
            writer.transport.abort()
            return
        session = Session(self, reader, writer)
        self._sessions.add(session)
        try:
            await session.run()
        except Exception:
            log.exception("the connection of %s broke", session.name)
        finally:
            self._sessions.discard(session)
            log.info("%s is gone", session.name)

    async def _until_idle(self) -> str:
        while not self._stop.is_set():
            if self._idle and not self.worker.busy and time.monotonic() - self._touched > self._idle:
                return f"nobody asked for anything for {self._idle:g} seconds"
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), min(1.0, self._idle / 4 or 1.0))
        return "it was told to stop"


def _end_on_signals(server: Server) -> None:
    """Ctrl-C and SIGTERM end the service, though the main thread may be in the middle of a frame."""
    server.ring.setblocking(False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.call(server.stop))
    signal.set_wakeup_fd(server.ring.fileno(), warn_on_full_buffer=False)


def _is_ours(connection: socket.socket) -> bool:
    """Whether the caller is the same user, as far as the system tells; the folder's rights say it everywhere else."""
    if not hasattr(socket, "SO_PEERCRED") or connection.family != socket.AF_UNIX:
        return True
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return bool(_CREDENTIALS.unpack(told)[1] == os.getuid())


def _quiet(line: str, path: Path) -> None:
    """Say one line to whoever started the service; all that comes later, from libraries too, goes to the log.

    Nobody may be there to read it: a full pipe would stop the service, a closed one end it.
    """
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)  # noqa: T201
    handler = RotatingFileHandler(path, maxBytes=_LOG, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    with path.open("a") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)


def _hold_standard_streams() -> None:
    """Where one was closed, the next file or socket would take its number, and be written to by whoever prints."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
