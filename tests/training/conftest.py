"""Small pictures and a small recipe, so that a real training takes a second."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from replate.news.dialects import Lines
from replate_training.filters import blur
from replate_training.judging.lesson import Paired
from replate_training.material.data import Style
from replate_training.material.pairs import Pairs
from replate_training.material.teaching import Taught
from replate_training.networks import Architecture
from replate_training.recipe import Adversary, Recipe, Schedule
from replate_training.teachers.film import RESPONSE, film


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def scene(height: int, width: int, *, phase: float = 0.0) -> NDArray[np.uint8]:
    """Hills, a sun and stripes: edges, gradients and highlights in colour, 8-bit BGR."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    hills = np.sin(x / 17 + phase) * 12 + height / 2 < y
    sun = (x - width / 3) ** 2 + (y - height / 4) ** 2 < (height / 8) ** 2
    picture = np.stack([180 - y * 90 / height, 120 + 60 * np.sin(x / 9 + phase), 60 + x * 120 / width], -1)
    picture[hills] = picture[hills] * 0.4 + 20 * np.sin(y[hills] / 3)[:, None]
    picture[sun] = 255
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of three stills, one of them in a sub-folder."""
    stills = tmp_path / "stills"
    (stills / "more").mkdir(parents=True)
    for index, name in enumerate(("a.png", "b.jpg", "more/c.png")):
        cv2.imwrite(str(stills / name), scene(120, 160, phase=index))
    return stills


@pytest.fixture
def plates() -> list[torch.Tensor]:
    """Four plates in ACEScct, 3 x 128 x 144 float16."""
    generator = torch.Generator().manual_seed(7)
    waves = torch.linspace(0, 20, 144).sin() * 0.05 + 0.4
    noise = [blur(torch.rand(1, 3, 128, 144, generator=generator), 2.0)[0] - 0.5 for _ in range(4)]
    return [(waves + 1.5 * part).half() for part in noise]


@pytest.fixture
def pairs(plates: list[torch.Tensor]) -> Pairs:
    return Pairs(plates, [film(plate.float()[None])[0].half() for plate in plates])


@pytest.fixture
def style(plates: list[torch.Tensor]) -> Style:
    return Style(plates)


@pytest.fixture
def watcher() -> Lines:
    """Speaks into a string."""
    return Lines(StringIO())


@pytest.fixture
def recipe() -> Recipe:
    return tiny()


def tiny() -> Recipe:
    """Silver in miniature: every phase of the schedule within a dozen steps."""
    return Recipe(
        name="tiny",
        title="Tiny",
        description="For tests.",
        licence="CC0-1.0",
        commercial_use=True,
        data=Taught(teacher=film, scales=(96,), style_scale=96, share=0.5),
        generator=Architecture(options={"quarter": 8, "eighth": 8, "deep": 1, "fine": 1, "mono": RESPONSE}),
        lesson=Paired(pixels=1.0, edges=1.0, features=0.1, steady=0.5),
        adversary=Adversary(objective="hinge", weight=0.01, critic=Architecture(family="patch", options={"width": 4})),
        schedule=Schedule(judge=0.3, play=0.6),
        crop=80,
        batch=2,
    )
