"""Word of a change, from where it happens to who shows it: what lies below need not know what stands above."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["forget", "hear", "tell"]

_HEARING: list[Callable[[], None]] = []


def hear(hearer: Callable[[], None]) -> None:
    """Call `hearer` whenever something changes that a node may show."""
    _HEARING.append(hearer)


def forget(hearer: Callable[[], None]) -> None:
    """Call it no more."""
    _HEARING.remove(hearer)


def tell() -> None:
    """Something changed."""
    for hearer in _HEARING:
        hearer()
