"""How long each stage of a render takes for each frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..pipeline import Stages

__all__ = ["Stopwatch"]


class Stopwatch:
    """`seconds` of wall time by frame and stage; of what was tried twice, the last time."""

    def __init__(self) -> None:
        self.seconds: dict[int, dict[str, float]] = {}

    def timing(self, stages: Stages) -> Stages:
        """The same stages, under the clock."""
        return replace(
            stages,
            read=self._timed("read", stages.read),
            infer=self._timed("infer", stages.infer),
            write=self._timed("write", stages.write),
        )

    def _timed(self, name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        def timed(frame: int, *held: Any) -> Any:
            started = time.perf_counter()
            try:
                return stage(frame, *held)
            finally:
                self.seconds.setdefault(frame, {})[name] = time.perf_counter() - started

        return timed
