"""What the buttons do: have Nuke render what Replate needs, have Replate render the rest, and show it.

Nuke renders in its main thread, as it must; a node of Replate is then rendered in the service, while a thread here
tells how far that is and the artist goes on. Without windows everything happens in one thread, and errors end the
script.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Sequence
from typing import Any

import nuke

from ..client import ServiceError
from ..host.baking import Baking
from . import marks, pipes, session
from .held import Held, is_ours
from .upstream import above

__all__ = ["cancel", "clear", "preview", "render", "render_frames"]

_LOOK = 0.1  # seconds between two looks at how far a render is
_running: list[tuple[Any, Baking]] = []


@session.told
def preview(group: Any) -> None:
    """Render the frame that Nuke is at."""
    frame = int(nuke.frame())
    _start(Held(group, [frame]), frame=frame)


@session.told
def render(group: Any) -> None:
    """Render the frames of the Group's knob."""
    _start(Held(group))


@session.told
def render_frames(group: Any, frames: Sequence[int]) -> None:
    """Render these frames, and come back when they are done: for scripts and farms."""
    held = Held(group, frames)
    _finish(held, _begin(held))


@session.told
def cancel(group: Any) -> None:
    """End what is running for this Group."""
    for each, baking in _running:
        if each == group:
            baking.cancel()


@session.told
def clear(group: Any) -> None:
    """Remove the Group's pictures from the disk; its input shows again."""
    held = Held(group)
    _check_idle(group)
    held.place.clear()
    group["replate_rendered"].setValue(0)
    marks.refresh(group)


def _start(held: Held, *, frame: int | None = None) -> None:
    baking = _begin(held, frame=frame)
    if nuke.GUI:
        threading.Thread(target=_watch, args=(held, baking), daemon=True).start()
    else:
        _finish(held, baking)


def _begin(held: Held, *, frame: int | None = None) -> Baking:
    """Hand over what Replate needs, then have it rendered in a thread."""
    _check_idle(held.group)
    _check_above(held)
    offsets = session.service().window(held.job)
    _hand_over(held, offsets)
    baking = Baking(session.service(), held.job, held.place, frame=frame, upstream=held.words)
    _running.append((held.group, baking))
    return baking.start()


def _hand_over(held: Held, offsets: Sequence[int]) -> None:
    """Have Nuke render the inputs that are no files yet, with the neighbours that the node looks at."""
    shot = held.group.input(0) or nuke.root()
    painted = {name: held.sparse(name) or pipe.there for name, pipe in held.pipes.items() if pipe.entry.sparse}
    for name, pipe in held.pipes.items():
        frames = painted.get(name) or pipes.around(shot, held.frames, offsets)
        if name == "plate":  # a painted frame is compared with the plate's of the same number
            frames = sorted({*frames, *(frame for those in painted.values() for frame in those)})
        alpha = name in pipes.MATTES and not held.job["params"].get(f"{name}.channel")
        pipe.render(held.group, held.place, frames, channels="alpha" if alpha else "all")


def _check_idle(group: Any) -> None:
    if any(each == group for each, _ in _running):
        raise ServiceError("this node is being rendered; cancel that, or wait for its end")


def _check_above(held: Held) -> None:
    """A node of ours above must be rendered first: what it shows would go into this one."""
    for node in above(held.group)[1:]:
        shows = is_ours(node) and node["replate_show"].value() == "result"
        if shows and Held(node, held.frames).old:
            raise ServiceError(f"{node.name()}, above this node, is not up to date; render it first")


def _watch(held: Held, baking: Baking) -> None:
    """In a thread of its own: show how far it is, then have the main thread go on."""
    task = nuke.ProgressTask(f"Replate {held.node.title}")
    while not baking.over:
        if task.isCancelled():
            baking.cancel()
        task.setProgress(int(100 * baking.progress.fraction))
        task.setMessage(baking.progress.text)
        time.sleep(_LOOK)
    del task
    nuke.executeInMainThread(session.told(_finish), args=(held, baking))


def _finish(held: Held, baking: Baking) -> None:
    """Wait for the end and show what was rendered; then raises the render's ServiceError, if there is one."""
    try:
        _follow(baking)
        baked = baking.result()
    finally:
        _running[:] = [(each, other) for each, other in _running if other is not baking]
        _refresh(held)
    for note in baked.notes:
        nuke.tprint(f"Replate: {note}")


def _follow(baking: Baking) -> None:
    """Without windows: a line for what is done, now and then, and for the last of it."""
    said, over = "", False
    while not over:
        over, text = baking.over, baking.progress.text
        if text != said and not nuke.GUI:
            nuke.tprint(f"Replate: {text}")
        said = text
        time.sleep(0 if over else _LOOK)


def _refresh(held: Held) -> None:
    with contextlib.suppress(ValueError):  # the Group was deleted meanwhile; what it rendered is on the disk
        if held.place.made(held.result):
            marks.show(held)
        marks.refresh(held.group)
