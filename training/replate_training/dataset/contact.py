"""Contact sheets: one row a shot. Shots of one picture, as photographs are, share rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np

from replate.color import to_display
from replate.frame import Frame
from replate.media import write_picture

from .proxy import Array

__all__ = ["COLUMNS", "Strip", "thumbnail", "write_sheets"]

COLUMNS = 8
_WIDTH, _HEIGHT, _GAP, _LABEL = 192, 108, 4, 18
_ROWS = 60  # a sheet; a JPEG ends at 65,535 lines
_GROUND, _TEXT, _HELD = (24, 24, 24), (200, 200, 200), (255, 170, 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Small pictures of a shot, and what is written above them; `held` ones are marked."""

    text: str
    pictures: Sequence[Array]
    held: bool


def thumbnail(frame: Frame) -> Array:
    """A stored picture as a screen shows it, fitted into 192 x 108, uint8."""
    height, width = frame.pixels.shape[:2]
    factor = min(_WIDTH / width, _HEIGHT / height)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(np.asarray(frame.pixels[..., :3], np.float32), size, interpolation=cv2.INTER_AREA)
    return (to_display(small, frame.space) * 255 + 0.5).astype(np.uint8)


def write_sheets(strips: Sequence[Strip], folder: Path) -> list[Path]:
    """contact.jpg, or contact_1.jpg and so on where there are many shots; returns what was written."""
    rows = list(map(_row, _rows(strips)))
    pages = [rows[top : top + _ROWS] for top in range(0, len(rows), _ROWS)]
    written = []
    for number, page in enumerate(pages, 1):
        path = folder / (f"contact_{number}.jpg" if len(pages) > 1 else "contact.jpg")
        write_picture(np.concatenate(page), path)
        written.append(path)
    return written


def _rows(strips: Sequence[Strip]) -> Iterator[Sequence[Strip]]:
    for alone, each in groupby(strips, lambda strip: len(strip.pictures) == 1):
        mine, step = list(each), COLUMNS if alone else 1
        yield from (mine[left : left + step] for left in range(0, len(mine), step))


def _row(strips: Sequence[Strip]) -> Array:
    """Strips from left to right, each with its text above."""
    step = _WIDTH + _GAP
    row = np.full((_LABEL + _HEIGHT + _GAP, COLUMNS * step, 3), _GROUND, np.uint8)
    left = 0
    for strip in strips:
        end = left + len(strip.pictures) * step if len(strips) > 1 else row.shape[1]
        _write(row[:_LABEL, left : end - _GAP], strip.text, _HELD if strip.held else _TEXT)
        for picture in strip.pictures:
            row[_LABEL : _LABEL + picture.shape[0], left : left + picture.shape[1]] = picture
            if strip.held:
                row[-_GAP : -_GAP // 2, left : left + _WIDTH] = _HELD
            left += step
    return row


def _write(area: Array, text: str, colour: tuple[int, int, int]) -> None:
    plain = text.encode("ascii", "replace").decode()
    canvas = np.ascontiguousarray(area)
    cv2.putText(canvas, plain, (2, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
    area[:] = canvas
