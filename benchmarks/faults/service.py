"""A service that is killed while it renders and shows."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from replate.media import open_source
from replate.service.place import Place
from replate_plugin.client import Service, ServiceError

from . import Row, Trial
from .jobs import FRAMES, Job, jobs

__all__ = ["killed"]

MEMORY = Path("/dev/shm")


def killed(trial: Trial) -> Iterator[Row]:
    """Kill the service at random moments of a render and of previews; the clients notice nothing but the time."""
    run, lost, seconds = trial.folder / "run", list[str](), list[float]()
    with Service(folder=run, python=sys.executable, client="host") as host:
        for turn, job in enumerate(islice(cycle(jobs(trial.folder, suffixes=(".exr",))), trial.times)):
            folder, pid = trial.folder / f"turn{turn}", host.status()["pid"]
            with ThreadPoolExecutor(2) as clients:
                asked = [clients.submit(each, run, job, folder) for each in (_renders, _looks)]
                time.sleep(trial.chance.random() * job.seconds)
                os.kill(pid, signal.SIGKILL)
                began, left = time.monotonic(), _left_in_memory(pid)
                host.status()
                seconds.append(time.monotonic() - began)
                lost += [sentence for each in asked for sentence in each.result()]
            lost += job.unfinished(folder)
            lost += [f"{each} is left in memory" for each in left if each.exists()]
            lost += [f"{each} is left" for each in list(run.glob("*.sock"))[1:]]
    Place.stop(run, seconds=60)
    lost += _after_the_end(run)
    what = "`SIGKILL` of a service at a random moment of a render and of previews, every node"
    yield Row(fault=what, tried=trial.times, lost=lost, seconds=seconds)


def _renders(run: Path, job: Job, folder: Path) -> list[str]:
    with Service(folder=run, python=sys.executable, client="render") as client:
        return _sentences(lambda: client.render(job.data(folder)))


def _looks(run: Path, job: Job, folder: Path) -> list[str]:
    """Previews of every frame; what was wrong with them."""
    lost = list[str]()
    with Service(folder=run, python=sys.executable, client="viewer") as client:
        for number in FRAMES:
            lost += _sentences(lambda number=number: _look(client, job, folder, number))  # type: ignore[misc]
    return lost


def _look(client: Service, job: Job, folder: Path, number: int) -> None:
    with client.preview(job.data(folder.with_name("never")), number) as picture:
        seen = np.array(picture.pixels, np.float32).astype(np.float16)
    with open_source(str(job.truth / (job.name % number))) as source:
        right = source.read(source.frames[0]).pixels
    if seen.tobytes() != np.ascontiguousarray(right, np.float16).tobytes():
        raise ServiceError(f"the preview of frame {number} shows other pixels")


def _sentences(ask: Callable[[], Any]) -> list[str]:
    """What a client is told in place of an answer; a service that was killed once should keep nobody from one."""
    try:
        ask()
    except ServiceError as error:
        return [f"a client was told: {error}"]
    return []


def _left_in_memory(pid: int) -> list[Path]:
    """Folders of pixels whose service is gone, that one's among them."""
    with suppress(OSError):  # until it is nowhere to be read of
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.001)
    held = {line.split()[5].rpartition(":")[2] for line in Path("/proc/locks").read_text().splitlines()}
    locks = MEMORY.glob("replate-pictures-*/lock")
    return [lock.parent for lock in locks if str(lock.stat().st_ino) not in held]


def _after_the_end(run: Path) -> list[str]:
    """What a service leaves behind beside its lock and its log."""
    return [f"{path} is left" for path in run.iterdir() if path.name not in ("service.lock", "service.log")]
