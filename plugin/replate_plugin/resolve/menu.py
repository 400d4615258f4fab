"""What a script in Workspace > Scripts > Replate does: ask, render, bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..client import Service, ServiceError
from ..host import reading
from . import clips
from .calls import is_studio, must
from .choice import Choice
from .clips import Shot
from .console import Console
from .desk import Desk
from .passage import Bench, carry
from .tuning import tuned
from .window import Window

__all__ = ["run"]


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
    node = reading.load(service).node(name)
    manager = must(resolve.GetProjectManager(), "Resolve's projects cannot be reached; open one and start again")
    project = must(manager.GetCurrentProject(), "no project is open; open one and start again")
    timeline = must(project.GetCurrentTimeline(), "no timeline is open; open one and select a clip")
    shots, problems = _shots(timeline)
    tune = partial(tuned, desk, node, shots[0])
    before = Choice.load(node).for_clip(shots[0].path)
    choice = desk.ask(node, before, [shot.name for shot in shots], tune)
    if choice is None:
        return False
    desk.keep(node, replace(choice, clip=shots[0].path))
    bench = Bench(resolve, project, timeline, node, choice, service, desk)
    told, is_well = carry(bench, shots, count=len(shots))
    desk.tell(node.title, [*problems, *told])
    return is_well and not problems


def _shots(timeline: Any) -> tuple[list[Shot], list[str]]:
    """The chosen clips, and what is wrong with those that cannot be worked on; raises ServiceError where all are so."""
    shots, problems = list[Shot](), list[str]()
    for item in clips.chosen(timeline):
        try:
            shots.append(clips.shot(item, timeline))
        except ServiceError as error:
            problems.append(str(error))
    if not shots:
        raise ServiceError("; ".join(problems))
    return shots, problems
