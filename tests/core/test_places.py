"""A job writes where it says, and nowhere else: whatever is in its paths, in the plate's name or in the generator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nets import tiny_style
from plates import write_shot
from replate.card import Card

FRAMES = range(1001, 1004)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with all places where a program might write: home, temporary files, where it is started."""
    for name in ("home", "tmp", "here", "out"):
        (tmp_path / name).mkdir()
    write_shot(tmp_path / "in", FRAMES)
    tiny_style(tmp_path / "net.onnx", card=Card(name="../../../evil", title="\x1b[2J../x"))
    return tmp_path


def run(world: Path, *words: str | Path) -> set[str]:
    """What a command leaves that was not there, by its path in the world."""
    before = set(world.rglob("*"))
    places = {"HOME": world / "home", "TMPDIR": world / "tmp", "XDG_CACHE_HOME": world / "home" / "cache"}
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **{name: str(path) for name, path in places.items()}}
    command = [sys.executable, "-m", "replate", *map(str, words)]
    done = subprocess.run(command, cwd=world / "here", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {str(path.relative_to(world)) for path in set(world.rglob("*")) - before}


def style(world: Path, output: Path, *words: str | Path) -> set[str]:
    plate = world / "in" / "plate.%04d.exr"
    return run(world, "render", "style", plate, output, "--generator", world / "net.onnx", *words)


def test_frames_and_their_record_lie_where_the_output_says(world: Path) -> None:
    made = style(world, world / "out" / ".." / "shots" / "a.%04d.exr", "--save-job", world / "out" / "job.json")
    frames = {f"shots/a.{frame}.exr" for frame in FRAMES}
    assert made == {"shots", *frames, "shots/.a.%04d.exr.replate.jsonl", "out/job.json"}


def test_relative_paths_of_a_job_start_from_its_folder(world: Path) -> None:
    style(world, Path("../out/a.%04d.exr"), "--save-job", "../out/job.json", "--frames", "1001")
    text = (world / "out" / "job.json").read_text().replace(str(world / "here" / ".." / "out"), "../shots")
    (world / "out" / "job.json").write_text(text)
    made = run(world, "render", "--job", world / "out" / "job.json")
    assert made == {"shots", "shots/a.1001.exr", "shots/.a.%04d.exr.replate.jsonl"}


def test_a_link_is_replaced_and_what_it_leads_to_is_kept(world: Path) -> None:
    """Else whoever may write in the output's folder could have anything written over."""
    (world / "precious.exr").write_text("precious")
    (world / "out" / "a.1001.exr").symlink_to(world / "precious.exr")
    style(world, world / "out" / "a.%04d.exr", "--overwrite", "--frames", "1001")
    assert (world / "precious.exr").read_text() == "precious"
    assert not (world / "out" / "a.1001.exr").is_symlink()


def test_a_movie_leaves_nothing_else(world: Path) -> None:
    made = style(world, world / "out" / "a.mov")
    assert {path for path in made if "kept" not in path} == {"out/a.mov", "out/.a.mov.replate.jsonl"}


def test_names_in_the_generator_are_not_places(world: Path) -> None:
    assert run(world, "inspect", world / "net.onnx") == set()
    assert run(world, "generators", "show", world / "net.onnx") == set()
