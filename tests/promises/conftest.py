"""What the promise tests share: a shot, a generator and a short way to render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fires import HEIGHT, SMALL, WIDTH, matte
from nets import tiny_style, torn
from plates import write_mask, write_shot
from replate.card import Card
from replate.job import Job
from replate.render import Report, render
from walks import Walk

FRAMES = range(1001, 1011)


@pytest.fixture
def generator(tmp_path: Path) -> str:
    return str(tiny_style(tmp_path / "tiny.onnx", change=0.3))


@pytest.fixture
def shot(tmp_path: Path) -> str:
    return write_shot(tmp_path / "in", FRAMES)


def style(plate: str, output: Path | str, generator: str, *, mask: str = "", frames: str = "", **given: Any) -> Report:
    """Render Style; keyword arguments that are job options go there, all others are parameters."""
    options = {name: given.pop(name) for name in ("tile", "threads", "color_space", "overwrite") if name in given}
    inputs = {"plate": plate} | ({"mask": mask} if mask else {})
    job = Job(
        node="style",
        inputs=inputs,
        output=str(output),
        frames=frames,
        generator=generator,
        params=given,
        options=options,
    )
    report = render(job)
    assert not report.failed, report.failed
    return report


def remove(walk: Walk, output: Path | str, *, frames: str = "", **given: Any) -> Report:
    """Render Removal; keyword arguments that are job options go there, all others are parameters."""
    names = ("tile", "threads", "color_space", "overwrite", "projection")
    options = {name: given.pop(name) for name in names if name in given}
    inputs = {"plate": walk.plate, "mask": walk.mask}
    job = Job(
        node="removal",
        inputs=inputs,
        output=str(output),
        frames=frames,
        generator=walk.generator,
        params=given,
        options=options,
    )
    report = render(job)
    assert not report.failed, report.failed
    return report


def burning(folder: Path, *, plate: str = "", size: tuple[int, int] = (HEIGHT, WIDTH)) -> dict[str, str]:
    """A shot with an emitter that moves, and a generator for fire."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in FRAMES:
        write_mask(folder / f"emitter.{number}.exr", matte(50 + 3 * (number - FRAMES[0])))
    return {
        "plate": plate or write_shot(folder, FRAMES, size=size),
        "mask": str(folder / "emitter.%04d.exr"),
        "generator": str(torn(folder / "torn.onnx", card=Card(name="torn"))),
    }


def burn(shot: dict[str, str], output: Path | str, *, frames: str = "", **given: Any) -> Report:
    """Render fire; keyword arguments that are job options go there, all others are parameters."""
    names = ("tile", "threads", "color_space", "overwrite", "projection")
    options = {"device": "cpu"} | {name: given.pop(name) for name in names if name in given}
    job = Job(
        node="effect",
        inputs={"plate": shot["plate"], "mask": shot["mask"]},
        output=str(output),
        frames=frames,
        generator=shot["generator"],
        params={**SMALL, **given},
        options=options,
    )
    report = render(job)
    assert not report.failed, report.failed
    return report


def shine(plate: str, output: Path | str, *, frames: str = "", **given: Any) -> Report:
    """Render light with its shipped generator; keyword arguments are as those of `burn`."""
    names = ("tile", "threads", "color_space", "overwrite", "projection")
    options = {"device": "cpu", "color_space": "ACEScg"} | {name: given.pop(name) for name in names if name in given}
    job = Job(
        node="effect",
        inputs={"plate": plate},
        output=str(output),
        frames=frames,
        generator="light",
        params=given,
        options=options,
    )
    report = render(job)
    assert not report.failed, report.failed
    return report
