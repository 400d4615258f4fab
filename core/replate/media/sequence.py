"""Sequences of pictures, and stills."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from ..color import plate_space
from ..errors import InputError
from ..frame import Frame
from ..layers import Layout
from .attributes import rate_of
from .images import Header, read_header, read_image
from .pattern import Pattern
from .source import Kind, Missing, Source

__all__ = ["SequenceSource"]


class SequenceSource(Source):
    """Numbered files, or one still; see `Source`.

    A hole in the numbers is met by `missing`: "error" reports it, "skip" leaves it out of `frames`, "hold" shows the
    nearest earlier file in its place, "black" a picture like that file with 0 in every channel. A shot in which every
    second file exists is a shot on twos, not one with holes.
    """

    def __init__(self, path: str, files: dict[int, Path], *, missing: Missing, space: str | None, still: bool) -> None:
        self.path, self.still = path, still
        self._files, self._policy = files, missing
        self._numbers = sorted(files)
        self.frames = tuple(self._numbers) if missing == "skip" else _without_holes(self._numbers)
        header = read_header(files[self._numbers[0]])
        self.kind = _kind(header, files[self._numbers[0]])
        self.space, self.space_reason = plate_space(
            files[self._numbers[0]], self.kind, asked=space, tags=(header.color_tag,), chromaticities=header.chromaticities
        )
        self.size = header.display_window.width, header.display_window.height
        self.channels, self._parts = header.channels, header.parts
        self.fps = rate_of(header.metadata)

    @classmethod
    def find(cls, pattern: Pattern, *, missing: Missing, space: str | None) -> SequenceSource:
        """The files that a pattern names."""
        return cls(pattern.text, pattern.find(), missing=missing, space=space, still=False)

    @classmethod
    def of_still(cls, path: Path, *, space: str | None) -> SequenceSource:
        """One file; its frame number is the one in its name (`shot.1001.exr`), else 1."""
        digits = re.search(r"[._](-?\d+)$", path.stem)
        return cls(str(path), {int(digits[1]) if digits else 1: path}, missing="error", space=space, still=True)

    @property
    def parts(self) -> tuple[Layout, ...]:
        """The parts of the first file."""
        return self._parts

    def read(self, number: int) -> Frame:
        """The frame, or what stands in for it."""
        path, present = self._stand_in(number)
        frame = read_image(path, number=number, space=self.space)
        return frame if present else replace(frame, pixels=np.zeros_like(frame.pixels))

    def identity(self, number: int) -> str:
        """Name, size and time of the file that `read` would open."""
        path, present = self._stand_in(number)
        try:
            state = path.stat()
        except OSError as error:
            raise InputError(f"frame {number}, {path} cannot be read: {error.strerror}", frame=number) from error
        return f"{'' if present else 'black like '}{path.name} {state.st_size} {state.st_mtime_ns}"

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
            raise InputError(f"frame {number} of {self.path} is missing", frame=number, path=self.path)
        return self._files[self._numbers[earlier - 1]], self._policy == "hold"


def _without_holes(numbers: list[int]) -> tuple[int, ...]:
    step = math.gcd(*(later - earlier for earlier, later in pairwise(numbers))) or 1
    return tuple(range(numbers[0], numbers[-1] + 1, step))


def _kind(header: Header, path: Path) -> Kind:
    if path.suffix.lower() in (".dpx", ".cin"):
        return "log"
    light = set(header.formats) & {"half", "float", "double"} or path.suffix.lower() == ".exr"
    return "scene" if light else "picture"
