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
        self.frames: dict[tuple[str, int], Frame] = {}
        self._read: dict[tuple[Source, int], Frame] = {}  # in this call: a mask may be a channel of the plate

    def read(self, frame: int) -> Shots:
        """The frames of every input that frame `frame` is made from."""
        window = self.plan.window(frame)
        shots = {
            name: {offset: self._frame(name, number) for offset, number in numbers.items()}
            for name, numbers in window.items()
        }
        self._read = {}
        self._keep(window)
        return shots

    def _frame(self, name: str, number: int) -> Frame:
        source, key = self.plan.sources[name], self._key(name, number)
        if key not in self.frames:
            if (source, number) not in self._read:
                self._read[source, number] = source.read(number)
            self.frames[key] = self._as_needed(name, self._read[source, number])
        return self.frames[key]

    def _key(self, name: str, number: int) -> tuple[str, int]:
        """A still that is no plate is one frame, whatever number is asked for."""
        return name, 0 if name != "plate" and self.plan.sources[name].still else number

    def _as_needed(self, name: str, frame: Frame) -> Frame:
        """The frame as the node wants to hold it; whole, where two eyes share it."""
        if self.plan.choice.stereo != "off":
            return frame
        return self.plan.node.held(name, frame, self.plan.settings)

    def _keep(self, window: Mapping[str, Mapping[int, int]]) -> None:
        """Let go of what no later frame's window has: the earliest ones, unless a sparse input needs them."""
        node, earliest = self.plan.node, self.plan.offsets[0]
        sparse = node.sparse() & set(window)
        needed = {number for name in sparse for number in window[name].values()}
        names = sparse | (node.windowed() & set(window)) | ({"plate"} if sparse else set())
        lasting = {
            self._key(name, number)
            for name in names
            for offset, number in window[name].items()
            if offset > earliest or number in needed
        }
        self.frames = {key: frame for key, frame in self.frames.items() if key in lasting}
