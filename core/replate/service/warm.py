"""What a warm process keeps from one job to the next, so that a preview costs reading and inferring.

Everything kept is asked for again by what its file is now; what changed on disk is loaded anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from ..catalogue import find
from ..color import config_identity, use
from ..generator import Generator
from ..inspection import sidecar_of
from ..keeping.stamps import stamp
from ..workshop import Workshop
from .opened import PreviewWorkshop
from .shelf import Shelf

__all__ = ["Bench", "WarmGenerators"]

_GENERATORS = 4


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
        key = (path, stamp(path), stamp(sidecar_of(path)), config_identity(), device, threads)
        found = self._loaded.take(key)
        if found is None or found.reduced:
            found = super().generator(os.fspath(path), device=device, threads=threads)
        self._loaded.put(key, found)
        return found


class Bench:
    """What the worker has at hand: a workshop for renders, one for previews and one for proxies of the last scale.

    `between` is called between two frames of a render, in the worker's thread.
    """

    def __init__(self) -> None:
        self.generators = WarmGenerators()
        self.previews = PreviewWorkshop(self.generators)
        self.between: Callable[[], None] = lambda: None
        self._proxies = PreviewWorkshop(self.generators, scale=0.0)
        self._ocio: str | None = None

    def at(self, scale: float) -> PreviewWorkshop:
        """The workshop for previews at a fraction of their size."""
        if scale >= 1:
            return self.previews
        if self._proxies.scale != scale:
            self._proxies.close()
            self._proxies = PreviewWorkshop(self.generators, scale=scale)
        return self._proxies

    def forget(self) -> None:
        """Give back the memory that frames and nodes take."""
        self.previews.forget()
        self._proxies.forget()

    def settle(self, ocio: str) -> None:
        """Stay with a colour configuration, and what is found out with it, until another one is asked for."""
        if ocio != self._ocio:
            use(ocio)
            self._ocio = ocio
