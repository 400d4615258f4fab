"""The panel as a program of its own."""

from __future__ import annotations

import signal
from pathlib import Path

from PySide6.QtCore import QTimer

from . import theme
from .panel import Panel
from .rendering import save_job

__all__ = ["run"]


def run(path: Path | None = None, *, sample: str = "", back: bool = False) -> int:
    """Open the panel, with a plate or a job; returns when it is closed. `back` then writes the job to where it was."""
    application = theme.application()
    panel = Panel(sample=sample)
    if path is not None:
        panel.open(path.absolute())
    panel.show()
    signal.signal(signal.SIGINT, lambda *_: panel.close())
    signal.signal(signal.SIGTERM, lambda *_: panel.close())
    awake = QTimer(interval=200)  # Python hears signals between two of its own calls only
    awake.timeout.connect(lambda: None)
    awake.start()
    code = application.exec()
    if back and path is not None:
        save_job(panel.desk, path.absolute())
    return code
