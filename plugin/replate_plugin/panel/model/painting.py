"""A mask drawn in the panel: strokes and simple shapes in plate pixels, keyed by frame.

What is drawn on a frame holds until the next frame that is drawn on; before the first, the first one's holds.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

__all__ = ["SHAPES", "Painting", "Stroke"]

SHAPES = ("brush", "rectangle", "ellipse")
Point = tuple[float, float]


@dataclass(frozen=True)
class Stroke:
    """A line of a round brush `size` pixels wide through `points`, or a filled shape between the first and the last.

    One that `erases` takes away what is below it.
    """

    shape: str
    points: tuple[Point, ...]
    size: float = 40.0
    erases: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Stroke:
        """From plain data."""
        points = tuple((float(x), float(y)) for x, y in data["points"])
        return cls(str(data["shape"]), points, float(data["size"]), bool(data["erases"]))


@dataclass(frozen=True)
class Painting:
    """Strokes by the frame from which they hold."""

    keys: Mapping[int, tuple[Stroke, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.keys)

    def key_of(self, frame: int) -> int | None:
        """The drawn frame that holds at a frame; None where nothing is drawn at all."""
        numbers = sorted(self.keys)
        return numbers[max(0, bisect_right(numbers, frame) - 1)] if numbers else None

    def at(self, frame: int) -> tuple[Stroke, ...]:
        """What is drawn at a frame, the lowest first."""
        key = self.key_of(frame)
        return () if key is None else self.keys[key]

    def with_stroke(self, frame: int, stroke: Stroke) -> Painting:
        """One more stroke on a frame, over what holds there; the frame becomes a key."""
        return self._with(frame, (*self.at(frame), stroke))

    def cleared(self, frame: int) -> Painting:
        """Nothing on this frame, from here to the next key."""
        return self._with(frame, ())

    def without_key(self, frame: int) -> Painting:
        """The frame shows what the key before it shows, again."""
        return Painting({number: strokes for number, strokes in self.keys.items() if number != frame})

    @property
    def digest(self) -> str:
        """Short, and another one for every other painting."""
        return hashlib.sha256(json.dumps(self.to_data(), sort_keys=True).encode()).hexdigest()[:12]

    def to_data(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {str(frame): [asdict(stroke) for stroke in strokes] for frame, strokes in sorted(self.keys.items())}

    @classmethod
    def of(cls, data: Mapping[str, Sequence[Mapping[str, Any]]]) -> Painting:
        """From plain data."""
        return cls({int(frame): tuple(map(Stroke.of, strokes)) for frame, strokes in data.items()})

    def _with(self, frame: int, strokes: tuple[Stroke, ...]) -> Painting:
        return replace(self, keys={**self.keys, frame: strokes})
