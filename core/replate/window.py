"""Reading a node's window: each frame is decoded once, however many windows it falls into."""

from __future__ import annotations

from collections.abc import Mapping

from .frame import Frame
from .media import Source
from .nodes import Shots
from .plan import Plan

__all__ = ["WindowReader"]


class WindowReader:
    """Reads what a node needs for one frame. Used from one thread.

    Between two calls it holds what the next frame's window may have in common with the last one's, and no more.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.frames: dict[tuple[Source, int], Frame] = {}

    def read(self, frame: int) -> Shots:
        """The frames of every input that frame `frame` is made from."""
        window = self.plan.window(frame)
        shots = {
            name: {offset: self._frame(self.plan.sources[name], number) for offset, number in numbers.items()}
            for name, numbers in window.items()
        }
        self._keep(window)
        return shots

    def _frame(self, source: Source, number: int) -> Frame:
        if (source, number) not in self.frames:
            self.frames[source, number] = source.read(number)
        return self.frames[source, number]

    def _keep(self, window: Mapping[str, Mapping[int, int]]) -> None:
        """Let go of what no later frame's window has: the earliest of the plates, unless a sparse input needs it."""
        node, earliest = self.plan.node, self.plan.offsets[0]
        needed = {number for name in node.sparse() & set(window) for number in window[name].values()}
        lasting = {
            (self.plan.sources[name], number)
            for name in ({"plate"} | node.sparse() | node.windowed()) & set(window)
            for offset, number in window[name].items()
            if offset > earliest or number in needed
        }
        self.frames = {key: frame for key, frame in self.frames.items() if key in lasting}
