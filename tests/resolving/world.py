"""What all objects share: calls are counted, checked against the stubs, and refused where a test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from .stubs import calls

__all__ = ["Remote", "World"]


@dataclass
class World:
    """What all objects share: what was called, which calls refuse and with what, which calls this version lacks."""

    product: str = "DaVinci Resolve Studio"
    version: str = "21.0.2.4"
    page: str = "color"
    lacks: set[str] = field(default_factory=lambda: {"GetSelectedClips"})
    called: list[str] = field(default_factory=list)
    refused: dict[str, Any] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)


def _answering(owner: str, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    key = f"{owner}.{name}"

    @wraps(call)
    def answer(self: Any, *given: Any) -> Any:
        forms = calls()[key]
        if not any(fewest <= len(given) <= most for fewest, most in forms):
            raise TypeError(f"{key} takes {forms} arguments, not {len(given)}")
        self.world.called.append(key)
        return self.world.refused[key] if key in self.world.refused else call(self, *given)

    return answer


class Remote:
    """An object of Resolve. Its calls are counted and checked."""

    world: World

    def __init_subclass__(cls) -> None:
        for name, call in list(vars(cls).items()):
            if name[0].isupper():
                setattr(cls, name, _answering(cls.__name__, name, call))

    def __getattribute__(self, name: str) -> Any:
        is_call = name[0].isupper()
        return None if is_call and name in super().__getattribute__("world").lacks else super().__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not name[0].isupper():
            raise AttributeError(name)
        self.world.unknown.add(f"{type(self).__name__}.{name}")
        return None

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in self.world.lacks]
