"""What a warm process keeps from one job to the next, so that a preview costs reading and inferring.

Everything kept is asked for again by what its file is now; what changed on disk is loaded anew.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from ..catalogue import find
from ..color import config_identity, use
from ..generator import Generator
from ..inspection import sidecar_of
from ..media import Source, open_source
from ..media.source import Missing
from ..workshop import Workshop

__all__ = ["Bench", "Shelf", "WarmGenerators", "WarmSources"]

T = TypeVar("T")
_GENERATORS, _SOURCES = 4, 8
_SETTLED = 2 * 10**9  # nanoseconds: what changed just now may change again within one tick of a file system


class Shelf(Generic[T]):
    """The `most` things that were used last, by key; `drop` is called with one that has to go."""

    def __init__(self, most: int, drop: Callable[[T], None] = lambda _: None) -> None:
        self.most, self.drop = most, drop
        self._held: OrderedDict[object, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def take(self, key: object) -> T | None:
        """Take a thing off the shelf, None where it is not there."""
        return self._held.pop(key, None)

    def put(self, key: object, thing: T) -> None:
        """Put it (back) in front; the last one goes where there are too many."""
        if (before := self._held.pop(key, None)) is not None and before is not thing:
            self.drop(before)
        self._held[key] = thing
        while len(self._held) > self.most:
            self.drop(self._held.popitem(last=False)[1])


class WarmGenerators(Workshop):
    """Generators stay loaded, a few of them. One for which memory ran out is loaded anew: its tiles are smaller."""

    def __init__(self) -> None:
        self._loaded: Shelf[Generator] = Shelf(_GENERATORS)

    @property
    def count(self) -> int:
        """How many are loaded."""
        return len(self._loaded)

    def generator(self, name: str, *, device: str, threads: int | None) -> Generator:
        """A generator by name or path, as `Generator.load` would give it now."""
        path = find(name)
        key = (path, _stamp(path), _stamp(sidecar_of(path)), config_identity(), device, threads)
        found = self._loaded.take(key)
        if found is None or found.reduced:
            found = super().generator(os.fspath(path), device=device, threads=threads)
        self._loaded.put(key, found)
        return found


class WarmSources(Workshop):
    """Sources stay open between previews, as long as their files are what they were. Used from one thread."""

    def __init__(self, generators: WarmGenerators) -> None:
        self._generators = generators
        self._open: Shelf[_Opened] = Shelf(_SOURCES, drop=lambda opened: opened.close())

    def generator(self, name: str, *, device: str, threads: int | None) -> Generator:
        """A generator that is loaded already, where there is one."""
        return self._generators.generator(name, device=device, threads=threads)

    @contextmanager
    def source(self, path: str, *, missing: Missing, space: str | None) -> Iterator[Source]:
        """A source that is open for the block, and kept for the next one."""
        key = (path, missing, space, config_identity())
        held = self._open.take(key)
        if held is not None and not held.is_fresh():
            held.close()
            held = None
        held = held or _Opened(open_source(path, missing=missing, space=space))
        try:
            yield held.source
        finally:
            self._open.put(key, held)


class _Opened:
    """A source, and what its files looked like when it was opened: its folder, and the file that speaks for it."""

    def __init__(self, source: Source) -> None:
        self.source, self.close = source, source.close
        file = source.files(source.frames[0] if source.frames else 1)[0]
        self._files = (file.parent, file)
        self._stamps = self._look()
        self._opened = time.time_ns()

    def is_fresh(self) -> bool:
        """Whether the same path would be opened to the same source now."""
        return None not in self._stamps and self._look() == self._stamps and self._settled()

    def _look(self) -> tuple[Stamp | None, ...]:
        return tuple(map(_stamp, self._files))

    def _settled(self) -> bool:
        """Whether the files had been left alone for long enough for a later change to show in their dates."""
        return all(stamp is not None and stamp.changed + _SETTLED < self._opened for stamp in self._stamps)


class Stamp(NamedTuple):
    """What tells one state of a file from another; `changed` is its latest date in nanoseconds."""

    place: tuple[int, int]
    size: int
    modified: int
    changed: int


def _stamp(path: Path) -> Stamp | None:
    try:
        state = path.stat()
    except OSError:
        return None
    dates = state.st_mtime_ns, max(state.st_mtime_ns, state.st_ctime_ns)
    return Stamp((state.st_dev, state.st_ino), state.st_size, *dates)


class Bench:
    """What the worker has at hand. `between` is called between two frames of a render, in the worker's thread."""

    def __init__(self) -> None:
        self.generators = WarmGenerators()
        self.sources = WarmSources(self.generators)
        self.between: Callable[[], None] = lambda: None
        self._ocio: str | None = None

    def settle(self, ocio: str) -> None:
        """Stay with a colour configuration, and what is found out with it, until another one is asked for."""
        if ocio != self._ocio:
            use(ocio)
            self._ocio = ocio
