"""In Blender's window: when a setting changes, the frame in view is made anew, as long as the picture comes straight
from a file. What Blender itself would have to render waits for Bake, and is told to be old."""

from __future__ import annotations

import bpy

from ..errors import ServiceError
from ..host.baking import Baking
from . import changes, handlers
from .finding import Placed, everywhere
from .preferences import service
from .task import Task

__all__ = ["register", "unregister"]

_WAIT = 0.25  # seconds after the last change: a slider that is being dragged asks for nothing
_LOOK = 0.1
_AT_WORK: list[tuple[Placed, int, Baking]] = []


def _touched() -> None:
    """Something changed; look soon."""
    if bpy.app.background:
        return
    if bpy.app.timers.is_registered(_begin):
        bpy.app.timers.unregister(_begin)
    bpy.app.timers.register(_begin, first_interval=_WAIT)


def _begin() -> None:
    """Ask for the frame in view of every live node that is not up to date; older questions are taken back."""
    scene = bpy.context.scene
    for _, _, question in _AT_WORK:
        question.cancel()
    for placed in everywhere(scene):
        if handlers.show(placed, scene.frame_current) and placed.group.replate.live:
            _ask(placed, scene.frame_current)
    if _AT_WORK and not bpy.app.timers.is_registered(_look):
        bpy.app.timers.register(_look, first_interval=_LOOK)


def _ask(placed: Placed, frame: int) -> None:
    try:
        task = Task.of(placed)
        if not task.taps:
            _AT_WORK.append((placed, frame, Baking(service(), task.job([frame]), task.place).start()))
    except ServiceError as error:
        handlers.tell(placed, str(error))


def _look() -> float | None:
    """Show what has come."""
    for placed, frame, question in [each for each in _AT_WORK if each[2].over]:
        _AT_WORK.remove((placed, frame, question))
        try:
            question.result()
            if bpy.context.scene.frame_current == frame:
                handlers.show(placed, frame)
        except ServiceError as error:
            if error.exit_code != 130:
                handlers.tell(placed, str(error))
    return _LOOK if _AT_WORK else None


def register() -> None:
    """Wait for changes."""
    changes.hear(_touched)


def unregister() -> None:
    """Ask for nothing more."""
    changes.forget(_touched)
    for timer in (_begin, _look):
        if bpy.app.timers.is_registered(timer):
            bpy.app.timers.unregister(timer)
    for _, _, question in _AT_WORK:
        question.cancel()
    _AT_WORK.clear()
