"""One frame in memory equals the frame that a render writes; the declarations as data say what the code says."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nets import tiny_style
from plates import DEEP_CHANNELS, bits, read, write_shot
from replate.catalogue import find
from replate.declarations import declarations
from replate.errors import Cancelled, InputError, UsageError
from replate.job import Job
from replate.nodes import NODES
from replate.options import OPTIONS
from replate.preview import preview
from replate.render import render


@pytest.fixture
def job(tmp_path: Path) -> Job:
    look = tiny_style(tmp_path / "tiny.onnx", change=0.3)
    shot = write_shot(tmp_path / "in", range(1, 6))
    return Job(node="style", inputs={"plate": shot}, output=str(tmp_path / "o" / "o.%04d.exr"), generator=str(look))


def test_a_preview_equals_the_render_and_writes_nothing(job: Job) -> None:
    job = replace(job, params={"steady": 0.5, "mix": 0.7})
    made = preview(job, 3)
    assert not Path(job.output).parent.exists()
    render(job)
    pixels, header = read(job.output % 3)
    assert made.channels == tuple(header.channelnames)
    assert np.array_equal(bits(made.pixels.astype(np.float16)), bits(pixels.astype(np.float16)))
    assert made.metadata["replate:settings"] == header.getattribute("replate:settings")


def test_the_layer_that_is_worked_on_is_shown(job: Job, tmp_path: Path) -> None:
    shot = write_shot(tmp_path / "deep", range(1, 3), channels=DEEP_CHANNELS)
    job = replace(job, inputs={"plate": shot}, options={"layer": "albedo"})
    made = preview(job, 2)
    render(job)
    pixels, header = read(job.output % 2)
    albedo = pixels[..., [header.channelnames.index(f"albedo.{name}") for name in "RGB"]]
    assert made.channels[:3] == ("R", "G", "B")
    assert np.array_equal(made.pixels[..., :3].astype(np.float16), albedo.astype(np.float16))


def test_what_is_wrong_with_a_frame_is_raised(job: Job) -> None:
    Path(job.inputs["plate"] % 2).write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"plate\.0002\.exr"):
        preview(job, 2)
    with pytest.raises(UsageError, match="1-5, not 9"):
        preview(job, 9)
    Path(job.inputs["plate"] % 3).unlink()
    with pytest.raises(InputError, match="lacks frame 3"):
        preview(replace(job, options={"missing": "skip"}), 3)


def test_a_preview_can_be_cancelled(job: Job) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        preview(job, 2, cancel=cancel)


def test_every_declaration_is_in_the_data() -> None:
    told = subprocess.run([sys.executable, "-m", "replate", "nodes", "--json"], capture_output=True, check=True)
    data = json.loads(told.stdout)
    assert data == json.loads(json.dumps(declarations()))
    assert [node["name"] for node in data["nodes"]] == list(NODES)
    for node in data["nodes"]:
        kind = NODES[node["name"]]
        assert [entry["name"] for entry in node["inputs"]] == [entry.name for entry in kind.inputs]
        for told_param, param in zip(node["params"], kind.params, strict=True):
            for name in type(param).__slots__:
                value = getattr(param, name)
                assert told_param[name] == (list(value) if isinstance(value, tuple) else value)
    assert [option["name"] for option in data["options"]] == [option.name for option in OPTIONS]
    assert {generator["node"] for generator in data["generators"]} <= set(NODES)


def test_generators_are_listed_and_found_in_folders_that_are_given(tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "ours.onnx")
    (tmp_path / "broken.onnx").write_bytes(path.read_bytes()[:100])
    told = declarations(str(tmp_path))
    assert "ours" in [each["name"] for each in told["generators"]]
    assert ["broken.onnx" in problem for problem in told["problems"]] == [True]
    assert find("ours", str(tmp_path)) == path
    with pytest.raises(UsageError):
        find("ours", "")
