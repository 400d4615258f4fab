"""A plate of nothing: frames to lay a made picture on."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np

from ..color import file_space
from ..errors import UsageError
from ..frame import Frame
from ..job import BLANK
from .attributes import rate_of, shot_metadata
from .source import Kind, Source

__all__ = ["BlankSource"]

_LARGEST = 65536  # pixels a side
_SPELLING = re.compile(BLANK + r"([1-9]\d{0,4})x([1-9]\d{0,4})(?:@([1-9]\d*(?:[./]\d*[1-9]\d*)?))?")


class BlankSource(Source):
    """`blank:WIDTHxHEIGHT` or `blank:WIDTHxHEIGHT@FPS`: R, G, B and A are 0 at every frame number.

    It has no frames of its own, so whoever renders must say which. Raises UsageError for another spelling.
    """

    kind: Kind = "scene"
    channels = tuple("RGBA")
    frames = ()
    still = True

    def __init__(self, path: str, *, space: str | None = None) -> None:
        found = _SPELLING.fullmatch(path)
        if found is None or max(int(found[1]), int(found[2])) > _LARGEST:
            raise UsageError(
                f"'{path}' is no plate; write blank:WIDTHxHEIGHT as in blank:1920x1080, or with a frame rate as in "
                "blank:1920x1080@24"
            )
        self.path = path
        self.size = int(found[1]), int(found[2])
        self.fps = rate_of({"framesPerSecond": float(Fraction(found[3]))}) if found[3] else None
        self.space = space or file_space("scene")
        self.space_reason = "as was asked" if space else "light, as usual"

    def read(self, number: int) -> Frame:
        """The empty frame `number`."""
        pixels = np.zeros((self.size[1], self.size[0], len(self.channels)), np.float16)
        formats, metadata = ("half",) * len(self.channels), shot_metadata(rate=self.fps)
        return Frame.of(pixels, number=number, space=self.space, formats=formats, metadata=metadata)

    def identity(self, number: int) -> str:
        """One emptiness is like another."""
        return self.path

    def files(self, number: int) -> tuple[()]:
        """There are none."""
        return ()
