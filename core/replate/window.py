"""Reading a node's window: each plate frame is decoded once, however many windows it falls into."""

from __future__ import annotations

from collections import OrderedDict

from .frame import Frame
from .nodes import Shots
from .plan import Plan

__all__ = ["WindowReader"]


class WindowReader:
    """Reads what a node needs for one frame. Used from one thread.

    Between two calls it holds what the next frame's window may have in common with the last one's, and no more.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.plates: OrderedDict[int, Frame] = OrderedDict()

    def read(self, frame: int) -> Shots:
        """The frames of every input that frame `frame` is made from."""
        window = self.plan.window(frame)
        plates = {offset: self._plate(number) for offset, number in window.items()}
        self._forget(2 * self.plan.reach)
        source = self.plan.sources["plate"]
        beside = {name: other for name, other in self.plan.sources.items() if name != "plate"}
        return {
            "plate": plates,
            **{name: {0: plates[0] if other is source else other.read(frame)} for name, other in beside.items()},
        }

    def _plate(self, number: int) -> Frame:
        if number not in self.plates:
            self.plates[number] = self.plan.sources["plate"].read(number)
        self.plates.move_to_end(number)
        return self.plates[number]

    def _forget(self, most: int) -> None:
        """Let go of the plates that were needed longest ago."""
        while len(self.plates) > most:
            self.plates.popitem(last=False)
