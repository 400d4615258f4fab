"""What the shortcuts do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from .desk import Desk
from .model.viewing import CHANNELS, COMPARE

if TYPE_CHECKING:
    from .panel import Panel

__all__ = ["actions"]


def actions(panel: Panel) -> dict[str, Callable[[], object]]:
    """By the names in `SHORTCUTS`."""
    desk, transport, stage = panel.desk, panel.stage.transport, panel.stage
    return {
        **{word: partial(desk.show_as, compare=word) for word in COMPARE},
        **{word: partial(_channel, desk, word) for word in CHANNELS},
        "play": transport.play,
        "back": partial(transport.step, -1),
        "forth": partial(transport.step, 1),
        "first": partial(transport.jump, 0),
        "last": partial(transport.jump, -1),
        "in": transport.set_in,
        "out": transport.set_out,
        "whole": transport.whole,
        "previous key": partial(_to_key, desk, -1),
        "next key": partial(_to_key, desk, 1),
        "overlay": lambda: desk.show_as(overlay="none" if desk.view.overlay == "mask" else "mask"),
        "fit": stage.viewer.fit,
        "actual": stage.viewer.actual,
        "paint": stage.toggle_brush,
        "escape": panel.escape,
        "open": panel.browse,
        "save": panel.browse_save,
        "render": panel.render_job,
        "undo": desk.history.undo,
        "redo": desk.history.redo,
        "reload": panel.screening.look_again,
        "help": stage.help.toggle,
    }


def _channel(desk: Desk, word: str) -> None:
    """One channel; the same once more: colour."""
    desk.show_as(channel="RGB" if desk.view.channel == word else word)


def _to_key(desk: Desk, direction: int) -> None:
    """The nearest key of any knob, or of the drawn mask."""
    ahead = [int(key) for key in desk.keys if (key - desk.frame) * direction > 0]
    if ahead:
        desk.go_to(min(ahead, key=lambda frame: abs(frame - desk.frame)))
