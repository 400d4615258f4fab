"""A shot, a generator and what the command line makes of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nets import tiny_style
from plates import bits, read, write_shot
from replate_plugin.client import Service
from services import served

FRAMES = range(1, 41)
MANY = 800
"""Frames of a render that none of those who stop it sees the end of, however busy the machine is."""


class Shot:
    """Forty frames, as job data, and as `replate render` makes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.look = str(tiny_style(folder / "tiny.onnx", change=0.3))
        self.plate = write_shot(folder / "in", FRAMES, size=(96, 128))
        output = str(folder / "told" / "o.%04d.exr")
        words = ["render", "style", self.plate, output, "--generator", self.look, "--set", "mix=0.7"]
        subprocess.run([sys.executable, "-m", "replate", *words], check=True, capture_output=True)
        self.told = {frame: bits(read(output % frame)[0]) for frame in FRAMES}

    def job(self, output: Path, **changes: Any) -> dict[str, Any]:
        """The same job, to another place."""
        base = {"replate": 1, "node": "style", "generator": self.look, "inputs": {"plate": self.plate}}
        return {**base, "output": str(output / "o.%04d.exr"), "params": {"mix": 0.7}, **changes}

    def endless(self, output: Path, **changes: Any) -> dict[str, Any]:
        """The same again and again: `MANY` frames."""
        folder = self.folder / "long"
        if not folder.exists():
            folder.mkdir()
            for number in range(MANY):
                (folder / f"plate.{number + 1:04d}.exr").symlink_to(self.plate % FRAMES[number % len(FRAMES)])
        return self.job(output, inputs={"plate": str(folder / "plate.%04d.exr")}, **changes)

    def check(self, output: Path, frames: Any = FRAMES) -> None:
        """Every frame there is what the command line made, bit by bit."""
        for frame in frames:
            assert np.array_equal(bits(read(output / f"o.{frame:04d}.exr")[0]), self.told[frame]), frame

    def is_told(self, pixels: np.ndarray, frame: int) -> bool:
        """Whether a preview is what the command line wrote, which is in half precision."""
        return np.array_equal(bits(pixels.astype(np.float16).astype(np.float32)), self.told[frame])


@pytest.fixture(scope="session")
def shot(tmp_path_factory: pytest.TempPathFactory) -> Shot:
    return Shot(tmp_path_factory.mktemp("shot"))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service of the test's own."""
    with served(tmp_path / "own", client="test") as client:
        yield client


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for all tests that leave it as it was, which is most of what it is for."""
    with served(tmp_path_factory.mktemp("common"), client="test") as client:
        yield client
