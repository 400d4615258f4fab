"""Operators that take their time: step by step with a timer in a window, at one go in a script."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import bpy

from ..errors import ServiceError
from ..host.baking import Progress
from . import baking, handlers
from .finding import everywhere

__all__ = ["Stepping", "cancel", "running"]

_TICK = 0.05  # seconds

running: list[Stepping] = []
"""What is at work now."""


def cancel() -> None:
    """Ask all that is at work to end; finished frames stay."""
    for operator in running:
        operator.wanted = False


class Stepping:
    """An operator that goes on step by step. In a window a timer asks for the next one, and Esc ends it."""

    wanted = True
    report: Any
    _steps: Generator[Progress, None, None]
    _timer: Any = None

    def steps(self, context: Any) -> Generator[Progress, None, None]:
        """What it does."""
        raise NotImplementedError

    def execute(self, context: Any) -> set[str]:
        """All of it, without a window."""
        return self._guarded(lambda: self._all(context))

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Begin, and go on with every tick."""
        if bpy.app.background:
            return self.execute(context)
        self._steps = self.steps(context)
        self._timer = context.window_manager.event_timer_add(_TICK, window=context.window)
        context.window_manager.progress_begin(0, 1)
        running.append(self)
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: Any, event: Any) -> set[str]:
        """One step a tick."""
        if event.type == "ESC" or not self.wanted:
            return self._over(context, {"CANCELLED"}, "Cancelled; finished frames are kept")
        if event.type != "TIMER":
            return {"PASS_THROUGH"}
        return self._guarded(lambda: self._step(context))

    def _step(self, context: Any) -> set[str]:
        progress = next(self._steps, None)
        if progress is None:
            return self._over(context, {"FINISHED"}, "")
        context.window_manager.progress_update(progress.fraction)
        context.workspace.status_text_set(f"Replate: {progress.text} (Esc cancels)")
        return {"RUNNING_MODAL"}

    def _all(self, context: Any) -> set[str]:
        running.append(self)
        try:
            for progress in self.steps(context):
                baking.rest(progress)
                if not self.wanted:
                    self.report({"WARNING"}, "Cancelled; finished frames are kept")
                    return {"CANCELLED"}
        finally:
            running.remove(self)
        return {"FINISHED"}

    def _guarded(self, do: Callable[[], set[str]]) -> set[str]:
        """An error is one sentence in Blender's own way: a report here, a RuntimeError in a script."""
        try:
            return do()
        except Exception as error:
            if self._timer is not None:
                self._over(bpy.context, set(), "")
            if not isinstance(error, ServiceError):
                raise
            self.report({"WARNING" if error.exit_code == 130 else "ERROR"}, f"Replate: {error}")
            return {"CANCELLED"}

    def _over(self, context: Any, how: set[str], text: str) -> set[str]:
        self._steps.close()
        running.remove(self)
        context.window_manager.event_timer_remove(self._timer)
        context.window_manager.progress_end()
        context.workspace.status_text_set(None)
        if text:
            self.report({"INFO"}, text)
        for placed in list(everywhere(context.scene)):
            handlers.show(placed, context.scene.frame_current)
        return how
