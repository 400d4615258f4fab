"""What the air has been through: its own time at every frame, how it moved then, and how far it was carried by then."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..params import Curve, Setting

__all__ = ["KEYED", "Course", "course_of"]

Array = npt.NDArray[Any]

KEYED = ("speed", "size", "rise", "wind.x", "wind.y", "turbulence")
"""Parameters whose keyframes are felt by what burns later, not only at their own frame."""


@dataclass(frozen=True)
class Course:
    """A table of moments, a row each, between which everything changes evenly.

    Columns: frame; own time; speed right, down (pixels a unit of own time); the eddies' speed; how far the air was
    carried right, down since own time 0 (largest eddies); the same for the eddies' own way.
    """

    rows: Array

    @classmethod
    def steady(cls, values: Mapping[str, Any], frame: float, *, before: float) -> Course:
        """Of values that never change; the table reaches `before` frames back and one beyond `frame`."""
        return cls(_rows(np.array([frame - before, frame, frame + 1]), lambda name: values[name], values["offset"]))

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]]) -> Course:
        """From what `course_of` gave."""
        return cls(np.array(rows, np.float64))

    def time(self, frame: float) -> float:
        """Own time at a frame."""
        return float(np.interp(frame, self.rows[:, 0], self.rows[:, 1]))

    def at(self, time: float) -> Array:
        """All columns at an own time."""
        return np.array([np.interp(time, self.rows[:, 1], column) for column in self.rows.T])


def course_of(settings: Mapping[str, Setting], frame: int, *, before: int) -> list[list[float]]:
    """The rows of the course of `settings` from `before` frames back to one beyond `frame`, as plain numbers.

    Own time begins at frame 0, as if nothing had been keyed before the first key.
    """
    keys = [key for name in KEYED if isinstance(curve := settings[name], Curve) for key, _ in curve.keys]
    start = min(math.floor(min(keys)), frame - before)
    frames = np.arange(start, frame + 2, dtype=np.float64)

    def at(name: str) -> Any:
        setting = settings[name]
        return np.array([setting.at(each) for each in frames]) if isinstance(setting, Curve) else setting

    offset = settings["offset"]
    rows: list[list[float]] = _rows(frames, at, float(offset))[-before - 2 :].tolist()  # type: ignore[arg-type]
    return rows


def _rows(frames: Array, at: Callable[[str], Any], offset: float) -> Array:
    """Columns as in `Course`; sums by the trapezoidal rule from the first frame on, before which all was the same."""
    speed, size, rise, right, down, eddies = (np.broadcast_to(np.float64(at(name)), frames.shape) for name in KEYED)
    time = _sum(speed, frames, speed[0] * frames[0] + offset)
    moves = [right, down - rise, eddies]
    sums = [_sum(each / size, time, each[0] / size[0] * time[0]) for each in moves]
    return np.stack([frames, time, *moves, *sums], axis=-1)


def _sum(rate: Array, over: Array, first: float) -> Array:
    steps = (rate[1:] + rate[:-1]) / 2 * np.diff(over)
    return first + np.concatenate([[0.0], np.cumsum(steps)])
