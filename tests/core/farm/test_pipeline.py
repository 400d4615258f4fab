"""Train, export, render in chunks, make a movie: one command, four steps, by the real engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("openjd.sessions", reason="running bundles needs the extra 'farm'")
pytest.importorskip("torch", reason="training needs torch; set it up with 'install.py test'")
pytest.importorskip("onnxscript", reason="export needs onnxscript; set it up with 'install.py test'")

import OpenImageIO as oiio

from films import counted, encode, hiss, sound_of
from plates import write_shot
from replate.job import Job
from replate.media import open_source

COUNT, RATE = 6, Fraction(25)


def test_a_look_is_trained_and_the_shot_has_it(tmp_path: Path) -> None:
    pictures = counted(COUNT, width=160, height=128, pixel_format="yuv422p10le")
    sound = hiss(float(COUNT / RATE))
    plate = encode(tmp_path / "plate.mov", pictures, codec="prores_ks", rate=RATE, sound=("pcm_s16le", sound))
    write_shot(tmp_path / "pairs", range(1, 3), size=(144, 144))
    job = Job(node="style", inputs={"plate": str(plate)}, output=str(tmp_path / "out/o.%04d.exr"))
    job.save(tmp_path / "shot.json")
    train = "match --before pairs/plate.0001.exr --after pairs/plate.0002.exr --steps 1 --device cpu --out 'my look'"
    words = ["shot.json", "--chunk", "3", "--train", train, "--movie", "out.mov", "--run", "--report", "r.json"]
    ran = subprocess.run(
        [sys.executable, "-m", "replate", "farm", *words],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},  # threads that wait for each other take half of the time
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr

    (bundle,) = json.loads((tmp_path / "r.json").read_text())["bundles"]
    assert [task["step"] for task in bundle["tasks"]] == ["Train", "Export", "Render", "Render", "Movie"]
    made = sorted((tmp_path / "out").glob("o.*.exr"))
    assert len(made) == COUNT
    assert {oiio.ImageBuf(str(path)).spec()["replate:generator"] for path in made} == {"look"}
    assert (tmp_path / "my look" / "look.onnx").is_file()
    with open_source(str(tmp_path / "out.mov")) as movie:
        assert (len(movie.frames), movie.fps) == (COUNT, RATE)
    assert np.array_equal(sound_of(tmp_path / "out.mov"), sound_of(plate))
