"""A shot beside a shot: its frames are counted from where the other begins, and held where it ends too soon."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..errors import InputError
from ..frame import Frame
from ..frames import format_frames
from ..picture.layers import Layout
from .movie_source import MovieSource
from .source import Source

__all__ = ["Retimed", "beside"]


def beside(source: Source, plate: Source) -> Source:
    """`source` as a background of `plate`, whose frames it may have fewer of.

    Frames meet by number. A movie has no numbers of its own: where one of the two is a movie, the first frames meet.
    Before the first frame that one is shown, after the last that. Raises InputError where no number is in both.
    """
    if source.still or not plate.frames or source is plate:
        return source
    counted = isinstance(source, MovieSource) == isinstance(plate, MovieSource)
    shifted = Retimed(source, 0 if counted else plate.frames[0] - source.frames[0], plate.frames)
    if not set(shifted.frames) & set(plate.frames):
        raise InputError(
            f"{source.path} has the frames {format_frames(source.frames)}, and the plate has none of them; "
            "number it as the plate is",
            path=source.path,
        )
    return shifted


class Retimed(Source):
    """See `beside`. Frame `n` is frame `n - shift` of `source`, or the nearest that it has of those beyond its ends."""

    def __init__(self, source: Source, shift: int, asked: Iterable[int]) -> None:
        self._source, self._shift = source, shift
        self.frames = tuple(number + shift for number in source.frames)
        self.path, self.space, self.space_reason, self.kind = (
            source.path,
            source.space,
            source.space_reason,
            source.kind,
        )
        self.size, self.channels, self.fps = source.size, source.channels, source.fps
        held = format_frames(sorted(set(asked) - set(range(self.frames[0], self.frames[-1] + 1))))
        self.notes = source.notes + (
            (f"{self.path} does not reach frame {held}: its nearest frame is held",) if held else ()
        )

    @property
    def parts(self) -> tuple[Layout, ...]:
        return self._source.parts

    def read(self, number: int) -> Frame:
        return replace(self._source.read(self._own(number)), number=number)

    def identity(self, number: int) -> str:
        return self._source.identity(self._own(number))

    def files(self, number: int) -> tuple[Path, ...]:
        return self._source.files(self._own(number))

    def check(self, numbers: Iterable[int], *, beside: str = "") -> None:
        """Raise InputError for holes; there is nothing outside."""
        self._source.check([self._own(number) for number in numbers], beside=beside)

    def _own(self, number: int) -> int:
        return min(max(number, self.frames[0]), self.frames[-1]) - self._shift
