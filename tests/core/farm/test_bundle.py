"""What `replate farm` writes is a template that the reference implementation of Open Job Description takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openjds import chunks, words
from plates import write_shot
from replate.farm.bundle import write_bundle
from replate.farm.work import Asked, farm_of
from replate.job import Job


def bundle(folder: Path, job: Job, **asked: object) -> Path:
    write_bundle(folder, farm_of(job, Asked(**asked)))  # type: ignore[arg-type]
    return folder


def test_a_shot_becomes_tasks_of_so_many_frames(tmp_path: Path) -> None:
    plate = write_shot(tmp_path / "in", range(1001, 1031), size=(8, 8))
    job = Job(node="style", inputs={"plate": plate}, output=str(tmp_path / "out.%04d.exr"), params={"mix": 0.25})
    made = bundle(tmp_path / "farm", job, chunk=10)
    assert chunks(made) == ["1001-1010", "1011-1020", "1021-1030"]
    command = words(made, chunk="1001-1010")
    assert command[:5] == ["replate", "render", "style", plate, job.output]
    assert "--set=mix=0.25" in command
    assert "--frames=openjd:1001-1010" in command


def test_deadline_cloud_takes_the_folder(tmp_path: Path) -> None:
    pytest.importorskip("deadline", reason="pip install deadline, to see what Deadline Cloud makes of a bundle")
    plate = write_shot(tmp_path / "in", range(1001, 1004), size=(8, 8))
    job = Job(node="style", inputs={"plate": plate, "mask": plate}, output=str(tmp_path / "out.%04d.exr"))
    made = bundle(tmp_path / "farm", job, movie=str(tmp_path / "out.mov"))
    quiet = {"DEADLINE_CLOUD_TELEMETRY_OPT_OUT": "true", "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "deadline", "bundle", "info", str(made)]
    told = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **quiet})
    assert told.returncode == 0, told.stdout + told.stderr
    seen = json.loads(told.stdout)
    assert seen["steps"] == ["Render", "Movie"]
    shown = {each["name"]: each["_display_value"] for each in seen["parameters"]}
    assert shown["plate"] == str(tmp_path / "in") and shown["frames"] == "1001-1003"
