"""What all objects share: calls are counted, checked against the stubs, and refused where a test says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from .stubs import NEWER, calls

__all__ = ["Remote", "World"]


@dataclass
class World:
    """What all objects share: what was called, which calls refuse and with what, which names there are not."""

    product: str = "DaVinci Resolve Studio"
    version: str = "21.0.2.4"
    page: str = "color"
    has_selection: bool = False
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

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not name[0].isupper():
            raise AttributeError(name)
        self.world.unknown.add(f"{type(self).__name__}.{name}")
        return lambda *_: None

    def __dir__(self) -> list[str]:
        hidden = {name.partition(".")[2] for name in NEWER if not self.world.has_selection}
        return [name for name in super().__dir__() if name not in hidden]
