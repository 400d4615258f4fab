"""Keeps the viewer showing the document at its frame: asks for pictures when something changes, proxies in a drag."""

from __future__ import annotations

import math
import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from ..errors import ServiceError
from .desk import Desk
from .model.film import Stamps
from .model.viewing import SHARES
from .model.wishes import (
    LACKING,
    MADE,
    Wish,
    layer_wish,
    matte_wish,
    plate_wish,
    result_keys,
    result_wish,
    with_overlay,
)
from .projector import Picked, Projector

__all__ = ["Screening"]

_QUICK = 0.12  # seconds that a picture may take in the middle of a drag
_TURNED = 640  # pixels a picture is wide while a knob of the viewer is dragged
_MARKED = 2000  # frames whose marks are kept up to date


class Screening(QObject):
    """`showing` carries a role and its `Picked`, None where there is nothing; `state_changed`: stale or busy."""

    showing = Signal(str, object)
    state_changed = Signal()
    marked = Signal(object)
    settled = Signal()

    def __init__(self, desk: Desk, projector: Projector) -> None:
        super().__init__(desk)
        self.desk, self.projector, self.stamps = desk, projector, Stamps()
        self.stale, self.since = False, 0.0
        self.values: dict[str, Picked] = {}
        self._wanted: Wish | None = None
        self._laid = False  # whether there is an overlay
        self._rate = 0.0  # seconds a pixel, of the last picture at rest
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._refresh)
        for changed in (desk.document_changed, desk.frame_changed, desk.view_changed, desk.drag_ended):
            changed.connect(self.refresh)
        desk.facts_changed.connect(self._new_plate)
        desk.declared_changed.connect(self.refresh)
        desk.learning_changed.connect(self.look_again)
        projector.ready.connect(self._show)
        projector.failed.connect(self._failed)
        projector.busy_changed.connect(self.state_changed)

    @property
    def busy(self) -> bool:
        """Whether a result is being made."""
        return self.projector.busy("result")

    @property
    def ready(self) -> bool:
        """Whether the frame's own result is on the screen, at rest."""
        shown = self.values.get("result")
        return self._wanted is not None and shown is not None and shown.wish.shown_key == self._wanted.shown_key

    def refresh(self) -> None:
        """Something changed; however much changes at once, it is looked at once."""
        self._soon.start()

    def look_again(self) -> None:
        """Files may have changed."""
        self.stamps.forget()
        self.refresh()

    def stop(self) -> None:
        """The result is not waited for any more."""
        self.projector.forget("result")
        self.state_changed.emit()

    def width(self, share: float) -> int:
        """How wide pictures are at a share of the plate's width; 0 for all of it."""
        return 0 if share >= 1 else max(16, math.ceil(self.desk.size[0] * share))

    @property
    def seen(self) -> int:
        """How wide pictures are on the screen; 0 for as wide as they are."""
        width = self.width(self.desk.view.seen)
        return min(width or _TURNED, _TURNED) if self.desk.turning else width

    def marks(self) -> list[int]:
        """The frames whose results are there as the document is now."""
        node, frames = self.desk.node, self.desk.frames[:_MARKED]
        if node is None or not self.desk.facts:
            return []
        job = with_overlay(self.desk.seen_job(), node, self.desk.view)
        keys = result_keys(job, node, frames, self.stamps, width=self.width(self.desk.view.detail))
        return [frame for frame, key in keys.items() if self.projector.has(key)]

    def _new_plate(self) -> None:
        self.stamps.forget()
        self.values.clear()
        for role in ("plate", "result", "overlay"):
            self.showing.emit(role, None)
        self.refresh()

    def _refresh(self) -> None:
        desk, node = self.desk, self.desk.node
        if node is None or not desk.facts:
            return
        try:
            job = desk.seen_job()
        except ServiceError as error:
            desk.say(str(error), bad=True)
            return
        width = self.width(desk.view.detail)
        self.projector.show(
            plate_wish(job, desk.view, desk.frame, self.stamps, width=self.width(desk.view.seen), shown=self.seen)
        )
        if desk.view.overlay not in MADE:
            self._lay(matte_wish(job, node, desk.view, desk.frame, self.stamps, width=self.width(desk.view.seen)))
        self._ask_result(job, width)
        if not desk.dragging:
            self.marked.emit(self.marks())

    def _ask_result(self, job: dict[str, object], width: int) -> None:
        desk, node = self.desk, self.desk.node
        assert node is not None
        lacking = next((entry for entry in desk.pipes if entry.required and not job["inputs"].get(entry.name)), None)  # type: ignore[attr-defined]
        generator = node.generator(str(job["generator"])) or job["generator"]
        if lacking is not None or not generator:
            self._nothing(
                f"{node.title} needs a {lacking.name}" if lacking else f"{node.title} needs a generator: see Looks"
            )
            return
        make = partial(
            result_wish,
            job,
            node,
            desk.view,
            desk.frame,
            self.stamps,
            shown=self.seen,
        )
        self._wanted = make(width=width)
        draft = self.width(desk.view.detail * self._share()) if desk.dragging else width
        wish = self._wanted
        if draft != width and not self.projector.has(wish.key):
            wish = make(width=draft, draft=True)
        self._set_stale(True)
        self.projector.show(wish)

    def _nothing(self, why: str) -> None:
        self._wanted = None
        self.projector.forget("result")
        self.values.pop("result", None)
        self.showing.emit("result", None)
        self._set_stale(False)
        self.desk.say(why)

    def _share(self) -> float:
        """The part of the width at which a picture is quick."""
        pixels = self.desk.size[0] * self.desk.size[1] * self.desk.view.detail**2
        affordable = _QUICK / max(1e-9, self._rate * pixels)
        return next((share for share in SHARES if share**2 <= affordable), SHARES[-1])

    def _show(self, picked: Picked) -> None:
        wish = picked.wish
        if wish.role not in ("plate", "result", "overlay"):
            return
        self.values[wish.role] = picked
        self.showing.emit(wish.role, picked)
        if wish.role != "result":
            return
        if picked.seconds and not wish.draft:
            self._rate = picked.seconds / max(1, picked.image.width() * picked.image.height())
        if self.desk.view.overlay in MADE:
            there = bool(wish.layers) and set(wish.layers) <= set(picked.facts["channels"])
            self._lay(layer_wish(wish, self.desk.view) if there else None)
        if self.ready:
            self._set_stale(False)
            self.desk.say("" if self._laid else LACKING.get(self.desk.view.overlay, ""))
            self.settled.emit()
            if not self.desk.dragging:
                self.marked.emit(self.marks())

    def _lay(self, overlay: Wish | None) -> None:
        """What lies over the picture, or nothing."""
        self._laid = overlay is not None
        if overlay is not None:
            self.projector.show(overlay)
            return
        self.values.pop("overlay", None)
        self.projector.forget("overlay")
        self.showing.emit("overlay", None)

    def _failed(self, wish: Wish, error: ServiceError) -> None:
        if wish.role in ("plate", "result", "overlay"):
            self.desk.say(str(error), bad=True, action="Try again", do=self.look_again)
            self.state_changed.emit()

    def _set_stale(self, stale: bool) -> None:
        if stale and not self.stale:
            self.since = time.monotonic()
        self.stale = stale
        self.state_changed.emit()
