"""What a script in Workspace > Scripts > Replate does: ask, render, bring back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..client import Service, ServiceError
from ..host import declared
from ..host.baking import Progress
from ..host.declared import Node
from . import clips
from .calls import is_studio, must
from .choice import Choice
from .clips import Shot
from .console import Console
from .desk import Desk
from .placing import as_take, imported, on_track
from .rendering import job, render
from .through import rendered
from .tuning import tuned
from .versions import results
from .window import Window

__all__ = ["run"]

_UNREADABLE, _CANCELLED = 3, 130


def run(name: str, given: Mapping[str, Any], *, service: Service | None = None) -> bool:
    """Work with the node `name` on the selected clips; whether all went well. `given` are the script's globals.

    Whatever goes wrong is told to the artist, in a sentence; nothing is raised.
    """
    resolve = given.get("resolve")
    if resolve is None:
        Console().tell(name, ["start this from Workspace > Scripts inside DaVinci Resolve"])
        return False
    desk = _desk(resolve, given)
    try:
        with service or Service(client=f"DaVinci Resolve {resolve.GetVersionString()}") as connected:
            return _run(name, resolve, desk, connected)
    except ServiceError as error:
        desk.tell(name.capitalize(), [str(error)])
    except Exception as error:  # into the Console, where nobody looks
        desk.tell(name.capitalize(), [f"failed unexpectedly ({type(error).__name__}: {error}); please report it"])
    return False


def _desk(resolve: Any, given: Mapping[str, Any]) -> Desk:
    """Windows where there are any: the free edition opens an advertisement in their place, so it is not asked."""
    fusion, bmd = given.get("fusion") or given.get("fu"), given.get("bmd")
    if is_studio(resolve) and fusion is not None and bmd is not None and fusion.UIManager is not None:
        return Window(fusion, bmd)
    return Console()


def _run(name: str, resolve: Any, desk: Desk, service: Service) -> bool:
    node = declared.load(service).node(name)
    manager = must(resolve.GetProjectManager(), "Resolve's projects cannot be reached; open one and start again")
    project = must(manager.GetCurrentProject(), "no project is open; open one and start again")
    timeline = must(project.GetCurrentTimeline(), "no timeline is open; open one and select a clip")
    shots = [clips.shot(item, timeline) for item in clips.chosen(timeline)]
    tune = partial(tuned, desk, node, shots[0])
    choice = desk.ask(node, Choice.load(node), [shot.name for shot in shots], tune)
    if choice is None:
        return False
    choice.save(node)
    bench = _Bench(resolve, project, timeline, node, choice, service, desk)
    told = [line for number, shot in enumerate(shots) for line in bench.attempt(shot, number + 1, len(shots))]
    desk.tell(node.title, told)
    return bench.is_well


@dataclass
class _Bench:
    """All that a shot needs on its way. `is_well` is False once one failed; after a cancel the others are left."""

    resolve: Any
    project: Any
    timeline: Any
    node: Node
    choice: Choice
    service: Service
    desk: Desk
    is_well: bool = True
    is_over: bool = False

    def attempt(self, shot: Shot, number: int, count: int) -> list[str]:
        """Work on a shot; what there is to say about it."""
        if self.is_over:
            return []
        try:
            with self.desk.progress(f"{self.node.title}: {shot.name}, {number} of {count}") as (watch, cancelled):
                return self._worked(shot, watch, cancelled)
        except ServiceError as error:
            self.is_well, self.is_over = False, error.exit_code == _CANCELLED
            return [f"{shot.name}: {error}"]

    def _worked(self, shot: Shot, watch: Callable[[Progress], None], cancelled: Callable[[], bool]) -> list[str]:
        said = list[str]()

        def through(why: str) -> Shot:
            folder = results(shot, self.choice)
            said.append(f"{why}; Resolve rendered it first, as it is graded")
            handed, notes = rendered(
                self.resolve, self.project, self.timeline, shot, folder, watch=watch, cancelled=cancelled
            )
            said.extend(notes)
            return handed

        def made(of: Shot) -> Any:
            wanted = job(of, self.node, self.choice)
            return render(self.service, wanted, of.frames, watch=watch, cancelled=cancelled)

        now = through(shot.why) if shot.why else shot
        try:
            files = made(now)
        except ServiceError as error:
            if error.exit_code != _UNREADABLE or error.path != now.path or now.is_graded:
                raise
            now = through(str(error))
            files = made(now)
        clip, notes = imported(self.project, files, now)
        return [*said, *files.notes, *notes, *self._placed(now, clip), f"{now.name} is {Path(files.path).name}"]

    def _placed(self, shot: Shot, clip: Any) -> list[str]:
        if self.choice.place == "track" or shot.is_graded:
            why = "as a take it would be graded twice, so it is on a track" if self.choice.place == "take" else ""
            return [*([why] if why else []), *on_track(self.resolve, self.project, self.timeline, shot, clip)]
        return as_take(shot, clip)
