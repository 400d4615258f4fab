"""A client that knows the token and says anything."""

from __future__ import annotations

import json
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from . import Row, Trial, formats
from .documents import job_of
from .mutation import mutated, mutated_json

__all__ = ["messages"]

_PATIENCE = 120.0  # seconds for an answer, on a machine that is busy
_HEAD = struct.Struct(">I")
_ROOM = 2**20  # KiB of memory that the service may grow by


def messages(trial: Trial) -> Iterator[Row]:
    """Requests of every kind, changed; each is answered, refused in a sentence, or the client is let go."""
    generator = next(formats.networks(trial.folder)).whole
    known = list(_requests(job_of(trial.folder, generator)))
    answers, lost = Counter[str](), list[str]()
    with _service(trial.folder / "run") as facts:
        grown = -_resident(facts["pid"])
        for number in range(trial.times):
            said = _answer(facts, trial.chance.choice(known), trial.chance)
            answers[said.partition(":")[0]] += 1
            if said.startswith(("none", "unforeseen")):
                lost.append(f"message {number}: {said}")
        with suppress(OSError):
            grown += _resident(facts["pid"])
        if _answer(facts, {"type": "status", "id": 1}, None) != "done" or grown > _ROOM:
            lost.append("the service does not answer any more, or has grown by more than 1 GiB")
    counts = ", ".join(f"{count} {word}" for word, count in answers.most_common())
    yield Row(
        fault=f"messages to the service changed: {counts}; it grew by {grown >> 10} MiB", tried=trial.times, lost=lost
    )


def _requests(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    common = {"id": 1, "job": dict(job), "folder": "/", "generators": "", "ocio": "", "viewer": "a"}
    picture = {"kind": "result", "frame": 2}
    yield {"type": "status", "id": 1}
    yield {"type": "nodes", "id": 1, "generators": ""}
    yield {"type": "card", "id": 1, "generator": job["generator"]}
    yield {"type": "cancel", "id": 1, "which": 2}
    yield {"type": "window", **common}
    yield {"type": "render", **common}
    yield {"type": "preview", **common, "frame": 2, "channels": ["R"], "space": "", "width": 16, "released": []}
    yield {"type": "facts", **common, "input": "plate"}
    yield {"type": "original", **common, "input": "plate", "frame": 2, "width": 16, "released": ["x"]}
    yield {"type": "screen", **common, "picture": picture, "exposure": 1.0, "gamma": 1.0, "channel": "RGB", "width": 16}
    yield {"type": "probe", **common, "picture": picture, "x": 1, "y": 2}


@contextmanager
def _service(folder: Path) -> Iterator[dict[str, Any]]:
    """What `service.json` says of a service that runs meanwhile."""
    command = [sys.executable, "-m", "replate", "serve", "--at", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _PATIENCE
        while not (folder / "service.json").exists() and time.monotonic() < until:
            time.sleep(0.05)
        yield json.loads((folder / "service.json").read_text())
    finally:
        process.terminate()
        process.wait()


def _answer(facts: Mapping[str, Any], request: Mapping[str, Any], chance: Random | None) -> str:
    """What comes of a request, changed where there is a chance: "done", "failed: why", "let go" or "none"."""
    body = json.dumps(request).encode()
    packet = _framed(body if chance is None else mutated_json(body, chance))
    whole = chance is None or chance.random() < 0.8
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_PATIENCE)
        client.connect(facts["socket"])
        client.sendall(_framed(json.dumps({"type": "hello", "protocol": 1, "token": facts["token"]}).encode()))
        with suppress(ConnectionError):  # as when it has let us go before all was said
            client.sendall(packet if whole or chance is None else mutated(packet, chance))
            if not whole:
                client.shutdown(socket.SHUT_WR)
        return _outcome(client)


def _outcome(client: socket.socket) -> str:
    try:
        while (message := _heard(client)) is not None:
            if message["type"] == "done":
                return "done"
            if message["type"] == "failed":
                return ("unforeseen: " if "unforeseen" in message["message"] else "failed: ") + message["message"]
    except TimeoutError:
        return "none"
    except ConnectionError:
        pass
    return "let go"


def _heard(client: socket.socket) -> Any:
    head = client.recv(_HEAD.size, socket.MSG_WAITALL)
    return json.loads(client.recv(_HEAD.unpack(head)[0], socket.MSG_WAITALL)) if len(head) == _HEAD.size else None


def _framed(body: bytes) -> bytes:
    return _HEAD.pack(len(body)) + body


def _resident(process: int) -> int:
    """KiB of memory that a process has."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
