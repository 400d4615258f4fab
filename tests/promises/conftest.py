"""What the promise tests share: a shot, a generator and a short way to render."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nets import tiny_style
from plates import write_shot
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
