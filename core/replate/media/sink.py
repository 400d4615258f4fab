"""Where frames go."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from ..color import interop_id, resolve_space, to_space
from ..errors import UsageError
from ..frame import Frame
from ..picture.alpha import covered
from .parts import make_folder
from .source import Source

__all__ = ["Sink", "check_not_same", "in_space"]

# What a header says of the colour that it no longer holds after a conversion.
_COLOUR = ("ICCProfile", "chromaticities", "colorInteropID", "oiio:ColorSpace")


class Sink(ABC):
    """A place to write frames to; nothing shows under its final name before it is complete.

    `ordered` sinks (movies) take frames in the order of the shot from one thread at a time; others take any frame
    from any thread. `space` is the colour space of the file: frames that say they are in another are converted, scene
    light through the view where the file holds pictures (see `color.to_space`). Leaving a `with` block by an
    exception aborts. `name` is `path` with the frame number as %04d, however it was typed. `layered` sinks keep any
    channels, parts and windows; others one picture. `notes` are sentences that the user should read before it is used.
    """

    path: str
    name: str
    space: str
    ordered: bool = False
    layered: bool = False
    notes: tuple[str, ...] = ()

    @abstractmethod
    def target(self, number: int) -> Path:
        """The final name of the file that frame `number` is in."""

    def begin(self) -> None:
        """Make the folder and clear away what a kill has left there, before the first frame; entering does it, too.

        Raises OutputError. Until then nothing on the disk is touched.
        """
        make_folder(Path(self.path))

    @abstractmethod
    def write(self, frame: Frame) -> None:
        """Write a frame; raises OutputError that names it and the file."""

    @abstractmethod
    def close(self) -> None:
        """Finish: a movie gets its final name only now. Raises OutputError."""

    @abstractmethod
    def abort(self) -> None:
        """Remove everything unfinished; finished frames stay."""

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abort()


def check_not_same(source: Source, sink: Sink, numbers: Iterable[int]) -> None:
    """Raise UsageError where one of the frames would be written over a file of `source`, by any name or link."""
    for number in numbers:
        target = sink.target(number)
        for file in source.files(number) if target.exists() else ():
            if file.exists() and target.samefile(file):
                raise UsageError(f"the output {target} is the input {file}; write somewhere else", path=target)


def in_space(frame: Frame, space: str, *, solid: bool = False) -> Frame:
    """The frame with its colour in `space`; the very same where it is there already or has no colour.

    Colour is converted as it stands, or, where it is multiplied by alpha and `solid`, as the solid thing has it.
    """
    positions = frame.rgb()
    if positions is None or not frame.space or resolve_space(frame.space) == space:
        return frame
    colour = list(dict.fromkeys(positions))
    cover = covered(frame) if solid else np.float32(1)
    with np.errstate(invalid="ignore"):  # plates hold NaN and inf, which stay so
        converted = cover * to_space(frame.pixels[..., positions].astype(np.float32) / cover, frame.space, space)
    pixels = frame.pixels.astype(np.float32)
    pixels[..., colour] = converted[..., : len(colour)]
    metadata = {name: value for name, value in frame.metadata.items() if not name.startswith(_COLOUR)}
    if tag := interop_id(space):
        metadata["colorInteropID"] = tag  # what the next program tells the space by
    return replace(frame, pixels=pixels, space=space, metadata=metadata)
