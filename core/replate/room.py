"""Room in memory for the frames that are on their way from reading to writing."""

from __future__ import annotations

import threading

from .errors import Cancelled

__all__ = ["Room"]


class Room:
    """`most` bytes for frames; whatever its size, one may be in, and where it is 0 only one.

    Each counts like the largest so far: the frames of a shot are alike, and a result may be larger than its plate.
    """

    def __init__(self, most: int) -> None:
        self.most, self.largest, self.closed = most, 0, False
        self.inside: set[int] = set()
        self.changed = threading.Condition()

    def enter(self, frame: int) -> None:
        """Wait until there is room for one more; Cancelled when the room is closed."""
        with self.changed:
            self.changed.wait_for(lambda: self.closed or self._fits())
            if self.closed:
                raise Cancelled("nothing more is read")
            self.inside.add(frame)

    def measure(self, size: int) -> None:
        """A frame turns out to take `size` bytes."""
        with self.changed:
            self.largest = max(size, self.largest)

    def leave(self, frame: int) -> None:
        """A frame is gone."""
        with self.changed:
            self.inside.discard(frame)
            self.changed.notify_all()

    def close(self) -> None:
        """Send away whoever waits."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _fits(self) -> bool:
        return not self.inside or (self.most > 0 and (len(self.inside) + 1) * self.largest <= self.most)
