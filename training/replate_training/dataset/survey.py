"""A first look at a clip: what can be read, where its shots are, which of their frames to take.

Everything is read before anything is written, so that what is wrong with the sources is known at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from replate.errors import ReplateError
from replate.frames import format_frames

from .clips import Clip, Reader
from .cuts import shots
from .light import Colour, colour_of
from .proxy import Array, proxy

__all__ = ["Shot", "Survey", "survey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """Consecutive `frames` of a clip; `picks` are those to take. `proxies` are of the picks and of the last frame."""

    clip: Clip
    name: str
    frames: tuple[int, ...]
    picks: tuple[int, ...]
    proxies: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was found in a clip of `count` pictures: `what` they are in words, the shots among them, and what is to be
    said of pictures that are in no shot or were changed."""

    clip: Clip
    what: str = "unreadable"
    count: int = 0
    shots: tuple[Shot, ...] = ()
    notes: tuple[str, ...] = ()


def survey(
    clip: Clip, *, name: str, every: int, smallest: int, tell: Callable[[float], None] = lambda share: None
) -> Survey:
    """Look at every picture of a clip.

    Of each shot, which are called `name` with a number where there are several, each `every`th frame is taken.
    Pictures with a side below `smallest` pixels are left out. `tell` is told what share of the clip is done.
    """
    try:
        reader = clip.open()
    except ReplateError as error:
        return Survey(clip=clip, notes=(_reason(error, clip),))
    try:
        seen = _look(reader, clip, smallest, tell)
        found = shots(np.stack(seen.proxies), seen.sizes) if seen.proxies else []
        for at in sorted(set(range(len(seen.numbers))).difference(*found)):
            seen.note(seen.numbers[at], "blank, fading or dissolving, left out")
        return Survey(
            clip=clip,
            what=seen.what(),
            count=len(reader.frames),
            shots=tuple(_shots(clip, name, seen, found, every)),
            notes=(*(_without(note, clip.path) for note in reader.notes), *seen.told(len(reader.frames))),
        )
    finally:
        reader.close()


@dataclass(slots=True)
class _Seen:
    """What is remembered of the pictures of a clip."""

    numbers: list[int] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    proxies: list[Array] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    notes: dict[str, list[int]] = field(default_factory=dict)

    def add(self, number: int, colour: Colour) -> None:
        self.numbers.append(number)
        self.sizes.append(colour.size)
        self.proxies.append(proxy(colour.rgb, colour.space))
        depth = f"{colour.bits} bits" if colour.bits else "floating point"
        self.kinds["{}x{}".format(*colour.size) + f", {depth}, {colour.space}"] += 1
        for note in colour.notes:
            self.note(number, note)

    def note(self, number: int, text: str) -> None:
        self.notes.setdefault(text, []).append(number)

    def what(self) -> str:
        """The most frequent kind of picture, and that there are others."""
        kinds = self.kinds.most_common()
        others = f" and {len(kinds) - 1} other kinds" if len(kinds) > 1 else ""
        return kinds[0][0] + others if kinds else "nothing that can be used"

    def told(self, count: int) -> Iterator[str]:
        """The notes, with the frames that they are about."""
        for text, numbers in self.notes.items():
            frames = "all" if len(numbers) == count else f"frames {format_frames(numbers)}"
            yield text if count == 1 else f"{frames}: {text}"


def _look(reader: Reader, clip: Clip, smallest: int, tell: Callable[[float], None]) -> _Seen:
    seen = _Seen()
    for done, number in enumerate(reader.frames, 1):
        try:
            colour = colour_of(reader.read(number))
            if min(colour.size) < smallest:
                seen.note(number, "{}x{}".format(*colour.size) + f" is below {smallest} pixels, left out")
            else:
                seen.add(number, colour)
        except (ReplateError, MemoryError) as error:
            seen.note(number, f"{_reason(error, clip, number)}, left out")
        tell(done / len(reader.frames))
    return seen


def _shots(clip: Clip, name: str, seen: _Seen, found: list[list[int]], every: int) -> Iterator[Shot]:
    for index, positions in enumerate(found, 1):
        picks = positions[::every]
        yield Shot(
            clip=clip,
            name=f"{name}-{index:0{len(str(len(found)))}d}" if len(found) > 1 else name,
            frames=tuple(seen.numbers[at] for at in positions),
            picks=tuple(seen.numbers[at] for at in picks),
            proxies=np.stack([seen.proxies[at] for at in (*picks, positions[-1])]),
        )


def _reason(error: ReplateError | MemoryError, clip: Clip, number: int = 0) -> str:
    """What an error says beyond the frame and the file, which stand beside it in the report."""
    text = "it does not fit into the memory" if isinstance(error, MemoryError) else str(error)
    for path in (str(clip.file(number)), clip.path):
        for beginning in (f"frame {number} of {path} ", f"frame {getattr(error, 'frame', None)}, {path} "):
            text = text.removeprefix(beginning)
        text = _without(text, path)
    return text


def _without(text: str, path: str) -> str:
    return text.removeprefix(f"{path} ")
