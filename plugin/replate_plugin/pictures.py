"""Pictures that the service made, as memory that both have mapped. Standard library only."""

from __future__ import annotations

import mmap
import os
import weakref
from collections import deque
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from .errors import ServiceError

__all__ = ["Picture", "Pictures"]

_FACTS = ("file", "width", "height", "channels", "space", "frame")


class Picture:
    """One frame: `pixels` are 32-bit floats, row after row from the top, `channels` side by side; or bytes, where it
    was made for a screen. `facts` say where they lie, for requests about this picture.

    `width` and `height` are those of the shot's format, `space` the colour space's name as in OCIO. In a host that
    brings numpy, `numpy.frombuffer(picture.pixels, "f4").reshape(height, width, -1)` costs nothing.

    Close it, or use it in a `with` block, once it has been shown or copied: its memory is then for another picture. It
    stays as it is for as long as an array, or a view of any kind, looks at it.
    """

    def __init__(self, facts: Mapping[str, Any], pixels: memoryview[Any]) -> None:
        self.facts = {name: facts[name] for name in _FACTS}
        self.width, self.height = int(facts["width"]), int(facts["height"])
        self.channels, self.space, self.frame = tuple(facts["channels"]), str(facts["space"]), int(facts["frame"])
        self.pixels = pixels

    def rows(self, *, from_top: bool = True) -> Iterator[memoryview[Any]]:
        """The rows in order, without a copy; hosts that count from the bottom want them from there."""
        length = self.width * len(self.channels)
        for number in range(self.height) if from_top else reversed(range(self.height)):
            yield self.pixels[number * length : (number + 1) * length]

    def close(self) -> None:
        """Look at the memory no more; `pixels` is empty from now on."""
        self.pixels = memoryview(b"").cast("f")

    def __enter__(self) -> Picture:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class _Mapped(mmap.mmap):
    """One picture's file. Every view of it, however it was made, keeps it alive, so its end is the end of them all."""


class Pictures:
    """What of one connection's pictures is still looked at."""

    def __init__(self) -> None:
        self._let_go: deque[str] = deque()

    def open(self, facts: Mapping[str, Any]) -> Picture:
        """The picture that the service tells of. Raises ServiceError where it is gone."""
        wide = int(facts.get("depth", 32)) // 8
        size = wide * int(facts["width"]) * int(facts["height"]) * len(facts["channels"])
        mapped = _map(str(facts["file"]), size)
        # Noted and no more: this happens in any thread, in the middle of anything.
        weakref.finalize(mapped, self._let_go.append, str(facts["picture"])).atexit = False
        return Picture(facts, memoryview(mapped).cast("f") if wide == 4 else memoryview(mapped))

    def released(self) -> list[str]:
        """Names of the pictures that nobody looks at any more, each told once."""
        return [self._let_go.popleft() for _ in range(len(self._let_go))]


def _map(file: str, size: int) -> _Mapped:
    try:
        handle = os.open(file, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            return _Mapped(handle, size, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
    except (OSError, ValueError) as error:
        message = f"the picture {file} cannot be read ({error}); ask for the frame again"
        raise ServiceError(message, path=file) from error
