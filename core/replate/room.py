"""Room in memory for the frames that are on their way from reading to writing."""

from __future__ import annotations

import threading

from .errors import Cancelled

__all__ = ["Room"]


class Room:
    """Bytes for frames. One that is not read yet counts like the largest so far; whatever its size, one may be in."""

    def __init__(self, most: int) -> None:
        self.most, self.largest, self.closed = most, 0, False
        self.taken: dict[int, int] = {}
        self.changed = threading.Condition()

    def enter(self, frame: int) -> None:
        """Wait until there is room for one more; Cancelled when the room is closed."""
        with self.changed:
            self.changed.wait_for(lambda: self.closed or self._fits())
            if self.closed:
                raise Cancelled("nothing more is read")
            self.taken[frame] = self.largest

    def resize(self, frame: int, size: int) -> None:
        """A frame turns out to take `size` bytes."""
        with self.changed:
            self.taken[frame], self.largest = size, max(size, self.largest)
            self.changed.notify_all()

    def leave(self, frame: int) -> None:
        """A frame is gone."""
        with self.changed:
            self.taken.pop(frame, None)
            self.changed.notify_all()

    def close(self) -> None:
        """Send away whoever waits."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _fits(self) -> bool:
        return not self.taken or sum(self.taken.values()) + self.largest <= self.most
