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
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from .connection import Connection
from .errors import ServiceError, Unreachable
from .exchange import Exchange, Message, News
from .pictures import Picture
from .starting import connect, usual_folder

__all__ = ["Picture", "Service", "ServiceError"]

_PATIENCE = 60.0  # seconds for an answer that needs no picture


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
        return self._ask("nodes", _surroundings(), patience=_PATIENCE)[0]

    def window(self, job: Mapping[str, Any]) -> tuple[int, ...]:
        """The frames around one that a job looks at, from 0, in order: -2 to 2, say. What a host renders for Replate
        must have them, too, where the shot does; frames that a shot lacks are done without."""
        facts, _ = self._ask("window", {**_surroundings(), "job": dict(job)}, patience=_PATIENCE)
        return tuple(int(offset) for offset in facts["offsets"])

    def status(self) -> Message:
        """What the service is at: version, clients, jobs, its log."""
        return self._ask("status", {}, patience=_PATIENCE)[0]

    def render(
        self,
        job: Mapping[str, Any],
        *,
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Message:
        """Render a job to its files; how it went, when it is done. Frames are written as ranges: "1001-1010".

        `on_news` is called in this thread with {"type": "queued" | "planned" | "begin" | "note" | "frame" | "spent",
        ...}; `cancelled` is asked ten times a second. Frames that are done stay done; those from before a restart are
        among the skipped.
        Raises ServiceError.
        """
        return self._ask("render", {**_surroundings(), "job": dict(job)}, on_news, cancelled)[0]

    def preview(
        self,
        job: Mapping[str, Any],
        frame: int,
        *,
        channels: Sequence[str] = (),
        layers: Sequence[str] = (),
        space: str = "",
        width: int = 0,
        viewer: str = "",
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Picture:
        """One frame of a job, as it would be rendered, in memory; with a `width` that the plate exceeds, a proxy.

        `channels` are R G B and A, `space` is the plate's where they are not named. Channels of `layers` come behind
        them where the picture has them. A newer preview for the same
        `viewer` takes the place of an older one, which then raises ServiceError with the exit code 130.
        """
        wanted = {"frame": frame, "channels": list(channels), "layers": list(layers), "space": space, "width": width}
        wanted["viewer"] = viewer
        return self._picture("preview", job, wanted, on_news, cancelled)

    def original(
        self, job: Mapping[str, Any], frame: int, *, input: str = "plate", width: int = 0, viewer: str = ""
    ) -> Picture:
        """A frame of an input of a job as it is in its file, in memory; at most `width` wide, where that is not 0."""
        return self._picture("original", job, {"frame": frame, "input": input, "width": width, "viewer": viewer})

    def matte(self, job: Mapping[str, Any], frame: int, *, width: int = 0, viewer: str = "") -> Picture:
        """What the mask of a job amounts to at a frame: chosen, inverted, grown and feathered as its node does it.

        One channel, Y, over the plate's display window; at most `width` wide, where that is not 0.
        """
        return self._picture("matte", job, {"frame": frame, "width": width, "viewer": viewer})

    def screen(
        self,
        job: Mapping[str, Any],
        picture: Mapping[str, Any],
        *,
        exposure: float = 0.0,
        gamma: float = 1.0,
        channel: str = "RGB",
        tint: Sequence[float] = (),
        inverse: bool = False,
        width: int = 0,
        viewer: str = "",
    ) -> Picture:
        """A picture (its `facts`) as a screen shows it with the job's `ocio` and `display`: bytes B G R A.

        `exposure` is in stops; `channel` is RGB, R, G, B, A, L (luminance) or the picture's own; with a `tint`, R G B
        from 0 to 1, the channel is an overlay of this colour, where it is white or, with `inverse`, where it is black.
        At most `width` wide, where that is not 0.
        """
        how = {"exposure": exposure, "gamma": gamma, "channel": channel, "viewer": viewer}
        how |= {"tint": list(tint), "inverse": inverse, "width": width}
        return self._picture("screen", job, {**how, "picture": dict(picture)})

    def probe(self, job: Mapping[str, Any], picture: Mapping[str, Any], x: int, y: int, *, viewer: str = "") -> Message:
        """A pixel's `values` by channel, and its `light` as R G B in the scene-linear `space` of the configuration."""
        wanted = {"picture": dict(picture), "x": x, "y": y, "viewer": viewer}
        return self._ask("probe", {**_surroundings(), **wanted, "job": dict(job)}, patience=_PATIENCE)[0]

    def facts(self, job: Mapping[str, Any], *, input: str = "plate") -> Message:
        """What an input of a job is: `frames`, `size`, `fps`, `space`, `channels`; and the `displays` there are."""
        return self._ask("facts", {**_surroundings(), "job": dict(job), "input": input})[0]

    def card(self, generator: str) -> Message:
        """The `path` and the `card` of a generator: licence, data, training, metrics; empty for one without."""
        return self._ask("card", {**_surroundings(), "generator": generator}, patience=_PATIENCE)[0]

    def preview_to(
        self,
        path: str | os.PathLike[str],
        job: Mapping[str, Any],
        frame: int,
        *,
        viewer: str = "",
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Message:
        """One frame of a job as a file, for hosts that take pictures from files only; how it went, as by `render`.

        It goes before renders as `preview` does. A file that is there with these settings is left as it is.
        """
        wanted = {"frame": frame, "viewer": viewer, "output": os.fspath(path)}
        return self._ask("preview", {**_surroundings(), **wanted, "job": dict(job)}, on_news, cancelled)[0]

    def shutdown(self) -> None:
        """End the service, for all of its clients; nothing happens where none is running."""
        self.close()
        try:
            connection = Connection(self.folder, client=self.client)
        except Unreachable:
            return
        Exchange(connection, "shutdown", {}, patience=_PATIENCE).follow(_ignore, _never)
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

    def _picture(
        self,
        kind: str,
        job: Mapping[str, Any],
        wanted: Mapping[str, Any],
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Picture:
        asked = {**_surroundings(), **wanted, "job": dict(job), "released": self._connected().pictures.released()}
        facts, connection = self._ask(kind, asked, on_news, cancelled)
        return connection.pictures.open(facts)

    def _ask(
        self,
        kind: str,
        facts: Mapping[str, Any],
        on_news: News | None = None,
        cancelled: Callable[[], bool] | None = None,
        *,
        patience: float | None = None,
    ) -> tuple[Message, Connection]:
        """Ask until there is an answer; a crash is forgiven once, and again after each frame that came through."""
        forgiven = False
        while True:
            connection = self._connected()
            exchange = Exchange(connection, kind, facts, patience=patience)
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


def _surroundings() -> Message:
    """What this process's environment says: where relative paths begin, where generators are, which colours count."""
    return {
        "folder": str(Path.cwd()),
        "generators": os.environ.get("REPLATE_GENERATORS", ""),
        "ocio": os.environ.get("OCIO", ""),
    }


def _ignore(_: Message) -> None:
    pass


def _never() -> bool:
    return False
