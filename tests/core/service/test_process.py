"""The process itself: who may come in, when it ends, and what never stops it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from replate.service import detached
from replate.service.session import Session
from replate_plugin.client import Service, ServiceError
from services import Raw, array, end, pid_of, program, running, served, started, wait_for

from .conftest import MANY, Shot


@pytest.mark.parametrize("hello", [{"token": "0" * 64}, {"token": None}, {"protocol": 99}, {"type": "render"}])
def test_who_does_not_know_the_token_or_the_language_is_sent_away(common: Service, hello: dict[str, object]) -> None:
    common.status()
    raw = Raw(common.folder).hello(**hello)
    answer = raw.hear()
    assert (answer["type"], answer["exit_code"]) == ("failed", 2)
    assert ("token" in answer["message"]) == ("token" in hello)
    assert raw.hear() is None
    common.status()


def test_a_client_of_another_protocol_is_told_so(common: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    common.status()
    monkeypatch.setattr("replate_plugin.connection.PROTOCOL", 99)
    with pytest.raises(ServiceError, match="speaks protocol 1, the client 99") as caught:
        Service(folder=common.folder).status()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">I", 2**32 - 1),
        struct.pack(">I", 5) + b"[1,2]",
        struct.pack(">I", 9) + b"\xff" * 9,
        struct.pack(">I", 100_000) + b"[" * 100_000,
        struct.pack(">I", 100) + b"{",
    ],
)
def test_what_is_no_message_ends_that_connection_alone(common: Service, data: bytes) -> None:
    common.status()
    for raw in (Raw(common.folder), Raw(common.folder).hello()):
        raw.socket.sendall(data)
        raw.socket.shutdown(socket.SHUT_WR)
        while raw.hear() is not None:
            pass
    common.status()


def test_a_client_that_does_not_read_is_let_go(common: Service) -> None:
    common.status()
    raw = Raw(common.folder).hello()
    raw.socket.settimeout(60)
    try:
        for number in range(1, 100_000):
            raw.say({"type": "x" * 3000, "id": number})
    except OSError:
        assert number > 100
    else:
        pytest.fail("what was never read was kept for ever")
    common.status()


def test_one_number_is_for_one_request_at_a_time(common: Service, shot: Shot, tmp_path: Path) -> None:
    common.status()
    raw = Raw(common.folder).hello()
    raw.say({"type": "render", "id": 1, "job": shot.job(tmp_path)}).say({"type": "status", "id": 1})
    while (message := raw.hear()) is not None and message.get("id", 1) is not None:
        pass
    assert message is not None
    assert "number of its own" in message["message"]


def test_it_ends_when_nobody_asks_for_anything_and_comes_back(tmp_path: Path) -> None:
    folder, news = tmp_path / "run", list[str]()
    with started(folder, "--idle", "0.01") as process, Service(folder=folder, python=program(tmp_path)) as client:
        client.status()
        assert process.wait(60) == 0
        assert not (folder / "service.json").exists()
        client._ask("status", {}, lambda message: news.append(message["text"]))
        assert client.status()["pid"] != process.pid
        end(folder)
    assert "nobody asked for anything" in (folder / "service.log").read_text()


def test_it_does_not_end_in_the_middle_of_a_render(shot: Shot, tmp_path: Path) -> None:
    """Where it ends before it is asked, for which a busy machine gives it time, another one is started."""
    said = list[str]()
    while "queued" not in said:
        with started(tmp_path / "run", "--idle", "0.002"), suppress(OSError):
            raw = Raw(tmp_path / "run").hello().say({"type": "render", "id": 1, "job": shot.job(tmp_path / "o")})
            said = kinds(raw)
    assert said[-1] == "done", said
    shot.check(tmp_path / "o")


def kinds(raw: Raw) -> list[str]:
    """What is said of a request, up to its answer or the end of the connection."""
    said = list[str]()
    while not {"done", "failed"} & set(said) and (message := raw.hear()) is not None:
        said.append(message["type"])
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_and_keeps_what_is_done(shot: Shot, tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path / "run") as process:
        raw = Raw(tmp_path / "run").hello().say({"type": "render", "id": 1, "job": shot.job(tmp_path / "o")})
        while raw.hear()["type"] != "frame":
            pass
        process.send_signal(number)
        assert process.wait(60) == 0
        said = []
        while (message := raw.hear()) is not None:
            said.append(message)
        assert [each["type"] for each in said][-2:] == ["failed", "bye"]
    names = sorted(path.name for path in (tmp_path / "o").iterdir())
    assert not [name for name in names if ".part" in name]
    assert [path.name for path in (tmp_path / "run").iterdir() if path.name != "service.log"] == ["service.lock"]


def test_stopping_it_from_the_command_line(tmp_path: Path) -> None:
    stop = [program(tmp_path), "-m", "replate", "serve", "--stop", "--at", str(tmp_path / "run")]
    with started(tmp_path / "run") as process:
        second = subprocess.run([*stop[:4], *stop[5:]], capture_output=True, text=True)
        assert second.returncode == 2
        assert "is running in" in second.stderr
        told = subprocess.run(stop, capture_output=True, text=True, check=True)
        assert "has ended" in told.stdout
        assert process.wait(60) == 0
    assert "no service is running" in subprocess.run(stop, capture_output=True, text=True, check=True).stdout


def test_the_loopback_in_place_of_a_socket(shot: Shot, tmp_path: Path) -> None:
    with started(tmp_path / "run", "--tcp"), Service(folder=tmp_path / "run") as client:
        assert "port" in json.loads((tmp_path / "run" / "service.json").read_text())
        with client.preview(shot.job(tmp_path), 5) as picture:
            assert shot.is_told(array(picture), 5)
        raw = Raw(tmp_path / "run").hello(token="guess")
        assert "token" in raw.hear()["message"]


def closed_pipe() -> int:
    there, here = os.pipe()
    os.close(there)
    return here


def full_pipe() -> int:
    """Nobody reads it, and it holds no byte more; its reader stays open for as long as this process lives."""
    _, here = os.pipe()
    os.set_blocking(here, False)
    try:
        while True:
            os.write(here, b"x" * 4096)
    except BlockingIOError:
        pass
    return here


@pytest.mark.parametrize("output", [closed_pipe, full_pipe])
def test_nobody_has_to_read_what_it_prints(output: object, shot: Shot, tmp_path: Path) -> None:
    pipe = output()  # type: ignore[operator]
    with started(tmp_path / "run", stdout=pipe, stderr=pipe), Service(folder=tmp_path / "run") as client:
        client.render(shot.job(tmp_path / "o", frames="1-3"))
        shot.check(tmp_path / "o", range(1, 4))
    os.close(pipe)


def test_standard_streams_that_are_closed(shot: Shot, tmp_path: Path) -> None:
    script = f"exec '{program(tmp_path)}' -m replate serve --at '{tmp_path / 'run'}' 0<&- 1>&- 2>&-"
    process = subprocess.Popen(["/bin/sh", "-c", script])
    try:
        wait_for((tmp_path / "run" / "service.json").exists)
        with Service(folder=tmp_path / "run") as client:
            client.render(shot.job(tmp_path / "o", frames="1-3"))
            shot.check(tmp_path / "o", range(1, 4))
            client.shutdown()
        assert process.wait(60) == 0
    finally:
        process.kill()


def test_it_says_one_line_and_lets_go_of_the_pipe(tmp_path: Path) -> None:
    """A farm's action ends only when the pipe to it is closed by all who have it."""
    with started(tmp_path / "run", stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        assert process.poll() is None
    assert said.decode().splitlines() == [
        f"replate serve: ready in {tmp_path / 'run'}, its log is {tmp_path / 'run' / 'service.log'}"
    ]


def test_clients_that_start_it_at_the_same_moment_share_one(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom replate_plugin.client import Service\n"
        "print(Service(folder=sys.argv[1], python=sys.argv[2]).status()['pid'])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "run"), program(tmp_path)]
    try:
        clients = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        pids = {client.communicate()[0].strip() for client in clients}
        assert pids == {str(pid_of(tmp_path / "run"))}
    finally:
        end(tmp_path / "run")


def test_a_client_that_vanishes_takes_its_work_with_it(shot: Shot, tmp_path: Path) -> None:
    with served(tmp_path) as service:
        service.status()
        gone = Raw(service.folder).hello()
        gone.say({"type": "render", "id": 1, "job": shot.endless(tmp_path / "o")})
        while gone.hear()["type"] != "frame":
            pass
        gone.socket.close()
        wait_for(lambda: not service.status()["running"])
        assert len(list((tmp_path / "o").glob("o.*"))) < MANY
        assert running(service.folder)


def test_a_service_that_hangs_is_a_sentence(tmp_path: Path) -> None:
    def impatient() -> pytest.MonkeyPatch:
        patch = pytest.MonkeyPatch()
        for name in ("client._PATIENCE", "connection._HANDSHAKE", "starting._START", "exchange._PARTING"):
            patch.setattr(f"replate_plugin.{name}", 0.3)
        return patch

    with started(tmp_path / "run") as process, Service(folder=tmp_path / "run", python=program(tmp_path)) as client:
        for words in ("service.log there", "replate serve --stop"):  # while it greets, and when it has
            process.send_signal(signal.SIGSTOP)
            wait_for(lambda: "(stopped)" in Path(f"/proc/{process.pid}/status").read_text())
            patch = impatient()
            with pytest.raises(ServiceError, match=words):
                client.status()
            with pytest.raises(ServiceError):
                client.render({}, cancelled=lambda: True)
            patch.undo()
            process.send_signal(signal.SIGCONT)
            client.status()


def test_a_request_that_comes_when_it_ends_is_left_for_the_next_one(tmp_path: Path) -> None:
    """Were it answered with an error, the user would see one that nobody made."""

    async def ask(ends: bool) -> list[str]:
        told: list[str] = []
        server = SimpleNamespace(ends=ends, status=dict, place=SimpleNamespace(pictures=(tmp_path,)))
        session = Session(server, None, None)  # type: ignore[arg-type]
        session.send = lambda message: told.append(message["type"])  # type: ignore[assignment,method-assign]
        await session._handle({"type": "status", "id": 1})
        return told

    assert asyncio.run(ask(ends=False)) == ["done"]
    assert asyncio.run(ask(ends=True)) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows the environment of a process")
def test_its_memory_comes_in_large_pages_whoever_starts_it(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    detached.start(tmp_path / "run")
    try:
        service.status()
        for folder in (tmp_path / "run", service.folder):
            told = Path(f"/proc/{pid_of(folder)}/environ").read_text().split("\0")
            assert "GLIBC_TUNABLES=glibc.malloc.hugetlb=1" in told
    finally:
        end(tmp_path / "run")
