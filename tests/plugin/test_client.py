"""The client in a host: any Python from 3.10 on, nothing but the standard library, one sentence when it fails."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from nets import tiny_style
from plates import write_shot
from replate_plugin import starting
from replate_plugin.client import Service, ServiceError
from replate_plugin.connection import Connection
from services import ROOT, end, kill, program, pythons, served, started

PLUGIN = ROOT / "plugin"
USE = """
import json, os, sys
from replate_plugin.client import Service, ServiceError
with Service(client="host", folder=sys.argv[1]) as service:
    job = json.loads(sys.argv[2])
    names = [node["name"] for node in service.nodes()["nodes"]]
    with service.preview(job, 2) as picture:
        rows = list(picture.rows())
        told = [picture.width, picture.height, len(rows), rows[0][3], len(picture.pixels)]
        del rows
    news = []
    report = service.render(job, on_news=lambda message: news.append(message["type"]))
    try:
        service.preview(job, 99)
    except ServiceError as error:
        code = error.exit_code
    mine = sorted(name for name in sys.modules if name.partition(".")[0] in ("numpy", "replate", "torch", "PySide6"))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    print(json.dumps([version, names, told, report["done"], news.count("frame"), code, mine]))
"""


@pytest.fixture
def job(tmp_path: Path) -> dict[str, object]:
    look = str(tiny_style(tmp_path / "tiny.onnx"))
    plate = write_shot(tmp_path / "in", range(1, 4))
    output = str(tmp_path / "o" / "o.%04d.exr")
    return {"replate": 1, "node": "style", "generator": look, "inputs": {"plate": plate}, "output": output}


@pytest.mark.parametrize(("version", "python"), list(pythons()))
def test_a_host_of_any_python(version: str, python: str, job: dict[str, object], tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(PLUGIN),
        "REPLATE_PYTHON": program(tmp_path),
        "PYTHONSTARTUP": "/nowhere",
    }
    command = [python, "-c", USE, str(tmp_path / "run"), json.dumps(job)]
    try:
        told = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert told.returncode == 0, told.stderr
        ran, names, picture, done, frames, code, loaded = json.loads(told.stdout)
        assert (ran, "style" in names) == (version, True)
        assert picture == [64, 48, 48, 1.0, 64 * 48 * 4]
        assert (done, frames, code, loaded) == ("1-3", 3, 2, [])
        assert not told.stderr
    finally:
        end(tmp_path / "run")


def test_which_python_starts_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPLATE_PYTHON", "/studio/python")
    assert starting.python() == "/studio/python"
    monkeypatch.delenv("REPLATE_PYTHON")
    package = tmp_path / "checkout" / "plugin" / "replate_plugin"
    package.mkdir(parents=True)
    monkeypatch.setattr(starting, "__file__", str(package / "starting.py"))
    monkeypatch.setattr(starting, "RECORD", package / "python.txt")
    with pytest.raises(ServiceError, match=r"run install\.py") as caught:
        starting.python()
    assert caught.value.exit_code == 2
    beside = tmp_path / "checkout" / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    beside.parent.mkdir(parents=True)
    beside.touch()
    assert starting.python() == str(beside)
    recorded = tmp_path / "elsewhere"
    recorded.touch()
    (package / "python.txt").write_text(f"{recorded}\n")
    assert starting.python() == str(recorded)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'No module named replate' >&2; exit 1", "No module named replate"),
        ("exit 7", "code 7"),
        (None, "cannot be run"),
    ],
)
def test_a_service_that_does_not_start_is_a_sentence(tmp_path: Path, script: str | None, words: str) -> None:
    python = tmp_path / "python"
    if script is not None:
        python.write_text(f"#!/bin/sh\n{script}\n")
        python.chmod(0o755)
    with pytest.raises(ServiceError, match=words) as caught:
        Service(folder=tmp_path / "run", python=str(python)).status()
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_service_that_ends_at_once_is_started_again(tmp_path: Path) -> None:
    python, count = tmp_path / "hasty", tmp_path / "count"
    python.write_text(f'#!/bin/sh\necho >> {count}; [ $(wc -l < {count}) -lt 3 ] || exec {program(tmp_path)} "$@"\n')
    python.chmod(0o755)
    with Service(folder=tmp_path / "run", python=str(python)) as service:
        service.status()
        service.shutdown()
    assert len(count.read_text()) == 3


def test_a_service_that_does_not_answer_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "_START", 0.3)
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 5\n")
    python.chmod(0o755)
    with pytest.raises(ServiceError, match="does not answer"):
        Service(folder=tmp_path / "run", python=str(python)).status()


def test_a_folder_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "service.json").write_text(json.dumps({"token": "x", "port": 9}))
    with pytest.raises(ServiceError, match="yours alone") as caught:
        Service(folder=folder).status()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "nothing", "[]", "{}", '{"token": "x"}', '{"token": "x", "port": 1}'])
def test_what_a_killed_service_left_is_not_believed(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    (folder / "service.json").write_text(text)
    with Service(folder=folder, python=program(tmp_path)) as service:
        assert service.status()["clients"] == [service.client]
        service.shutdown()
    Service(folder=folder).shutdown()


def test_it_starts_in_the_shell_of_a_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a host says to its own Python does not reach the service's."""
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE"):
        monkeypatch.setenv(name, "/host/python")
    script, real = tmp_path / "strict", program(tmp_path)
    script.write_text(f'#!/bin/sh\n[ -z "$PYTHONHOME$PYTHONPATH$PYTHONEXECUTABLE" ] && exec "{real}" "$@"\n')
    script.chmod(0o755)
    with Service(folder=tmp_path / "run", python=str(script)) as service:
        service.status()
        service.shutdown()


def test_a_service_that_was_replaced_in_between_is_asked_again(tmp_path: Path) -> None:
    """Its address may be the same, as a port's number, and its token another."""
    with started(tmp_path / "run", "--tcp"):
        file = tmp_path / "run" / "service.json"
        true = file.read_text()
        file.write_text(json.dumps({**json.loads(true), "token": "0" * 64}))
        thread = threading.Timer(0.3, file.write_text, [true])
        refused = {"count": 0}

        class Late(Connection):
            def _greet(self, token: str, client: str) -> dict[str, object]:
                try:
                    return super()._greet(token, client)
                except ServiceError:
                    refused["count"] += 1
                    thread.start()
                    thread.join()
                    raise

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(starting, "Connection", Late)
            patch.setattr(starting, "_Started", lambda *_: SimpleNamespace(is_over=lambda: False))
            assert Service(folder=tmp_path / "run", python="none").status()["clients"]
        assert refused["count"] == 1


def test_a_connection_that_breaks_is_not_asked_twice(tmp_path: Path) -> None:
    """Who sends may see that the service is gone before who listens does."""
    with served(tmp_path) as service:
        service.status()
        service._connected()._socket.shutdown(socket.SHUT_WR)
        assert service.status()["pid"]


def test_threads_that_miss_a_service_start_one(tmp_path: Path) -> None:
    count, python = tmp_path / "count", tmp_path / "counted"
    python.write_text(f'#!/bin/sh\necho >> {count}; exec {program(tmp_path)} "$@"\n')
    python.chmod(0o755)
    clients = [Service(folder=tmp_path / "run", python=str(python)) for _ in range(4)]
    try:
        for starts in (1, 2):
            with ThreadPoolExecutor(4) as threads:
                assert len({each["pid"] for each in threads.map(Service.status, clients)}) == 1
            assert len(count.read_text()) == starts
            kill(tmp_path / "run")
    finally:
        end(tmp_path / "run")
