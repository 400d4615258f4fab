"""What previews of one shot share: opened sources, frames that were read, and the node with what it remembers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..color import config_identity
from ..frame import Frame
from ..generator import Generator
from ..job import Job
from ..keeping.stamps import Stamps
from ..media import Source, open_source
from ..media.source import Missing
from ..memory import share
from ..nodes import Engine, Node
from ..proxy import smaller
from ..workshop import Workshop
from .shelf import Shelf

__all__ = ["PreviewWorkshop"]

_SOURCES, _NODES = 8, 1
_FRAMES = 2**30  # bytes
_MOST = 500  # frames whose states are looked at before a node is used again


class PreviewWorkshop(Workshop):
    """Keeps what previews share, as long as the files are what they were. Used from one thread at a time.

    With a `scale` below 1 its sources give proxies.
    """

    def __init__(self, generators: Workshop, *, scale: float = 1.0) -> None:
        self._generators, self.scale = generators, scale
        self._open: Shelf[_Opened] = Shelf(_SOURCES, drop=lambda opened: opened.close())
        self._frames = Frames(share(_FRAMES))
        self._nodes: Shelf[_Kept] = Shelf(_NODES)
        self._used: list[_Opened] = []

    def generator(self, name: str, *, device: str, threads: int | None) -> Generator:
        """A generator that is loaded already, where there is one."""
        return self._generators.generator(name, device=device, threads=threads)

    @contextmanager
    def source(self, path: str, *, missing: Missing, space: str | None) -> Iterator[Source]:
        """A source that is open for the block, and kept for the next one."""
        key = (path, missing, space, config_identity())
        held = self._open.take(key)
        if held is not None and not held.stamps.hold:
            held.close()
            held = None
        held = held or _Opened(open_source(path, missing=missing, space=space), self._frames, self.scale)
        self._used.append(held)
        try:
            yield held.source
        finally:
            self._used.remove(held)
            self._open.put(key, held)

    def node(self, job: Job, kind: type[Node], engine: Engine) -> Node:
        """The node of the last preview, where only parameters and frames are others and no file has changed."""
        key = (kind, *sorted(job.inputs.items()), *sorted(job.options.items()), config_identity())
        held = self._nodes.take(key)
        if held is None or not held.fits(engine, self._used):
            held = _Kept(kind(engine), tuple(self._used))
        self._nodes.put(key, held)
        return held.node

    def close(self) -> None:
        """Let go of everything."""
        self.forget()
        self._open.clear()

    def forget(self) -> None:
        """Give back the memory that frames and nodes take."""
        self._frames.clear()
        self._nodes = Shelf(_NODES)


class Frames:
    """Frames that were read, the last ones that fit into `most` bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._held: OrderedDict[tuple[object, int], Frame] = OrderedDict()

    def take(self, source: object, number: int) -> Frame | None:
        """Take a frame out, None where it is not there."""
        frame = self._held.pop((source, number), None)
        self._bytes -= 0 if frame is None else frame.nbytes
        return frame

    def put(self, source: object, number: int, frame: Frame) -> None:
        """Put one in; the oldest go where there are too many."""
        self.take(source, number)
        self._held[source, number] = frame
        self._bytes += frame.nbytes
        while self._bytes > self._most:
            self.take(*next(iter(self._held)))

    def clear(self, source: object = None) -> None:
        """Let go of all frames, or those of one source."""
        for key in [key for key in self._held if source in (None, key[0])]:
            self.take(*key)


class _Opened:
    """A source with its frames, and what its files looked like: its folder, and the file that speaks for it."""

    def __init__(self, source: Source, frames: Frames, scale: float) -> None:
        self.source, self._frames, self._scale = source, frames, scale
        file = source.files(source.frames[0] if source.frames else 1)[0]
        self.stamps = Stamps((file.parent, file))
        self.read = dict[int, Stamps]()
        self._read, source.read = source.read, self._remembered  # type: ignore[method-assign]

    def close(self) -> None:
        """Close the source and let go of its frames."""
        self._frames.clear(self)
        self.source.close()

    def _remembered(self, number: int) -> Frame:
        frame, known = self._frames.take(self, number), self.read.get(number)
        if frame is None or known is None or not known.hold:
            self.read[number] = Stamps(self.source.files(number))  # before it is read: what comes after is a change
            frame = smaller(self._read(number), self._scale)
        self._frames.put(self, number, frame)
        return frame


@dataclass(frozen=True)
class _Kept:
    """A node, and the sources that it has seen frames of."""

    node: Node
    sources: tuple[_Opened, ...]

    def fits(self, engine: Engine, sources: list[_Opened]) -> bool:
        """Whether a new node would remember nothing else of these sources."""
        seen = [stamps for opened in self.sources for stamps in opened.read.values()]
        same = len(sources) == len(self.sources) and all(a is b for a, b in zip(sources, self.sources, strict=True))
        return same and self.node.engine == engine and len(seen) <= _MOST and all(stamps.hold for stamps in seen)
