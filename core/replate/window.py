"""Reading a node's window: each plate frame is decoded once, however many windows it falls into."""

from __future__ import annotations

from collections import OrderedDict

from .frame import Frame
from .nodes import Shots
from .plan import Plan

__all__ = ["WindowReader"]


class WindowReader:
    """Reads what a node needs for one frame. Used from one thread; holds no more plate frames than a window has."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.plates: OrderedDict[int, Frame] = OrderedDict()

    def read(self, frame: int) -> Shots:
        """The frames of every input that frame `frame` is made from."""
        window = self.plan.window(frame)
        shots = {"plate": {offset: self._plate(number) for offset, number in window.items()}}
        plate = self.plan.sources["plate"]
        for name, source in self.plan.sources.items():
            if name != "plate":
                shots[name] = {0: self._plate(frame) if source is plate else source.read(frame)}
        return shots

    def _plate(self, number: int) -> Frame:
        if number not in self.plates:
            self.plates[number] = self.plan.sources["plate"].read(number)
        self.plates.move_to_end(number)
        while len(self.plates) > 2 * self.plan.reach + 1:
            self.plates.popitem(last=False)
        return self.plates[number]
