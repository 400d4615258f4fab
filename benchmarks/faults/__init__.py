"""Faults that are really done, each by a function that takes a `Trial` and yields rows for docs/reliability.md."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

__all__ = ["Fault", "Row", "Trial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a fault is done with: how often, the chance that it draws from, and an empty folder of its own."""

    times: int
    chance: random.Random
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of one fault.

    `lost` is a sentence for each thing that was lost or wrong, empty where the promise holds; `seconds` how long each
    recovery took, empty where there is nothing to recover from.
    """

    fault: str
    tried: int
    lost: Sequence[str] = ()
    seconds: Sequence[float] = ()

    def cells(self) -> tuple[str, str, str, str]:
        """Fault, times, losses, and median and longest recovery, as text."""
        lost = f"**{len(self.lost)}**: {' '.join(self.lost[0].split())}" if self.lost else "0"
        recovery = f"{median(self.seconds):.1f} s, at most {max(self.seconds):.1f} s" if self.seconds else ""
        return self.fault, str(self.tried), lost.replace("|", " "), recovery


Fault = Callable[[Trial], Iterator[Row]]
