"""What inspection has to say about one entry of a card."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fact"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the card, in words; `sure` where the file or a trial proves it."""

    entry: str
    value: str
    reason: str
    sure: bool = True
