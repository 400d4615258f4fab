"""Keyframes, as `replate.params.Curve` reads them; the test holds the two together."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["Curve", "Setting", "from_data", "plain", "to_data", "value_at"]

Value = float | int | bool | str


@dataclass(frozen=True)
class Curve:
    """(frame, value) pairs in frame order; held before the first and after the last.

    "linear" joins the keys by straight lines, "smooth" by cubics that are flat at every key, "hold" steps.
    """

    keys: tuple[tuple[float, float], ...]
    interpolation: str = "linear"

    def at(self, frame: float) -> float:
        """The value at `frame`."""
        following = bisect_right([key[0] for key in self.keys], frame)
        if following == 0:
            return self.keys[0][1]
        if following == len(self.keys) or self.interpolation == "hold":
            return self.keys[following - 1][1]
        (start, low), (end, high) = self.keys[following - 1], self.keys[following]
        amount = (frame - start) / (end - start)
        if self.interpolation == "smooth":
            amount = amount * amount * (3 - 2 * amount)
        return low + (high - low) * amount

    def has_key(self, frame: int) -> bool:
        """Whether there is a key on a frame."""
        return any(key[0] == frame for key in self.keys)

    def with_key(self, frame: int, value: float) -> Curve:
        """The curve with a key there, in place of one that was."""
        others = (key for key in self.keys if key[0] != frame)
        return replace(self, keys=tuple(sorted([*others, (float(frame), float(value))])))

    def without_key(self, frame: int) -> Curve:
        """The curve without its key there; it may have none left."""
        return replace(self, keys=tuple(key for key in self.keys if key[0] != frame))


Setting = Value | Curve


def value_at(setting: Setting, frame: int, kind: str) -> Value:
    """A setting's plain value at a frame, for a knob of this kind."""
    if not isinstance(setting, Curve):
        return setting
    value = setting.at(frame)
    if kind == "bool":
        return bool(value)
    return round(value) if kind == "int" else value


def to_data(setting: Setting) -> Any:
    """A setting as a job file has it."""
    if not isinstance(setting, Curve):
        return setting
    return {"keys": [list(key) for key in setting.keys], "interpolation": setting.interpolation}


def plain(data: Any) -> Value:
    """A value from a job file. Raises ValueError for what is none."""
    if isinstance(data, float | int | str):
        return data
    raise ValueError("a value is a number, a text, true or false")


def from_data(data: Any) -> Setting:
    """A setting from a job file. Raises ValueError for what is none."""
    if not isinstance(data, Mapping):
        return plain(data)
    try:
        keys = sorted((float(frame), float(value)) for frame, value in data["keys"])
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError("keyframes are pairs of frame and value") from error
    if not keys:
        raise ValueError("a curve needs a key")
    return Curve(tuple(keys), str(data.get("interpolation", "linear")))
