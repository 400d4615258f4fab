"""Every Replate node of a script rendered without windows; see `startup/farm.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nuke

from ..client import ServiceError
from ..host.jobs import numbers
from . import rendering
from .held import ours
from .upstream import above

__all__ = ["main"]


def main(words: Sequence[str]) -> int:
    """Render the nodes of a script: script, frames, then names, all where none are given. The exit code."""
    if len(words) < 2:
        nuke.tprint("Replate: write nuke -t farm.py SCRIPT.nk 1001-1100 [NODE ...]")
        return 2
    script, frames, *names = words
    try:
        nuke.scriptOpen(script)
        for group in _chosen(names):
            rendering.render_frames(group, numbers(frames))
    except (RuntimeError, ServiceError) as error:
        nuke.tprint(str(error) if str(error).startswith("Replate: ") else f"Replate: {error}")
        return 1
    return 0


def _chosen(names: Sequence[str]) -> list[Any]:
    """Our Groups of these names, those above others first."""
    known = {group.fullName(): group for group in ours()}
    for name in names:
        if name not in known:
            raise ServiceError(f"there is no Replate node '{name}' in the script; it has {', '.join(known) or 'none'}")
    chosen = [known[name] for name in names] if names else list(known.values())
    return sorted(chosen, key=lambda group: len(above(group)))
