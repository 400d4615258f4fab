"""Which tiles cover a frame, so that a tile shows nothing that the whole frame would not.

Tiles start on multiples of the network's step, so its coarse grids fall on the same pixels as in the whole frame, and
only that middle of a tile is kept which its borders cannot reach. Borders of the frame are borders of the tile.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ..card import Card
from ..errors import GeneratorError, UsageError

__all__ = ["AUTO", "Spans", "Tile", "parse", "plan", "smaller"]

Spans = tuple[slice, slice]  # rows and columns
_Span = tuple[int, int, int, int]  # read from, read to, keep from, keep to


@dataclass(frozen=True, slots=True)
class Tile:
    """Rows and columns to read, which may reach beyond the frame, and those within the frame to keep."""

    read: Spans
    keep: Spans

    @property
    def inner(self) -> Spans:
        """What to keep, counted from the tile's own corner."""
        rows, columns = (
            slice(keep.start - read.start, keep.stop - read.start)
            for read, keep in zip(self.read, self.keep, strict=True)
        )
        return rows, columns

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of what is read."""
        height, width = (span.stop - span.start for span in self.read)
        return height, width


AUTO = -1
"""A tile side that is still to be chosen."""


def parse(tile: str | int) -> int | None:
    """The side of a tile in pixels from "auto" (AUTO), "off" (None) or a number; UsageError for anything else."""
    if tile in ("auto", "off"):
        return AUTO if tile == "auto" else None
    try:
        side = int(tile)
    except ValueError:
        side = 0
    if side < 1:
        raise UsageError(f"tile '{tile}' is not known; give auto, off or a size in pixels", parameter="tile")
    return side


def plan(height: int, width: int, card: Card, *, side: int | None, lead: tuple[int, int] = (0, 0)) -> tuple[Tile, ...]:
    """Tiles of one size, about `side` x `side` pixels, that cover a frame; None for the frame in one piece.

    `lead` are the rows and columns by which the network's grid begins before the frame. A generator that needs the
    whole frame gets it, one of fixed size gets tiles of that size.
    """
    if card.fit == "resize":
        whole = (height, width) if card.size else _padded(height, width, card)
        return _tiled(whole, whole, (height, width), (0, 0), card)
    size = _padded(height + lead[0], width + lead[1], card)
    if card.size:
        size, tile = (max(size[0], card.size[0]), max(size[1], card.size[1])), card.size
    else:
        tile = size if side is None else (_balanced(size[0], side, card), _balanced(size[1], side, card))
    return _tiled(size, tile, (height, width), lead, card)


def smaller(height: int, width: int, card: Card, *, side: int | None) -> int | None:
    """Half of the side, at last the smallest that works; None where there is no smaller tile."""
    if card.fit == "resize" or card.size:
        return None
    now = max(_padded(height, width, card)) if side is None else side
    half = max(now // 2, _least(card))
    return half if half < now else None


def _balanced(full: int, side: int, card: Card) -> int:
    """The tile that covers a length in as few equal steps as tiles of `side` would."""
    border = 2 * _ceil(card.overlap, card.multiple)
    step = max(_least(card), side // card.multiple * card.multiple) - border
    count = max(1, math.ceil((full - border) / step))
    return min(full, _ceil(math.ceil((full - border) / count), card.multiple) + border)


def _least(card: Card) -> int:
    """The smallest tile that has a middle worth keeping."""
    return 2 * _ceil(card.overlap, card.multiple) + _ceil(64, card.multiple)


def _padded(height: int, width: int, card: Card) -> tuple[int, int]:
    """The frame's size on the network's grid.

    More than `overlap` pixels, because a network's own reflections must find something to reflect.
    """
    least = card.overlap + 1
    return _ceil(max(height, least), card.multiple), _ceil(max(width, least), card.multiple)


def _tiled(
    size: tuple[int, int], tile: tuple[int, int], frame: tuple[int, int], lead: tuple[int, int], card: Card
) -> tuple[Tile, ...]:
    """Tiles over the padded `size`, told in pixels of the frame, which lies `lead` inside of it."""
    overlap = _ceil(card.overlap, card.multiple)
    if any(part < full and 2 * overlap >= part for full, part in zip(size, tile, strict=True)):
        raise GeneratorError(
            f"generator '{card.name}' leaves nothing of a {tile[1]}x{tile[0]} tile with an overlap of {overlap}; "
            "state a smaller overlap or fit 'resize' in its card"
        )
    rows, columns = (
        [_within(span, first, length) for span in _spans(full, part, overlap)]
        for full, part, first, length in zip(size, tile, lead, frame, strict=True)
    )
    return tuple(_tile(row, column) for row in rows for column in columns)


def _within(span: _Span, lead: int, length: int) -> _Span:
    """A span of the padded frame in pixels of the frame itself; nothing outside of it is kept."""
    read, until, first, last = (position - lead for position in span)
    return read, until, max(first, 0), min(last, length)


def _spans(length: int, tile: int, overlap: int) -> Iterator[_Span]:
    """Equal spans that cover `length`; each pixel is kept from a span whose inner borders are `overlap` away."""
    step = tile - 2 * overlap
    count = 1 if tile == length else 1 + math.ceil((length - tile) / step)
    starts = [min(i * step, length - tile) for i in range(count)]
    edges = [0, *(start + overlap for start in starts[1:]), length]
    for start, (first, last) in zip(starts, pairwise(edges), strict=True):
        yield start, start + tile, first, last


def _tile(row: _Span, column: _Span) -> Tile:
    return Tile((slice(*row[:2]), slice(*column[:2])), (slice(*row[2:]), slice(*column[2:])))


def _ceil(length: int, multiple: int) -> int:
    return -(-length // multiple) * multiple
