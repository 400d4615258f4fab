"""Where frames come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from ..errors import InputError, UsageError
from ..frame import Frame
from ..frames import format_frames
from ..picture.layers import Layout, Listing

__all__ = ["Kind", "Missing", "Source"]

Missing = Literal["error", "skip", "hold", "black"]
Kind = Literal["scene", "picture", "log", "video"]


class Source(ABC):
    """A shot or a still to read from; `read` may be called from any thread.

    `frames` are the numbers that a render without a range takes, in order. `space` is the colour space that the
    pixels are in and `space_reason` says in words how that is known. `kind` tells how the pixels are stored: scene
    light, a picture for a screen, a log scan, or video. `size` is width and height of the display window, `channels`
    what the first frame holds. `still` sources show the same picture at every frame number. `notes` are
    sentences that the user should read before it is used.
    """

    path: str
    frames: tuple[int, ...]
    space: str
    space_reason: str
    kind: Kind
    size: tuple[int, int]
    channels: tuple[str, ...] = tuple("RGB")
    fps: Fraction | None = None
    still: bool = False
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Layout, ...]:
        """What the parts of the first frame hold, in the file's order."""
        return (Listing(self.channels),)

    @abstractmethod
    def read(self, number: int) -> Frame:
        """The frame `number`, decoded; raises InputError that names the frame and the file."""

    @abstractmethod
    def identity(self, number: int) -> str:
        """Changes when `read(number)` would return something else; part of the hash that `already done` is told by."""

    def files(self, number: int) -> tuple[Path, ...]:
        """The files that `read(number)` takes its pixels from."""
        return (Path(self.path),)

    def missing(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Those of `numbers` inside the shot that have no file and no stand-in."""
        return ()

    def check(self, numbers: Iterable[int], *, beside: str = "") -> None:
        """Raise UsageError for numbers outside the shot and InputError for holes in it.

        `beside` is what the source is called where its frames have to be those of a plate, as mask.
        """
        asked = tuple(numbers)
        if self.still:
            return
        outside = [number for number in asked if not self.frames[0] <= number <= self.frames[-1]]
        if outside:
            asked_for, has = format_frames(outside), f"{self.frames[0]}-{self.frames[-1]}"
            message = f"{self.path} has frames {has}, not {asked_for}; correct --frames"
            if beside:
                message = f"the {beside} {message}, or number the {beside} as the plate"
            raise UsageError(message, frame=outside[0], path=self.path)
        if holes := self.missing(asked):
            message = (
                f"{self.path} has no file for {format_frames(holes)}; render it or choose --missing skip, hold or black"
            )
            raise InputError(message, frame=holes[0], path=self.path)

    def close(self) -> None:  # noqa: B027  (most sources hold nothing open)
        """Let go of open files."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
