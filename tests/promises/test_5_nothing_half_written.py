"""Promise 5: a frame appears under its final name complete or not at all; a killed job resumes where it was."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from plates import bits, read, write_shot

from .conftest import style

FRAMES = range(1, 41)
RUN = [sys.executable, "-m", "replate", "render", "style"]


def kill_in_the_middle(command: list[str], folder: Path, number: signal.Signals, frames: int) -> int:
    """Start `command`, send the signal once `frames` frames are there; the exit code."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and len(list(folder.glob("out.*.exr"))) < frames:
        time.sleep(0.002)
    process.send_signal(number)
    return process.wait(timeout=600)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 130), (signal.SIGINT, 130)])
def test_killed_then_resumed(tmp_path: Path, generator: str, number: signal.Signals, code: int) -> None:
    shot = write_shot(tmp_path / "in", FRAMES, size=(270, 480))
    folder = tmp_path / "out"
    command = [*RUN, shot, str(folder / "out.%04d.exr"), "--generator", generator]
    assert kill_in_the_middle(command, folder, number, 3) == code
    there = sorted(folder.glob("out.*.exr"))
    assert 3 <= len(there) < len(FRAMES), "the signal must have come in the middle"
    for path in there:
        read(path)
    abandoned = folder / f".out.0040.part.{platform.node().replace('-', '_')}-999999.exr"
    abandoned.write_bytes(b"half a frame")
    stamps = {path: path.stat().st_mtime_ns for path in there}

    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "already done" in again.stdout
    kept = [path for path, stamp in stamps.items() if path.stat().st_mtime_ns == stamp]
    assert len(kept) >= len(there) - 1, "at most the frame whose record the kill cut off is made again"
    names = sorted(path.name for path in folder.iterdir())
    assert [name for name in names if not name.startswith(".")] == [f"out.{frame:04d}.exr" for frame in FRAMES]
    assert not [name for name in names if ".part" in name], "leftovers are cleared away"

    style(shot, tmp_path / "calm" / "out.%04d.exr", generator)
    for frame in FRAMES:
        a, b = (read(tmp_path / place / f"out.{frame:04d}.exr")[0] for place in ("out", "calm"))
        assert np.array_equal(bits(a), bits(b))


def test_other_settings_are_recognised(tmp_path: Path, shot: str, generator: str) -> None:
    out = tmp_path / "out.%04d.exr"
    assert len(style(shot, out, generator, mix=0.5).done) == 10
    again = style(shot, out, generator, mix=0.5)
    assert (len(again.done), len(again.skipped)) == (0, 10)
    assert len(style(shot, out, generator, mix=0.6).done) == 10
    keyed = style(shot, out, generator, mix=0.6, frames="1001-1003", strength=0.3)
    assert keyed.done == [1001, 1002, 1003]
    assert style(shot, out, generator, mix=0.6).done == [1001, 1002, 1003]


def test_another_colour_configuration_is_recognised(tmp_path: Path, shot: str, generator: str) -> None:
    """The same names may mean other colours there."""
    command = [*RUN, shot, str(tmp_path / "out.%04d.exr"), "--generator", generator, "--frames", "1001-1002"]
    said = [
        subprocess.run(command, env={**os.environ, "OCIO": name}, capture_output=True, text=True, check=True).stdout
        for name in ("ocio://default", "ocio://studio-config-latest", "ocio://studio-config-latest")
    ]
    assert "made with other settings: 2 frames" in said[1]
    assert "already done with these settings: 2 of 2" in said[2]


def test_a_changed_source_is_recognised(tmp_path: Path, shot: str, generator: str) -> None:
    out = tmp_path / "out.%04d.exr"
    style(shot, out, generator)
    plate = Path(shot % 1004)
    os.utime(plate, ns=(1, 1))
    assert style(shot, out, generator).done == [1004]


def test_a_cut_off_result_is_made_again(tmp_path: Path, shot: str, generator: str) -> None:
    out = tmp_path / "out.%04d.exr"
    style(shot, out, generator)
    victim = tmp_path / "out.1005.exr"
    victim.write_bytes(victim.read_bytes()[:100])
    assert style(shot, out, generator).done == [1005]


def test_a_movie_has_its_name_only_when_whole(tmp_path: Path, generator: str) -> None:
    shot = write_shot(tmp_path / "in", FRAMES, size=(270, 480))
    movie = tmp_path / "out" / "out.mp4"
    command = [*RUN, shot, str(movie), "--generator", generator]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "frame 5 " in line:
            process.kill()
    process.wait(timeout=600)
    assert not movie.exists()
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "already done with these settings" in again.stdout, "its finished frames were kept"
    assert {path.name for path in movie.parent.iterdir()} == {"out.mp4", ".out.mp4.replate.jsonl"}
    style(shot, tmp_path / "calm" / "out.mp4", generator)
    assert movie.read_bytes() == (tmp_path / "calm" / "out.mp4").read_bytes()


def test_what_a_dead_process_left_goes_though_its_parent_has_not_looked(
    tmp_path: Path, shot: str, generator: str
) -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    state = Path(f"/proc/{zombie.pid}/stat")
    while state.exists() and ") Z " not in state.read_text():
        time.sleep(0.01)
    left = tmp_path / f".out.1001.part.{platform.node().replace('-', '_')}-{zombie.pid}.exr"
    left.write_bytes(b"half a frame")
    style(shot, tmp_path / "out.%04d.exr", generator, frames="1001")
    assert left.exists() != state.exists(), "where the system does not tell, it stays until it is reaped"
    zombie.wait()
