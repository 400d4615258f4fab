"""What happens by itself: before a frame is rendered every node shows that frame's result, or cannot be overlooked.

A render without a window, as on a farm, makes what is missing on the way. In Blender's own window a render runs beside
the interface, where nothing can be rendered on the side: there only what comes straight from files is made.
"""

from __future__ import annotations

import contextlib
import secrets
import sys
from typing import Any

import bpy
from bpy.app.handlers import persistent

from ..errors import ServiceError
from . import baking, changes, picture
from .finding import Placed, everywhere, separate
from .preferences import saving
from .taps import sleeping
from .task import Task, size_of
from .upstream import renders

__all__ = ["failures", "register", "rest", "show", "tell", "unregister"]

_RED = (0.5, 0.0, 0.1)

failures: list[tuple[int, str]] = []
"""Frame and reason of every node that could not show its result in the last render."""


def show(placed: Placed, frame: int, *, make: bool = False) -> str:
    """Show a node's result at a frame; what is wrong where it is an error that is shown. `make` has it made before."""
    said = _ready(placed, frame, make)
    if not said and not picture.show_frame(Task.of(placed), frame):
        said = f"{placed.title}: the result of frame {frame} in the cache cannot be read; clear it and bake again"
    if said:
        picture.show_error(placed.group, size_of(placed.scene))
    tell(placed, said)
    return said


def _ready(placed: Placed, frame: int, make: bool) -> str:
    """Why there is nothing to show. Blender goes on after an error in a handler, so that none may leave here."""
    try:
        said = baking.trouble(placed, frame)
        if said and make and (bpy.app.background or not Task.of(placed).taps):
            baking.bake(placed, [frame])
            said = baking.trouble(placed, frame)
    except ServiceError as error:
        return str(error)
    except Exception as error:
        return f"{placed.title} failed unexpectedly ({type(error).__name__}: {error}); please report it"
    return said


def tell(placed: Placed, said: str) -> None:
    """Write on the node what is wrong with it, in red; a title that the artist gave it stays."""
    node, before = placed.node, placed.group.replate.told
    placed.group.replate.told = said
    if before.startswith(node.label):  # Blender keeps 63 letters of it
        node.label = said
    if bool(said) != bool(before):
        node.use_custom_color = bool(said)
        node.color = _RED if said else node.color


def _begin(scene: Any, _: Any = None) -> None:
    if not sleeping():
        failures.clear()
        separate()


def _frame(scene: Any, _: Any = None) -> None:
    if sleeping():
        return
    frame = scene.frame_current
    for placed in everywhere(scene):
        if placed.used and (said := show(placed, frame, make=True)):
            failures.append((frame, said))
            print(f"Error: Replate: frame {frame} is an error picture: {said}", file=sys.stderr, flush=True)  # noqa: T201


def _end(scene: Any, _: Any = None) -> None:
    if sleeping():
        return
    _rest_all(scene)
    _soon()
    if failures:
        frames = len({frame for frame, _ in failures})
        print(f"Error: Replate: {frames} frames are error pictures; see above", file=sys.stderr, flush=True)  # noqa: T201


def rest(placed: Placed) -> None:
    """Leave a node in the state in which it works without this add-on."""
    with contextlib.suppress(ServiceError):
        picture.show_sequence(Task.of(placed))
    tell(placed, "")


def _rest_all(scene: Any) -> None:
    for placed in everywhere(scene):
        with contextlib.suppress(ServiceError):
            picture.show_sequence(Task.of(placed))


def _saving(path: str = "", *_: Any) -> None:
    with saving(path):
        for scene in bpy.data.scenes:
            _rest_all(scene)
            for placed in everywhere(scene):
                placed.group.replate.first, placed.group.replate.last = scene.frame_start, scene.frame_end


def _changed(_: Any, graph: Any) -> None:
    """What is rendered of a 3D scene is old once anything in it changes. Going to another frame is no such change, and
    Blender does not call it one."""
    if sleeping() or not any(_shows(update) for update in graph.updates):
        return
    for placed in (placed for scene in bpy.data.scenes for placed in everywhere(scene)):
        if any(renders(placed, socket) for socket in placed.node.inputs):
            placed.group.replate.scene = secrets.token_hex(4)


def _shows(update: Any) -> bool:
    """Whether a change shows in a render; what is done in the compositor is described there."""
    known = isinstance(update.id, (bpy.types.Scene, bpy.types.CompositorNodeTree, bpy.types.Image))
    return not known and (update.is_updated_geometry or update.is_updated_transform or update.is_updated_shading)


def _soon(*_: Any) -> None:
    """In a window, show the frame in view again."""
    changes.tell()


def _scrubbed(scene: Any, _: Any = None) -> None:
    if bpy.app.background or sleeping() or bpy.app.is_job_running("RENDER"):
        return
    for placed in everywhere(scene):
        show(placed, scene.frame_current)


_HANDLERS = {
    "render_init": _begin,
    "render_pre": _frame,
    "render_complete": _end,
    "render_cancel": _end,
    "save_pre": _saving,
    "save_post": _soon,
    "load_post": _soon,
    "depsgraph_update_post": _changed,
    "frame_change_post": _scrubbed,
}


def register() -> None:
    """Listen."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(persistent(handler))


def unregister() -> None:
    """Listen no more."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).remove(handler)
