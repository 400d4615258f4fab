"""A service that works for long, and should be at its end what it was at its beginning."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path
from shutil import rmtree
from statistics import median
from typing import Any

import numpy as np
from common import scene

from replate.frame import Frame
from replate.media import open_sink
from replate_plugin.client import Service

from . import Row, Trial

__all__ = ["soak"]

SIZE = (270, 480)
FRAMES = range(1, 21)
# Node, generator, frames of a render and of previews in one round; Removal takes ten times as long as the others.
ROUND = (("style", "silver", 8, 3), ("effect", "light", 6, 2), ("removal", "fill", 2, 1))
PER_ROUND = sum(rendered + seen for _, _, rendered, seen in ROUND)
FEW = 100 // PER_ROUND  # rounds of a hundred frames
SLOWER, GROWTH = 1.1, 64 * 2**20


@dataclass(frozen=True, slots=True)
class State:
    """What the service has: threads, handles, pictures in memory, bytes resident, and seconds of CPU so far."""

    threads: int
    handles: int
    pictures: int
    resident: int
    seconds: float


def soak(trial: Trial) -> Iterator[Row]:
    """Renders and previews of all nodes in turn by one service. The first quarter fills what it keeps."""
    rounds = max(4, -(-trial.times // PER_ROUND))
    plate, mask = _shot(trial.folder)
    states = list[State]()
    with Service(folder=trial.folder / "run", python=sys.executable, client="soak") as service:
        first = service.status()["pid"]
        for number in range(rounds):
            _round(service, trial.folder / "out", number, plate, mask)
            states.append(_state(service))
        lost = [] if service.status()["pid"] == first else ["the service crashed"]
        service.shutdown()
    begun, ended = states[rounds // 4], states[-1]
    counts = ("threads", "handles", "pictures")
    lost += [f"{name} grew" for name in counts if getattr(ended, name) > getattr(begun, name)]
    growth = _resident(states[-rounds // 8 :]) - _resident(states[rounds // 4 :][: rounds // 8 or 1])
    lost += [f"memory grew by {growth / 2**20:.0f} MiB"] if growth > GROWTH else []
    before, after = _pace(states)
    lost += [f"a frame took {after / before:.2f} times as long in the end"] if after > SLOWER * before else []
    facts = f"{growth / 2**20:+.0f} MiB, {ended.handles} handles, {ended.threads} threads"
    pace = f", {1000 * before:.0f} ms of CPU for a frame of the first hundred, {1000 * after:.0f} of the last"
    what = f"{rounds * PER_ROUND} renders and previews at 480x270 of every node by one service"
    yield Row(fault=f"{what} ({facts}{pace if before else ''})", tried=rounds * PER_ROUND, lost=lost)


def _resident(states: Sequence[State]) -> float:
    return median(each.resident for each in states)


def _pace(states: Sequence[State]) -> tuple[float, float]:
    """Seconds of CPU that a frame took in the first hundred and in the last; 0 where there are too few to tell.

    The very first round is left out, in which all is loaded.
    """
    spent = [(after.seconds - before.seconds) / PER_ROUND for before, after in pairwise(states)]
    return (median(spent[:FEW]), median(spent[-FEW:])) if len(spent) >= 4 * FEW else (0.0, 0.0)


def _round(service: Service, out: Path, number: int, plate: str, mask: str) -> None:
    for node, generator, rendered, seen in ROUND:
        first = 1 + number * rendered % (len(FRAMES) - rendered)
        job: dict[str, Any] = {
            "replate": 1,
            "node": node,
            "generator": generator,
            "inputs": {"plate": plate, "mask": mask},
            "output": str(out / f"{node}.%04d.exr"),
            "frames": f"{first}-{first + rendered - 1}",
            "params": {"reach": 2} if node == "removal" else {},
            "options": {"device": "cpu"},
        }
        for at in range(seen):
            with service.preview({**job, "frames": ""}, 1 + (number + at) % len(FRAMES)) as picture:
                assert picture.width == SIZE[1]
        service.render(job)
    rmtree(out)


def _state(service: Service) -> State:
    told = service.status()
    process = Path(f"/proc/{told['pid']}")
    counts = {name: int(value) for name, value in re.findall(r"(\w+):\s+(\d+)", (process / "status").read_text())}
    links = [str(each.readlink()) for each in (process / "fd").iterdir()]
    maps = {line.split()[-1] for line in (process / "maps").read_text().splitlines() if ".pixels" in line}
    return State(counts["Threads"], len(links), len(maps), counts["VmRSS"] * 1024, told["cpu_seconds"])


def _shot(folder: Path) -> tuple[str, str]:
    """A plate, and a mask of a small thing that moves."""
    plate, mask = str(folder / "plate.%04d.exr"), str(folder / "mask.%04d.exr")
    pictures = cycle(scene(4, size=SIZE))
    with open_sink(plate) as plates, open_sink(mask) as masks:
        for number, picture in zip(FRAMES, pictures, strict=False):
            hole = np.zeros((*SIZE, 1), np.float32)
            hole[90:120, 6 * number :][:, 40:80] = 1
            plates.write(Frame.of(picture, "RGB", number=number, space="ACEScg"))
            masks.write(Frame.of(hole, "Y", number=number))
    return plate, mask
