"""The nodes in Blender 5.0: groups in the compositor, and the same as modifiers of strips in the sequencer.

What runs here imports the standard library, bpy and numpy. A node is an ordinary node group: its settings belong to the
group's tree (`settings.py`), its result is an image inside it (`picture.py`). So a file that was baked renders in a
Blender without this add-on, too. `task.py` is what a node wants made, `baking.py` has it made, `handlers.py` sees to it
that no frame shows anything else.
"""

from __future__ import annotations

from . import handlers, live, menus, operators, panels, preferences, sequencer, settings

__all__ = ["register", "unregister"]

_PARTS = (preferences, settings, operators, sequencer, panels, menus, handlers, live)


def register() -> None:
    """Called by Blender when the add-on is switched on."""
    for part in _PARTS:
        part.register()


def unregister() -> None:
    """Called by Blender when it is switched off."""
    for part in reversed(_PARTS):
        part.unregister()
