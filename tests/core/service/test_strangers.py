"""Another user of the machine and the service: neither its folder's rights nor the caller's identity let one in."""

from __future__ import annotations

import json
import os
import shutil
import socket
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services import started

NOBODY = 65534

pytestmark = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can be somebody else for a moment"
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in a place that everybody can reach; pytest's own are private."""
    place = Path(tempfile.mkdtemp(prefix="replate-test-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place, ignore_errors=True)


def as_nobody(do: Callable[[], str]) -> str:
    """What `do` says in a process of a user without rights."""
    out, into = os.pipe()
    process = os.fork()
    if not process:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            said = do()
        except BaseException as error:
            said = type(error).__name__
        os.write(into, said.encode())
        os._exit(0)
    os.close(into)
    os.waitpid(process, 0)
    with os.fdopen(out, "rb") as pipe:
        return pipe.read().decode()


def greeting(path: str, token: str) -> str:
    """What the service answers to the right token; "" where it hangs up."""
    hello = json.dumps({"type": "hello", "protocol": 1, "token": token, "client": "stranger"}).encode()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(path)
        try:
            client.sendall(struct.pack(">I", len(hello)) + hello)
            return client.recv(4096)[4:].decode()
        except ConnectionError:
            return ""


def test_a_stranger_reaches_nothing(folder: Path) -> None:
    with started(folder / "run"):
        facts = json.loads((folder / "run" / "service.json").read_text())
        assert as_nobody((folder / "run" / "service.json").read_text) == "PermissionError"
        assert as_nobody(lambda: greeting(facts["socket"], facts["token"])) == "PermissionError"
        for path in (folder / "run").iterdir():
            assert not path.stat().st_mode & 0o077 or path.name in ("service.lock", "service.log"), path


def test_a_stranger_with_the_token_is_not_let_in(folder: Path) -> None:
    """As where somebody has opened the folder to all: the system says who calls."""
    with started(folder / "run"):
        facts = json.loads((folder / "run" / "service.json").read_text())
        assert "welcome" in greeting(facts["socket"], facts["token"])
        (folder / "run").chmod(0o755)
        Path(facts["socket"]).chmod(0o777)
        assert as_nobody(lambda: greeting(facts["socket"], facts["token"])) == ""
        assert "welcome" in greeting(facts["socket"], facts["token"])
