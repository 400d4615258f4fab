"""Services for tests: real processes of this checkout, in folders of their own, gone when the test is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from replate_plugin.client import Picture, Service

ROOT = Path(__file__).parents[1]

__all__ = ["Raw", "array", "end", "kill", "pid_of", "program", "pythons", "running", "served", "started", "wait_for"]


def program(folder: Path) -> str:
    """A Python that has the Replate of this checkout, whatever is installed and whatever the environment says."""
    script = folder / "python"
    if not script.exists():
        path = ":".join(str(ROOT / name) for name in ("core", "training", "export", "tests/guard"))
        script.write_text(f'#!/bin/sh\nPYTHONPATH="{path}" exec "{sys.executable}" "$@"\n')
        script.chmod(0o755)
    return str(script)


@contextmanager
def served(folder: Path, **given: Any) -> Iterator[Service]:
    """A client whose service is started by its first request and killed at the end, if it is still there."""
    folder.mkdir(exist_ok=True, mode=0o700)
    with Service(folder=folder / "run", python=program(folder), **given) as service:
        try:
            yield service
        finally:
            end(folder / "run")


@contextmanager
def started(folder: Path, *words: str, **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """`replate serve --at FOLDER ...` as a process, once it is ready."""
    command = [program(folder.parent), "-m", "replate", "serve", "--at", str(folder), *words]
    process = subprocess.Popen(command, **how)
    try:
        wait_for(lambda: (folder / "service.json").exists() or process.poll() is not None)
        yield process
    finally:
        process.terminate()
        process.send_signal(signal.SIGCONT)
        process.wait()


def pythons() -> Iterator[tuple[str, str]]:
    """Version and path of those of the hosts that are installed here."""
    for version in ("3.10", "3.11", "3.12", "3.13"):
        versions = Path.home() / ".pyenv" / "versions"
        places = [shutil.which(f"python{version}"), *map(str, versions.glob(f"{version}.*/bin/python"))]
        for path in filter(None, places):
            if subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
                yield version, path
                break


def wait_for(condition: Callable[[], object], *, seconds: float = 500) -> None:
    """Until something holds; a test fails where it does not in the end."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it does not come about"
        time.sleep(0.01)


def pid_of(folder: Path) -> int:
    """The process of the service in a folder."""
    return int(json.loads((folder / "service.json").read_text())["pid"])


def kill(folder: Path) -> None:
    """Kill the service of a folder as a crash would."""
    with suppress(OSError, ValueError, KeyError):
        os.kill(pid_of(folder), signal.SIGKILL)


def end(folder: Path) -> None:
    """End the service of a folder as a user would."""
    with suppress(OSError, ValueError, KeyError):
        os.kill(pid_of(folder), signal.SIGTERM)


def running(folder: Path) -> bool:
    """Whether the process that the folder tells of is alive."""
    try:
        os.kill(pid_of(folder), 0)
    except (OSError, ValueError):
        return False
    return True


def array(picture: Picture) -> np.ndarray:
    """A copy of a picture's pixels, H x W x C."""
    return np.array(picture.pixels, np.float32).reshape(picture.height, picture.width, -1)


class Raw:
    """A client that does as it pleases."""

    def __init__(self, folder: Path) -> None:
        self.facts = json.loads((folder / "service.json").read_text())
        local = "socket" in self.facts
        self.socket = socket.socket(socket.AF_UNIX if local else socket.AF_INET)
        self.socket.settimeout(60)
        self.socket.connect(self.facts["socket"] if local else ("127.0.0.1", self.facts["port"]))

    def say(self, message: Any) -> Raw:
        """Send an object as a message."""
        body = json.dumps(message).encode()
        self.socket.sendall(struct.pack(">I", len(body)) + body)
        return self

    def hello(self, **changes: Any) -> Raw:
        """The handshake, or another one."""
        return self.say({"type": "hello", "protocol": 1, "token": self.facts["token"], "client": "raw", **changes})

    def hear(self) -> Any:
        """The next message, None where the service hung up."""
        head = self._exactly(4)
        return None if head is None else json.loads(self._exactly(struct.unpack(">I", head)[0]) or b"null")

    def _exactly(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            with suppress(ConnectionError):
                part = self.socket.recv(count - len(data))
                if part:
                    data += part
                    continue
            return None
        return data
