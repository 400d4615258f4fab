"""Where the service is looked for, and how it is started where there is none. Standard library only."""

from __future__ import annotations

import getpass
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from .connection import Connection
from .errors import ServiceError, Unreachable

__all__ = ["HIDDEN", "RECORD", "answer", "connect", "environment", "python", "usual_folder"]

RECORD = Path(__file__).with_name("python.txt")
"""Beside a copy of this package in a host's folder: the Python of the installation that it was copied from."""

_START = 60.0  # seconds; a cold disk may take most of them
HIDDEN: dict[str, Any] = {"creationflags": 0x08000000} if os.name == "nt" else {}  # no console window
_CHILDREN: dict[Path, subprocess.Popen[bytes]] = {}
_STARTING = threading.Lock()
_LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}  # `replate.memory` says what for
_HOSTS_OWN = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")


def usual_folder() -> Path:
    """$REPLATE_SERVICE, else `replate` in $XDG_RUNTIME_DIR, else `replate-USER` among the temporary files."""
    given, runtime = os.environ.get("REPLATE_SERVICE"), os.environ.get("XDG_RUNTIME_DIR")
    if given:
        return Path(given)
    return Path(runtime) / "replate" if runtime else Path(tempfile.gettempdir()) / f"replate-{getpass.getuser()}"


def python() -> str:
    """The Python that has Replate: $REPLATE_PYTHON, the recorded one, or the `.venv` of the checkout this file is in.

    Raises ServiceError where there is none.
    """
    if given := os.environ.get("REPLATE_PYTHON"):
        return given
    inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    beside = Path(__file__).resolve().parents[2] / ".venv" / inside
    recorded = [Path(RECORD.read_text(encoding="utf-8").strip())] if RECORD.is_file() else []
    for path in (*recorded, beside):
        if path.is_file():
            return str(path)
    tried = " and ".join(str(path) for path in (*recorded, beside))
    raise ServiceError(
        f"Replate's Python was not found ({tried}); run install.py, or set REPLATE_PYTHON to it", exit_code=2
    )


def connect(folder: Path, *, client: str, program: str = "") -> Connection:
    """The service of this folder, started where none answers. Raises ServiceError where that does not help."""
    until, started = time.monotonic() + _START, None
    while True:
        try:
            return Connection(folder, client=client)
        except Unreachable as error:
            why = str(error)
        if started is None or started.is_over():
            started = _Started(program or python(), folder)
        if time.monotonic() > until:
            raise ServiceError(f"the Replate service in {folder} does not answer ({why}); see service.log there")
        time.sleep(0.03)


def answer(*words: str, program: str = "") -> str:
    """What `replate WORDS` prints, without a service, by that Python or the usual one. Raises ServiceError where it
    fails."""
    command = [program or python(), "-s", "-m", "replate", *words]
    try:
        done = subprocess.run(command, env=environment(), capture_output=True, timeout=_START, **HIDDEN)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceError(
            f"Replate's Python {command[0]} cannot be run: {error}; run install.py", exit_code=2
        ) from error
    if done.returncode:
        last = "".join(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:])
        why = last.removeprefix("replate: ")
        raise ServiceError(f"'replate {words[0]}' failed: {why}", exit_code=done.returncode)
    said: bytes = done.stdout
    return said.decode("utf-8")


def environment() -> dict[str, str]:
    """The host's, without what would mislead another Python than its own."""
    return _LARGE_PAGES | {name: value for name, value in os.environ.items() if name not in _HOSTS_OWN}


class _Started:
    """A service that is coming up, in a process of its own that outlives the host.

    Where one of this process's is still there it is that one: another thread has just started it, or it crashed and is
    not quite gone. Looking at it also ends it: until its parent looks, it seems to be at work on what it left behind.
    """

    def __init__(self, program: str, folder: Path) -> None:
        with _STARTING:
            before = _CHILDREN.get(folder)
            self._is_ours = before is None or before.poll() is not None
            if before is not None and not self._is_ours:
                self._process = before
            else:
                self._start(program, folder)

    def _start(self, program: str, folder: Path) -> None:
        command = [program, "-s", "-m", "replate", "serve", "--at", str(folder.absolute())]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  (a pipe that nobody reads would fill)
        try:
            self._process = _CHILDREN[folder] = subprocess.Popen(
                command,
                env=environment(),
                cwd=str(Path(program).absolute().parent),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                **(HIDDEN or {"start_new_session": True}),
            )
        except OSError as error:
            raise ServiceError(
                f"Replate's Python {program} cannot be run: {error.strerror}; run install.py or set REPLATE_PYTHON",
                exit_code=2,
                path=program,
            ) from error

    def is_over(self) -> bool:
        """Whether it has ended again and another is wanted; raises ServiceError where another would fail, too.

        One that found another host's running is not over: that one will answer.
        """
        code = self._process.poll()
        if not self._is_ours:
            return code is not None
        if not code:
            return code == 0
        self._said.seek(0)
        said = self._said.read().decode("utf-8", "replace").strip()
        if "a service is running in" in said:
            return False
        last = said.splitlines()[-1] if said else f"it ended with code {code}"
        raise ServiceError(f"the Replate service did not start: {last.removeprefix('replate: ')}", exit_code=2)
