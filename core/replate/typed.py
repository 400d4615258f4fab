"""Dataclasses as plain data, as JSON has it, and back: what each field may be is read off its annotation."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from .errors import GeneratorError

__all__ = ["built", "pruned"]


def pruned(part: Any) -> dict[str, Any]:
    """A dataclass as a dictionary without what equals its default."""
    kept = {}
    for item in fields(part):
        value = getattr(part, item.name)
        default = item.default if item.default_factory is MISSING else item.default_factory()
        if value == default:
            continue
        kept[item.name] = _plain(value)
    return kept


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return pruned(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def built(kind: type, data: Any, *, where: object) -> Any:
    """A dataclass of plain data; raises GeneratorError naming `where` and the entry that is wrong."""
    if not isinstance(data, dict):
        raise GeneratorError(f"{where}: expected an object with named entries, found {type(data).__name__}")
    known = {item.name: item for item in fields(kind)}
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise GeneratorError(f"{where}: unknown entry '{unknown[0]}'; known are {', '.join(known)}")
    hints = _hints(kind)
    values = {name: _converted(value, hints[name], name, where) for name, value in data.items()}
    missing = [name for name, item in known.items() if name not in values and _required(item)]
    if missing:
        raise GeneratorError(f"{where}: entry '{missing[0]}' is missing; add it")
    return kind(**values)


@functools.cache
def _hints(kind: type) -> Mapping[str, Any]:
    """What each field of a dataclass is declared to be."""
    return get_type_hints(kind)


def _required(item: Any) -> bool:
    return item.default is MISSING and item.default_factory is MISSING


def _converted(value: Any, hint: Any, name: str, where: object) -> Any:
    """A value from JSON as the declaration `hint` of a dataclass's field has it; raises GeneratorError."""
    kind, inside = get_origin(hint), get_args(hint)
    if isinstance(hint, type) and is_dataclass(hint):
        return built(hint, value, where=f"{where}, {name}")
    if kind in (Union, UnionType):
        return _one_of(value, inside, name, where)
    if kind is Literal and value not in inside:
        raise GeneratorError(f"{where}: '{name}' must be one of {', '.join(inside)}, not {value!r}")
    if kind is tuple and isinstance(value, list) and (inside[1:] == (...,) or len(inside) == len(value)):
        hints = inside[:1] * len(value) if inside[1:] == (...,) else inside
        parts = zip(value, hints, strict=True)
        return tuple(_converted(part, each, f"{name}[{i}]", where) for i, (part, each) in enumerate(parts))
    if kind is Mapping and isinstance(value, dict):
        return {key: _converted(part, inside[1], f"{name}.{key}", where) for key, part in value.items()}
    if kind is Literal or (kind is None and _is(value, hint)):
        return value
    raise GeneratorError(f"{where}: '{name}' must be {_word(hint)}, not {_short(value)}")


def _one_of(value: Any, hints: Sequence[Any], name: str, where: object) -> Any:
    """The value as the first of several declarations that it fits; one that fits none is told what the first wants."""
    if value is None and NoneType in hints:
        return None
    fitting = (hint for hint in hints if get_origin(hint) is None and not is_dataclass(hint) and _is(value, hint))
    return _converted(value, next(fitting, hints[0]), name, where)


def _is(value: Any, kind: type) -> bool:
    """Whether a plain value is of a kind; a whole number is a number as well, true and false are neither."""
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    return isinstance(value, int | float if kind is float else kind)


def _word(hint: Any) -> str:
    words = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Mapping: "an object"}
    if get_origin(hint) is tuple:
        count = "" if get_args(hint)[1:] == (...,) else f"{len(get_args(hint))} "
        return f"a list of {count}entries"
    return words.get(get_origin(hint) or hint, "something else")


def _short(value: Any) -> str:
    return textwrap.shorten(repr(value), 80)
