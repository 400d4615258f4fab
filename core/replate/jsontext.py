"""JSON that may come from anybody: how deep it nests is bounded before it is parsed."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["parse"]

_DEEPEST = 32
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def parse(text: str | bytes, *, numbers_only: bool = True) -> Any:
    """What the text holds; raises ValueError. `numbers_only` refuses NaN and Infinity, which JSON does not have."""
    text = text if isinstance(text, str) else text.decode()
    if _depth(text) > _DEEPEST:
        raise ValueError(f"it nests deeper than {_DEEPEST} levels")
    return json.loads(text, parse_constant=_refuse if numbers_only else None)


def _depth(text: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number")
