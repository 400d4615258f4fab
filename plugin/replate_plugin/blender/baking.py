"""Baking: what a node is fed with is rendered, the service makes the frames, one step at a time.

    for progress in steps(placed, frames): ...

A step is short, so that Blender can draw and listen between two; whoever stops asking has cancelled.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from ..errors import ServiceError
from ..host.baking import Baking, Progress
from . import taps
from .finding import Placed, everywhere, separate
from .preferences import service
from .task import Task
from .upstream import nodes_before

__all__ = ["bake", "rest", "steps", "trouble"]

_LOOK = 0.02  # seconds between two looks at the service, where nothing else is to be done


class Waiting(Progress):
    """The service is at work; there is nothing to do but to ask again."""


def bake(placed: Placed, frames: Sequence[int]) -> None:
    """All steps at once, without a user to watch them; Ctrl-C cancels. Raises ServiceError."""
    for progress in steps(placed, frames):
        rest(progress)


def rest(progress: Progress) -> None:
    """Leave the processor to the service where a step was nothing but a look at it."""
    if isinstance(progress, Waiting):
        time.sleep(_LOOK)


def steps(placed: Placed, frames: Sequence[int]) -> Iterator[Progress]:
    """Bake the frames that are not up to date. Raises ServiceError."""
    separate()
    task = Task.of(placed)
    old = task.old(frames)
    if old:
        yield from _fed(task, old)
        yield from _made(task, old)


def _fed(task: Task, frames: Sequence[int]) -> Iterator[Progress]:
    """Render what the node is fed with, at these frames and at those that it looks at with them."""
    if not task.taps:
        return
    around = task.around(frames, service().window(task.job(frames)))
    missing = task.untapped(around)
    for before in _before(task.placed):
        yield from steps(before, missing)
    for number, frame in enumerate(missing):
        yield Progress(number, len(missing), f"Rendering what {task.placed.title} is fed with, frame {frame}")
        taps.tap(task, frame)


def _before(placed: Placed) -> list[Placed]:
    """Other nodes of ours that this one is fed by."""
    nodes = {node for socket in placed.node.inputs for _, node in nodes_before(placed, socket)}
    return [each for each in everywhere(placed.scene) if each.node in nodes]


def _made(task: Task, frames: Sequence[int]) -> Iterator[Progress]:
    baking = Baking(service(), task.job(frames), task.place, upstream=task.words).start()
    try:
        while not baking.over:
            now = baking.progress
            yield Waiting(now.done, now.total, now.text)
        baking.result()
    finally:
        baking.cancel()


def trouble(placed: Placed, frame: int) -> str:
    """Why a node has no result for a frame, in one sentence; empty where it has one that is up to date."""
    try:
        old = Task.of(placed).old([frame])
    except ServiceError as error:
        return str(error)
    return f"{placed.title} has no result for frame {frame}; bake it" if old else ""
