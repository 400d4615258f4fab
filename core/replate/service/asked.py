"""What a message says under a name, of the right kind; UsageError says what is wrong with it."""

from __future__ import annotations

import math
from typing import Any

from ..errors import UsageError
from .wire import Message

__all__ = ["mapping", "number", "text", "texts", "whole", "width"]


def text(message: Message, name: str) -> str:
    """A text in a message, empty where there is none."""
    value = message.get(name, "")
    if not isinstance(value, str):
        raise UsageError(f"'{name}' in a message must be text, not {value!r}")
    return value


def whole(message: Message, name: str) -> int:
    """A whole number in a message, 0 where there is none."""
    value = message.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise UsageError(f"'{name}' in a message must be a whole number, not {value!r}")
    return value


def width(message: Message) -> int:
    """How wide a picture may be, 0 where it is as wide as it is."""
    return max(0, whole(message, "width"))


def number(message: Message, name: str, otherwise: float) -> float:
    """A number in a message."""
    value = message.get(name, otherwise)
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise UsageError(f"'{name}' in a message must be a number, not {value!r}")
    return float(value)


def mapping(message: Message, name: str) -> dict[str, Any]:
    """An object in a message."""
    value = message.get(name)
    if not isinstance(value, dict):
        raise UsageError(f"'{name}' in a message must be an object, not {value!r}")
    return value


def texts(message: Message, name: str) -> list[str]:
    """A list of texts in a message, empty where there is none."""
    value = message.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f"'{name}' in a message must be a list of texts, not {value!r}")
    return value
