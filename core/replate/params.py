"""Parameters, declared once.

A `Param` is the only place where a name, a default, a range or a help text of a knob is written. The command line,
host knobs, panels, farm templates and the reference pages read these declarations. A value is a constant or a
`Curve` of keyframes; `resolve` gives plain values at a frame.
"""

from __future__ import annotations

import difflib
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .errors import UsageError

__all__ = [
    "Curve",
    "Param",
    "Setting",
    "Value",
    "check_settings",
    "format_setting",
    "nearest",
    "parse_setting",
    "resolve",
    "with_defaults",
]

Value = float | int | bool | str
Kind = Literal["float", "int", "bool", "choice", "text"]
Interpolation = Literal["linear", "smooth", "hold"]


@dataclass(frozen=True, slots=True)
class Curve:
    """Keyframes: (frame, value) pairs in frame order; constant before the first and after the last.

    "linear" joins the keys by straight lines, "smooth" by cubics that are flat at every key, "hold" steps.
    """

    keys: tuple[tuple[float, float], ...]
    interpolation: Interpolation = "linear"

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


Setting = Value | Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One knob: what it is called, what it may hold, and what it is when nobody touches it.

    `minimum` and `maximum` are hard limits; `soft` is the range that a slider shows. `unit` is a word for the label
    ("px", "stops", ...). `keyable` parameters of kind float, int and bool may be a `Curve`; a bool steps at its keys.
    """

    name: str
    kind: Kind
    default: Value
    help: str
    label: str = ""
    minimum: float | None = None
    maximum: float | None = None
    soft: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""
    section: str = "Look"
    keyable: bool = True

    @property
    def title(self) -> str:
        """The label that a panel shows."""
        return self.label or self.name.replace("_", " ").replace(".", " ").capitalize()

    @property
    def allowed(self) -> str:
        """The allowed values in words, for help texts and errors."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind in ("bool", "text"):
            return {"bool": "true or false", "text": "text"}[self.kind]
        noun = "a whole number" if self.kind == "int" else "a number"
        if self.minimum is not None and self.maximum is not None:
            return f"{noun} from {self.minimum:g} to {self.maximum:g}"
        if self.minimum is not None:
            return f"{noun}, at least {self.minimum:g}"
        return noun if self.maximum is None else f"{noun}, at most {self.maximum:g}"

    def check(self, setting: object) -> Setting:
        """The setting, converted to this parameter's kind; raises UsageError that names the allowed range."""
        if isinstance(setting, Curve):
            return self._check_curve(setting)
        return self._check_value(setting)

    def _check_curve(self, curve: Curve) -> Curve:
        if not self.keyable or self.kind not in ("float", "int", "bool"):
            raise UsageError(f"parameter '{self.name}' cannot have keyframes; give one value", parameter=self.name)
        if not curve.keys:
            raise UsageError(f"parameter '{self.name}' has a curve without keyframes", parameter=self.name)
        keys = [(float(frame), float(self._check_value(value))) for frame, value in curve.keys]
        if len({frame for frame, _ in keys}) != len(keys):
            raise UsageError(f"parameter '{self.name}' has two keyframes on one frame", parameter=self.name)
        return Curve(tuple(sorted(keys)), "hold" if self.kind == "bool" else curve.interpolation)

    def _check_value(self, value: object) -> Value:
        converted = _CONVERT[self.kind](value)
        if converted is None or not self._inside(converted):
            message = f"parameter '{self.name}' must be {self.allowed}, not {value!r}"
            raise UsageError(message, parameter=self.name)
        return converted

    def _inside(self, value: Value) -> bool:
        if self.kind == "choice":
            return value in self.choices
        if isinstance(value, str):
            return True
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        return low <= value <= high


def _to_float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _to_int(value: object) -> int | None:
    number = _to_float(value)
    return int(number) if number is not None and number == int(number) else None


def _to_bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value in (0, 1):  # a keyframe's
        return bool(value)
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    return words.get(str(value).lower())


def _to_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


_CONVERT = {"float": _to_float, "int": _to_int, "bool": _to_bool, "choice": _to_text, "text": _to_text}


_DIGITS = 1e15  # up to here every whole number is a float


def parse_setting(param: Param, text: str) -> Setting:
    """Read `0.8` or keyframes `0@1001,1@1050`, optionally ending in `:smooth` or `:hold`."""
    if "@" not in text or param.kind in ("text", "choice"):
        return param.check(text)
    body, _, ending = text.partition(":")
    if ending not in ("", "linear", "smooth", "hold"):
        raise UsageError(f"parameter '{param.name}': keyframes end in :linear, :smooth or :hold, not ':{ending}'")
    keys = [_parse_key(param, part) for part in body.split(",")]
    return param.check(Curve(tuple(keys), ending or "linear"))  # type: ignore[arg-type]


def format_setting(setting: Setting) -> str:
    """A setting as `parse_setting` reads it, without loss."""
    if isinstance(setting, Curve):
        keys = ",".join(f"{_shortest(value)}@{_shortest(frame)}" for frame, value in setting.keys)
        return keys if setting.interpolation == "linear" else f"{keys}:{setting.interpolation}"
    return str(setting).lower() if isinstance(setting, bool) else str(setting)


def _shortest(number: float) -> str:
    return str(int(number)) if number == int(number) and abs(number) < _DIGITS else repr(number)


def _parse_key(param: Param, text: str) -> tuple[float, float]:
    value, _, frame = text.partition("@")
    numbers = _to_float(frame), _to_float(value)
    if numbers[0] is None or numbers[1] is None:
        raise UsageError(f"parameter '{param.name}': '{text}' is not a keyframe; write VALUE@FRAME, as in 0.5@1001")
    return numbers[0], numbers[1]


def check_settings(params: Sequence[Param], settings: Mapping[str, object]) -> dict[str, Setting]:
    """Every setting checked by its declaration; raises UsageError that names the nearest known parameter."""
    known = {param.name: param for param in params}
    for name in settings:
        if name not in known:
            raise UsageError(f"unknown parameter '{name}'{nearest(name, known)}", parameter=name)
    return {name: known[name].check(setting) for name, setting in settings.items()}


def with_defaults(params: Sequence[Param], settings: Mapping[str, object]) -> dict[str, Setting]:
    """As `check_settings`, with the declared default of every parameter that is not set."""
    given = check_settings(params, settings)
    return {param.name: given.get(param.name, param.default) for param in params}


_TOLD = 12  # names in a sentence that can still be read


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a known name is close, else a list of what is known."""
    names = sorted(known)
    lower = {each.lower(): each for each in names}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    if close:
        return f"; did you mean '{lower[close[0]]}'?"
    more = ", ..." if len(names) > _TOLD else ""
    return f"; known: {', '.join(names[:_TOLD])}{more}" if names else "; none is known"


def resolve(params: Sequence[Param], settings: Mapping[str, Setting], frame: int) -> dict[str, Any]:
    """Plain values of all parameters at a frame, defaults filled in."""
    return {param.name: _at(param, settings.get(param.name, param.default), frame) for param in params}


def _at(param: Param, setting: Setting, frame: int) -> Value:
    if not isinstance(setting, Curve):
        return setting
    value = setting.at(frame)
    if param.kind == "bool":
        return bool(value)
    return round(value) if param.kind == "int" else value
