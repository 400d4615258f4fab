"""The way of a clip: rendered by Resolve where it must be, by Replate, and brought back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..client import Service, ServiceError
from ..host.declared import Node
from .choice import Choice
from .clips import Shot
from .desk import Desk, Watched
from .placing import as_take, imported, on_track
from .rendering import Files, job, render
from .through import rendered
from .versions import results

__all__ = ["Bench", "carry"]

_UNREADABLE, _CANCELLED = 3, 130


@dataclass(frozen=True)
class Bench:
    """What every clip of a run needs on its way."""

    resolve: Any
    project: Any
    timeline: Any
    node: Node
    choice: Choice
    service: Service
    desk: Desk


def carry(bench: Bench, shots: Iterable[Shot], *, count: int) -> tuple[list[str], bool]:
    """Work on all of them; what there is to say, and whether all went well. After a cancel the others are left."""
    said, is_well = list[str](), True
    for number, shot in enumerate(shots, 1):
        try:
            with bench.desk.progress(f"{bench.node.title}: {shot.name}, {number} of {count}") as watched:
                _Passage(bench, shot, watched, said).go()
        except ServiceError as error:
            said.append(f"{shot.name}: {error}")
            is_well = False
            if error.exit_code == _CANCELLED:
                break
    return said, is_well


@dataclass
class _Passage:
    """One clip's. `shot` is another once Resolve has rendered it; `said` collects what there is to say."""

    bench: Bench
    shot: Shot
    watched: Watched
    said: list[str]

    def go(self) -> None:
        """All of the way. Raises ServiceError."""
        if self.shot.why:
            self._through(self.shot.why)
        try:
            files = self._rendered()
        except ServiceError as error:
            if error.exit_code != _UNREADABLE or error.path != self.shot.path or self.shot.is_graded:
                raise
            self._through(str(error))
            files = self._rendered()
        clip, notes = imported(self.bench.project, files, self.shot)
        self.said += [*files.notes, *notes, *self._placed(clip), f"{self.shot.name} is {Path(files.path).name}"]

    def _through(self, why: str) -> None:
        """Have Resolve render it first."""
        bench, (watch, cancelled) = self.bench, self.watched
        folder = results(self.shot, bench.choice)
        self.said.append(f"{why}; Resolve rendered it first, as it is graded")
        where = (bench.resolve, bench.project, bench.timeline)
        self.shot = rendered(*where, self.shot, folder, watch=watch, cancelled=cancelled, notes=self.said)

    def _rendered(self) -> Files:
        watch, cancelled = self.watched
        wanted = job(self.shot, self.bench.node, self.bench.choice)
        return render(self.bench.service, wanted, self.shot.frames, watch=watch, cancelled=cancelled)

    def _placed(self, clip: Any) -> list[str]:
        is_take = self.bench.choice.place == "take"
        if is_take and not self.shot.is_graded:
            return as_take(self.shot, clip)
        why = ["as a take it would be graded twice, so it is on a track"] if is_take else []
        return [*why, *on_track(self.bench.resolve, self.bench.project, self.bench.timeline, self.shot, clip)]
