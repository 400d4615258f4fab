"""How a render went: as the caller gets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import ReplateError

__all__ = ["Report"]


@dataclass(kw_only=True)
class Report:
    """How a render went. `seconds` is wall time, `failed` maps frame numbers to what went wrong there."""

    output: str
    device: str
    done: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    failed: dict[int, ReplateError] = field(default_factory=dict)
    seconds: float = 0.0

    @classmethod
    def of_views(cls, output: str, reports: Sequence[Report]) -> Report:
        """One report of several views; a frame number stands in it once a view."""
        return cls(
            output=output,
            device=reports[-1].device,
            done=[frame for report in reports for frame in report.done],
            skipped=[frame for report in reports for frame in report.skipped],
            failed={frame: error for report in reports for frame, error in report.failed.items()},
            seconds=sum(report.seconds for report in reports),
        )
