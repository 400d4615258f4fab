"""Clients that die and services that are killed: nothing is lost, and no answer is wrong."""

from __future__ import annotations

import json
import random
import struct
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from replate_plugin.client import Service, ServiceError
from services import Raw, array, kill, pid_of, served, wait_for

from .conftest import MANY, Shot

KILLS = 8  # benchmarks/service.py kills more


def test_a_render_survives_that_its_service_is_killed_again_and_again(shot: Shot, tmp_path: Path) -> None:
    with served(tmp_path, client="host") as service:
        notes, pids = list[str](), set[int]()

        def murderous(news: dict[str, Any]) -> None:
            if news["type"] == "note" and "crashed" in news["text"]:
                notes.append(news["text"])
            if news["type"] == "frame" and len(pids) < KILLS:
                pids.add(pid_of(service.folder))
                kill(service.folder)

        service.render(shot.job(tmp_path / "o"), on_news=murderous)
        assert (len(pids), len(notes)) == (KILLS, KILLS)
    shot.check(tmp_path / "o")
    names = [path.name for path in (tmp_path / "o").iterdir()]
    assert len([name for name in names if not name.startswith(".")]) == 40
    assert not [name for name in names if ".part" in name]


def test_previews_survive_it_too(shot: Shot, tmp_path: Path) -> None:
    with served(tmp_path) as service:
        for frame in (1, 2):
            service.status()
            kill(service.folder)
            with service.preview(shot.job(tmp_path / "o"), frame) as picture:
                held = array(picture)
            assert shot.is_told(held, frame)


def test_what_crashes_it_twice_is_an_error(shot: Shot, tmp_path: Path) -> None:
    with served(tmp_path) as service:

        def deadly(news: dict[str, Any]) -> None:
            if news["type"] == "begin":
                kill(service.folder)

        with pytest.raises(ServiceError, match="crashed twice at the same place"):
            service.render(shot.job(tmp_path / "o", frames="40"), on_news=deadly)
        service.render(shot.job(tmp_path / "o"))
    shot.check(tmp_path / "o")


HOST = """
import json, sys
from replate_plugin.client import Service
service = Service(folder=sys.argv[1], python="none is needed")
service.render(json.loads(sys.argv[2]), on_news=lambda news: print(news["type"], flush=True))
"""


class Deaths:
    """Clients that come to bad ends beside the one that counts."""

    def __init__(self, service: Service, shot: Shot, folder: Path) -> None:
        self.service, self.shot, self.folder, self.count = service, shot, folder, 0

    def any(self, chance: random.Random) -> None:
        """One of them."""
        self.count += 1
        ways = (self.silent, self.torn, self.absurd, self.sudden, self.deaf)
        chance.choice(ways)(chance)

    def silent(self, _: random.Random) -> None:
        Raw(self.service.folder).socket.close()

    def torn(self, chance: random.Random) -> None:
        """Gone in the middle of a message."""
        raw = Raw(self.service.folder)
        if chance.random() < 0.8:
            raw.hello()
        body = json.dumps({"type": "render", "id": 1, "job": self.job()}).encode()
        data = struct.pack(">I", len(body)) + body
        raw.socket.sendall(data[: chance.randrange(len(data))])
        raw.socket.close()

    def absurd(self, chance: random.Random) -> None:
        Raw(self.service.folder).hello().socket.sendall(chance.randbytes(chance.randrange(1, 60)))

    def sudden(self, chance: random.Random) -> None:
        """Gone with work in the queue."""
        raw = Raw(self.service.folder).hello()
        for number in range(1, 4):
            raw.say({"type": "preview", "id": number, "job": self.job(), "frame": chance.randrange(1, 41)})
        raw.say({"type": "render", "id": 9, "job": self.job()})
        raw.socket.close()

    def deaf(self, _: random.Random) -> None:
        """Asks and hears nothing; it is closed when nobody holds it any more."""
        raw = Raw(self.service.folder).hello()
        for number in range(1, 20):
            raw.say({"type": "status", "id": number})

    def job(self) -> dict[str, Any]:
        return self.shot.job(self.folder / str(self.count))


def test_a_thousand_requests_among_clients_that_die(shot: Shot, tmp_path: Path) -> None:
    with served(tmp_path) as service:
        before, deaths = service.status()["pid"], Deaths(service, shot, tmp_path / "dead")
        chances, ended = [random.Random(seed) for seed in range(3)], threading.Event()

        def live(chance: random.Random) -> int:
            with Service(folder=service.folder, client=f"host {chance.random()}") as client:
                for number in range(500):
                    live_once(client, chance, number)
            return 500

        def live_once(client: Service, chance: random.Random, number: int) -> None:
            if chance.random() < 0.3:
                frame = chance.randrange(1, 41)
                with client.preview(shot.job(tmp_path / "o"), frame) as picture:
                    assert shot.is_told(array(picture), frame)
            elif number % 100 == 50:
                report = client.render({**shot.job(tmp_path / f"o{id(client)}"), "frames": f"{number // 100 + 1}"})
                assert report["done"] == str(number // 100 + 1)
            else:
                assert client.status()["pid"] == before

        def die(chance: random.Random) -> None:
            while not ended.is_set():
                deaths.any(chance)
                ended.wait(0.05)

        with ThreadPoolExecutor(3) as threads:
            dying = threads.submit(die, chances[2])
            try:
                assert sum(threads.map(live, chances[:2])) == 1000
            finally:
                ended.set()
            dying.result()
        assert deaths.count > 10
        wait_for(lambda: service.status()["clients"] == [service.client])
        status = service.status()
        assert (status["pid"], status["waiting"], status["running"]) == (before, 0, [])


def test_a_host_that_is_killed_in_the_middle_of_its_render(shot: Shot, tmp_path: Path) -> None:
    with served(tmp_path) as service:
        service.status()
        for number in range(3):
            words = [sys.executable, "-c", HOST, str(service.folder), json.dumps(shot.endless(tmp_path / str(number)))]
            host = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            assert host.stdout is not None
            for line in host.stdout:
                if line == "frame\n":
                    host.kill()
            host.wait()
            wait_for(lambda: not service.status()["running"])
            assert 1 <= len(list((tmp_path / str(number)).glob("o.*"))) < MANY
        service.render(shot.endless(tmp_path / "0", frames="1-40"))
    shot.check(tmp_path / "0")
