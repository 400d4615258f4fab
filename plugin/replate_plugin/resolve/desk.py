"""What an artist sits before: windows, or the Console."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ..host.baking import Progress
from ..host.declared import Node
from .choice import Choice

__all__ = ["Desk", "Tune", "Watched"]

Watched = tuple[Callable[[Progress], None], Callable[[], bool]]
"""Shows progress, and says whether it is to stop."""

Tune = Callable[[Choice], Choice]


class Desk(Protocol):
    """Where the artist is asked and told."""

    def ask(self, node: Node, choice: Choice, clips: Sequence[str], tune: Tune) -> Choice | None:
        """What the artist wants, None where that is nothing; `tune` takes a choice to the panel and back."""

    def keep(self, node: Node, choice: Choice) -> None:
        """What was chosen, for the next time."""

    def tell(self, title: str, lines: Sequence[str]) -> None:
        """A few sentences."""

    def progress(self, title: str) -> AbstractContextManager[Watched]:
        """While something goes on."""
