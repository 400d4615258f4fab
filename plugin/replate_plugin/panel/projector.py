"""Gets the viewer its pictures: from what is there already, else from the service; never in the widgets' thread."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from ..client import Picture, Service
from ..errors import ServiceError
from .lanes import Lane
from .model.film import Facts, Film
from .model.wishes import Wish

__all__ = ["Picked", "Projector", "image_of"]

_IMAGES = 2**29  # bytes of pictures for the screen


@dataclass(frozen=True)
class Picked:
    """A picture for the screen: what it was made from, and where its values lie."""

    wish: Wish
    image: QImage
    facts: Facts
    seconds: float = 0.0


class Projector(QObject):
    """Pictures by wish. `ready` carries a `Picked`; `failed` the wish and a ServiceError. The newest wish of a role
    counts."""

    ready = Signal(object)
    failed = Signal(object, object)
    busy_changed = Signal()

    def __init__(self, pixels: Service, eyes: Service, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pixels, self.eyes = pixels, eyes
        self.film = Film()
        self._lock = threading.Lock()
        self._lanes: dict[str, Lane] = {}
        self._images: OrderedDict[tuple[object, ...], Picked] = OrderedDict()
        self._bytes = 0
        self._unwanted = set[str]()

    def show(self, wish: Wish) -> bool:
        """Have a picture shown; True where it was there already, and `ready` has been told."""
        found = self._images.get(wish.shown_key)
        if found is not None:
            self._images.move_to_end(wish.shown_key)
            self._lane(wish.role).forget()
            self.ready.emit(Picked(wish, found.image, found.facts))
            return True
        self._unwanted.discard(wish.role)
        self._lane(wish.role).ask(wish, lambda: self._make(wish))
        self.busy_changed.emit()
        return False

    def has(self, key: str) -> bool:
        """Whether a picture made from this is there."""
        return key in self.film

    def busy(self, role: str) -> bool:
        """Whether something for this place is being made."""
        return role in self._lanes and self._lanes[role].busy

    def forget(self, role: str) -> None:
        """What was asked for here is of no interest any more; work on it ends as soon as it can."""
        self._unwanted.add(role)
        self._lane(role).forget()

    def clear(self) -> None:
        """Forget every picture, as when the plate is another one."""
        with self._lock:
            self.film.clear()
        self._images.clear()
        self._bytes = 0

    def close(self) -> None:
        """Let go of everything."""
        self.clear()
        self.film.close()

    def _lane(self, role: str) -> Lane:
        if role not in self._lanes:
            lane = self._lanes[role] = Lane(self)
            lane.done.connect(self._arrived)
            lane.failed.connect(self._refused)
        return self._lanes[role]

    def _make(self, wish: Wish) -> Picked:
        """In a lane's thread."""
        begun = time.monotonic()
        with self._lock:
            facts = self.film.take(wish.key)
        if facts is None:
            facts = self._keep(wish.key, lambda: self._asked(wish))
        spent = time.monotonic() - begun
        with self.eyes.screen(wish.seen_job, facts, viewer=f"{wish.role} on screen", **dict(wish.how)) as shown:
            return Picked(wish, image_of(shown), facts, spent)

    def _keep(self, key: str, make: Callable[[], Picture]) -> Facts:
        with make() as picture, self._lock:
            try:
                return self.film.put(key, picture)
            except OSError as error:
                raise ServiceError(
                    f"a picture cannot be kept ({error.strerror}); free some room on the disk"
                ) from error

    def _asked(self, wish: Wish) -> Picture:
        if wish.shaped:
            return self.eyes.matte(wish.job, wish.frame, width=wish.width, viewer=wish.role)
        if wish.input:
            return self.eyes.original(wish.job, wish.frame, input=wish.input, width=wish.width, viewer=wish.role)
        return self.pixels.preview(
            wish.job,
            wish.frame,
            width=wish.width,
            layers=wish.layers,
            viewer=f"panel {wish.role}",
            cancelled=lambda: wish.role in self._unwanted,
        )

    def _arrived(self, _: Wish, picked: Picked) -> None:
        key = picked.wish.shown_key
        if key not in self._images:
            self._bytes += picked.image.sizeInBytes()
        self._images[key] = picked
        while self._bytes > _IMAGES:
            self._bytes -= self._images.popitem(last=False)[1].image.sizeInBytes()
        self.ready.emit(picked)
        self.busy_changed.emit()

    def _refused(self, wish: Wish, error: ServiceError) -> None:
        self.failed.emit(wish, error)
        self.busy_changed.emit()


def image_of(shown: Picture) -> QImage:
    """A copy of what `Service.screen` made, so that its memory is free again."""
    opaque = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(shown.pixels, shown.width, shown.height, 4 * shown.width, opaque).copy()
