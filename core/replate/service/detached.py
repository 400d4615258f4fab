"""A service that outlives whoever started it: in a session of its own, with none of the starter's pipes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from ..errors import Cancelled
from ..memory import LARGE_PAGES
from .calling import Call, Gone

__all__ = ["start"]

_PATIENCE = 60.0  # seconds; a cold disk may take most of them
_LOOK = 0.03  # seconds
_ALONE: dict[str, Any] = {"creationflags": 0x00000208} if os.name == "nt" else {"start_new_session": True}
"""On Windows DETACHED_PROCESS and CREATE_NEW_PROCESS_GROUP."""


def start(folder: Path, *, idle: float | None = None, tcp: bool = False, cancel: threading.Event | None = None) -> bool:
    """Start a service in `folder` that ends after `idle` minutes without a request (None: as `replate serve` has it),
    and wait until it answers.

    False where one answers there already. Raises Gone where none comes up, Cancelled once `cancel` is set.
    """
    if _answers(folder):
        return False
    words = ["serve", "--at", str(folder.absolute()), *(["--tcp"] if tcp else [])]
    words += [] if idle is None else ["--idle", str(idle)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "replate", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            cwd=Path(sys.executable).parent,  # the folder that this was called in may be removed before it ends
            env=_environment(),
            **_ALONE,
        )
        until = time.monotonic() + _PATIENCE
        while not _answers(folder):
            if cancel is not None and cancel.is_set():
                process.terminate()
                raise Cancelled("cancelled while the service was starting")
            if process.poll() is not None and not _answers(folder):
                said.seek(0)
                raise Gone(f"the service in {folder} did not start: {_last(said.read(), process.returncode)}")
            if time.monotonic() > until:
                process.terminate()
                raise Gone(f"the service in {folder} does not answer; its service.log may tell why")
            time.sleep(_LOOK)
    return True


def _environment() -> dict[str, str]:
    """This process's, with its import paths as they are meant from where it was called, and with large pages."""
    paths = os.environ.get("PYTHONPATH", "")
    absolute = os.pathsep.join(os.path.abspath(path) for path in paths.split(os.pathsep) if path)  # noqa: PTH100
    return {**LARGE_PAGES, **os.environ, **({"PYTHONPATH": absolute} if absolute else {})}


def _answers(folder: Path) -> bool:
    try:
        Call(folder, client="replate serve").close()
    except Gone:
        return False
    return True


def _last(said: bytes, code: int) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].removeprefix("replate: ") if lines else f"it ended with code {code}"
