"""Renders with too little memory, by the command line in processes whose allocations really fail."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from limited import run
from nets import PICTURE, PLATE, RESULT, Net, identity
from plates import read, write, write_shot
from replate.card import Card
from replate.color import transform
from replate.job import Job
from replate.render import render

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits on memory are Linux's")

SIZE = 768, 1024


@pytest.fixture(scope="module")
def hungry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of 128 channels at full resolution: 1 KiB a pixel, 800 MiB for a plate in one piece."""
    net, random = Net(), np.random.default_rng(1)
    x = net.add("Relu", net.conv("plate", random.normal(0, 1, (128, 3, 1, 1))))
    net.add("Add", "plate", net.conv(x, random.normal(0, 0.001, (3, 128, 1, 1))), name="result")
    card = Card(name="hungry", inputs=(PLATE,), outputs=(RESULT,))
    path = tmp_path_factory.mktemp("nets") / "hungry.onnx"
    return net.save(path, [("plate", PICTURE)], [("result", PICTURE)], card=card)


@pytest.fixture(scope="module")
def shot(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_shot(tmp_path_factory.mktemp("shot"), range(1, 4), size=SIZE, formats=("float",) * 4)


@pytest.fixture(scope="module")
def undisturbed(hungry: Path, shot: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    output = str(tmp_path_factory.mktemp("whole") / "o.%04d.exr")
    render(Job(node="style", inputs={"plate": shot}, output=output, generator=str(hungry), options={"tile": "off"}))
    return output


WAYS = {"style": ("silver",), "removal": ("fill", "--mask", "plate:A"), "effect": ("fire", "--mask", "plate:A")}


@pytest.mark.parametrize("node", WAYS)
def test_too_little_memory_is_a_sentence_wherever_it_runs_out(node: str, tmp_path: Path) -> None:
    """In whichever library: none ends the process, none prints, and what is done stays."""
    shot, generator = write_shot(tmp_path / "in", range(1, 4), size=(96, 128)), WAYS[node]
    codes = []
    for mib in (0, 30, 60, 80, 100, 120, 500):
        output = tmp_path / str(mib) / "o.%04d.exr"
        made = run(mib, "render", node, shot, str(output), "--generator", *generator)
        codes.append(made.returncode)
        assert made.returncode in (0, 4), made.stderr
        assert made.stderr.count("\n") == (made.returncode == 4) and "memory" in (made.stderr or "memory")
        assert not list(output.parent.glob(".*.part.*"))
        assert all(read(path)[0].shape == (96, 128, 4) for path in output.parent.glob("o.*"))
    assert codes[0] == 4 and codes[-1] == 0


@pytest.mark.parametrize("tile", ["off", "1024"])
def test_smaller_tiles_finish_the_render(hungry: Path, shot: str, undisturbed: str, tmp_path: Path, tile: str) -> None:
    output = str(tmp_path / "o.%04d.exr")
    made = run(300, "render", "style", shot, output, "--generator", str(hungry), "--tile", tile)
    assert made.returncode == 0, made.stderr
    assert "frame 1: 'hungry' ran out of memory on cpu with " in made.stdout
    assert "trying tiles of " in made.stdout
    log = transform("ACEScg").forward
    for frame in (1, 2, 3):
        pictures = [read(pattern % frame)[0] for pattern in (output, undisturbed)]
        here, there = (log(np.ascontiguousarray(picture[..., :3])) for picture in pictures)
        assert np.abs(here - there).max() <= 1e-4
        assert np.abs(there - log(np.ascontiguousarray(read(shot % frame)[0][..., :3]))).max() > 0.001


def test_a_frame_that_never_fits_is_exit_code_4_and_keeps_the_others(hungry: Path, tmp_path: Path) -> None:
    """Frame 3 is a hundred times larger than what comes before it."""
    shot, output = write_shot(tmp_path / "in", range(1, 5), size=(96, 128)), tmp_path / "out" / "o.%04d.exr"
    write(tmp_path / "in" / "plate.0003.exr", np.zeros((6000, 6000, 4), np.float32))
    made = run(150, "render", "style", shot, str(output), "--generator", str(hungry))
    assert made.returncode == 4
    assert made.stderr.startswith("replate: frame 3") and made.stderr.count("\n") == 1
    assert "memory" in made.stderr and "Traceback" not in made.stderr
    files = sorted(path.name for path in output.parent.iterdir())
    assert files == [".o.%04d.exr.replate.jsonl", "o.0001.exr", "o.0002.exr"]
    for frame in (1, 2):
        assert read(str(output) % frame)[0].shape == (96, 128, 4)
    write(tmp_path / "in" / "plate.0003.exr", np.zeros((96, 128, 4), np.float32))
    job = Job(node="style", inputs={"plate": shot}, output=str(output), generator=str(hungry))
    assert (render(job).skipped, render(job).skipped) == ([1, 2], [1, 2, 3, 4])


def test_a_result_that_cannot_be_held_is_exit_code_4(tmp_path: Path) -> None:
    """The network gets by with its smallest tile, the frame that it fills does not fit."""
    plate = write(tmp_path / "plate.0001.exr", np.full((4000, 3000, 3), 0.2, np.float32), channels="RGB")
    look = identity(tmp_path / "same.onnx")
    made = run(180, "render", "style", str(plate), str(tmp_path / "o.exr"), "--generator", str(look))
    assert made.returncode == 4
    assert made.stderr.startswith("replate: frame 1") and made.stderr.count("\n") == 1
    assert not (tmp_path / "o.exr").exists() and not list(tmp_path.glob(".o.part.*"))
