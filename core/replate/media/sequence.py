"""Sequences of pictures, and stills."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

from ..color import plate_space
from ..errors import InputError
from ..frame import Frame
from ..frames import MOST_FRAMES, format_frames
from ..keeping.stamps import identity
from ..picture.layers import Layout
from .attributes import rate_of
from .images import Header, read_header, read_image
from .pattern import Pattern
from .source import Kind, Missing, Source

__all__ = ["SequenceSource"]

_TRIES = 20  # of a shot that begins with so many broken files, the others are not worth the wait


class SequenceSource(Source):
    """Numbered files, or one still; see `Source`.

    A hole in the numbers is met by `missing`: "error" reports it, "skip" leaves it out of `frames`, "hold" shows the
    nearest earlier file in its place, "black" a picture like that file with 0 in every channel. A shot in which every
    second file exists is a shot on twos, not one with holes. A file that is there and cannot be read is no hole but an
    error of its frame; size, space and channels are told by the first that can.
    """

    def __init__(
        self,
        path: str,
        files: Mapping[int, Path],
        *,
        frames: tuple[int, ...],
        missing: Missing,
        space: str | None,
        still: bool = False,
    ) -> None:
        self.path, self.frames, self.still = path, frames, still
        self._files, self._policy = files, missing
        self._numbers = sorted(files)
        self._first, header = _first_readable(files[number] for number in self._numbers)
        self.kind = _kind(header, self._first)
        self.space, self.space_reason = plate_space(
            self._first, self.kind, asked=space, tags=(header.color_tag,), chromaticities=header.chromaticities
        )
        self.size = header.display_window.width, header.display_window.height
        self.channels, self._parts = header.channels, header.parts
        self.fps = rate_of(header.metadata)

    @classmethod
    def find(cls, pattern: Pattern, *, missing: Missing, space: str | None) -> SequenceSource:
        """The files that a pattern names."""
        files = pattern.find()
        return cls(pattern.text, files, frames=_shot(pattern, files, missing), missing=missing, space=space)

    @classmethod
    def of_still(cls, path: Path, *, space: str | None) -> SequenceSource:
        """One file; its frame number is the one in its name (`shot.1001.exr`), else 1."""
        digits = re.search(r"(?:^|[._-])(-?[0-9]+)$", path.stem)
        number = int(digits[1]) if digits else 1
        return cls(str(path), {number: path}, frames=(number,), missing="error", space=space, still=True)

    @property
    def parts(self) -> tuple[Layout, ...]:
        """The parts of the first file."""
        return self._parts

    def read(self, number: int) -> Frame:
        """The frame, or what stands in for it."""
        path, present = self._stand_in(number)
        frame = read_image(path, number=number, space=self.space)
        self._check_size(frame, path)
        return frame if present else _black(frame)

    def _check_size(self, frame: Frame, path: Path) -> None:
        """A data window may move and channels may come and go; the format of a shot is one."""
        size = frame.display_window.width, frame.display_window.height
        if size != self.size:
            ours, theirs = (f"{width}x{height}" for width, height in (size, self.size))
            raise InputError(
                f"frame {frame.number}, {path} is {ours}, but {self._first.name} is {theirs}; "
                "render it in the size of the shot or leave it out with --frames",
                frame=frame.number,
                path=path,
            )

    def identity(self, number: int) -> str:
        """That of the file that `read` would open; its name where there is nothing behind it."""
        path, present = self._stand_in(number)
        return f"{'' if present else 'black like '}{identity(path)}"

    def files(self, number: int) -> tuple[Path, ...]:
        """The file of the frame, or that of its stand-in."""
        return (self._stand_in(number)[0],)

    def missing(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Numbers without a file; none where a policy takes care of them."""
        if self.still or self._policy != "error":
            return ()
        return tuple(number for number in numbers if number not in self._files)

    def _stand_in(self, number: int) -> tuple[Path, bool]:
        """The file to open, and whether its pixels are to be shown."""
        if self.still:
            return self._files[self._numbers[0]], True
        if number in self._files:
            return self._files[number], True
        earlier = bisect_right(self._numbers, number)
        if self._policy in ("error", "skip") or not 0 < earlier < len(self._numbers):
            message = f"frame {number} of {self.path} is missing; render it or choose --missing hold or black"
            raise InputError(message, frame=number, path=self.path)
        return self._files[self._numbers[earlier - 1]], self._policy == "hold"


def _shot(pattern: Pattern, files: Mapping[int, Path], missing: Missing) -> tuple[int, ...]:
    """The frames of a shot in order: those that the path names, else all from the first file to the last."""
    numbers = sorted(files)
    if missing == "skip":
        shot = pattern.frames or tuple(numbers)
        wanted = tuple(number for number in shot if number in files)
    else:
        shot = wanted = pattern.frames or _without_holes(numbers, files, pattern.text)
    if not wanted or wanted[0] < numbers[0] or wanted[-1] > numbers[-1]:
        lacking = format_frames(number for number in shot if number not in files)
        message = f"{pattern.text} has no files for {lacking}, only for {format_frames(numbers)}; correct its frames"
        raise InputError(message, frame=shot[0], path=pattern.text)
    return wanted


def _without_holes(numbers: list[int], files: Mapping[int, Path], text: str) -> tuple[int, ...]:
    """From the first to the last in the step that they have in common."""
    step = math.gcd(*(later - earlier for earlier, later in pairwise(numbers))) or 1
    shot = range(numbers[0], numbers[-1] + 1, step)
    if len(shot) > MOST_FRAMES:
        ends = f"{files[numbers[0]].name} to {files[numbers[-1]].name}"
        raise InputError(f"{text} would have {len(shot)} frames, from {ends}; move what is not of the shot", path=text)
    return tuple(shot)


def _first_readable(files: Iterable[Path]) -> tuple[Path, Header]:
    """The first file that has a readable header, and that header; the first file's InputError where none has."""
    errors = []
    for file in islice(files, _TRIES):
        try:
            return file, read_header(file)
        except InputError as error:
            errors.append(error)
    raise errors[0]


def _black(frame: Frame) -> Frame:
    parts = [replace(part, pixels=np.zeros_like(part.pixels)) for part in frame.parts]
    return Frame.of_parts(parts, frame.part)


def _kind(header: Header, path: Path) -> Kind:
    if path.suffix.lower() in (".dpx", ".cin"):
        return "log"
    light = set(header.formats) & {"half", "float", "double"} or path.suffix.lower() == ".exr"
    return "scene" if light else "picture"
