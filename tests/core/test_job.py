"""Jobs as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from replate.errors import OutputError, UsageError
from replate.job import Job
from replate.options import OPTIONS
from replate.params import Curve

JOB = Job(
    node="style",
    inputs={"plate": "/a/in.%04d.exr", "mask": "/a/m.exr"},
    output="/a/out.%04d.exr",
    frames="1-10x2",
    generator="painted",
    params={"mix": 0.5, "strength": Curve(((1.0, 0.0), (10.0, 1.0)), "smooth")},
    options={"tile": "512", "overwrite": True},
)


def test_round_trip(tmp_path: Path) -> None:
    JOB.save(tmp_path / "job.json")
    assert Job.load(tmp_path / "job.json") == JOB


def test_relative_paths_start_from_the_file(tmp_path: Path) -> None:
    data = {"replate": 1, "node": "style", "inputs": {"plate": "in.exr"}, "output": "out.exr"}
    (tmp_path / "job.json").write_text(json.dumps(data))
    job = Job.load(tmp_path / "job.json")
    assert (job.inputs["plate"], job.output) == (str(tmp_path / "in.exr"), str(tmp_path / "out.exr"))


def test_options_fall_back_to_their_declaration() -> None:
    job = Job(node="style", inputs={"plate": "a.exr"}, output="b.exr")
    assert {param.name: job.option(param.name) for param in OPTIONS} == {p.name: p.default for p in OPTIONS}


@pytest.mark.parametrize("options", [{"tile": "8"}, {"tile": "big"}, {"missing": "guess"}, {"threads": -1}, {"x": 1}])
def test_bad_options(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Job(node="style", inputs={}, output="", options=options).checked()


@pytest.mark.parametrize(
    "change",
    [
        {"replate": 2},
        {"node": 5},
        {"inputs": ["a"]},
        {"inputs": {"plate": 1}},
        {"params": {"mix": {"keys": [[1]]}}},
        {"params": {"mix": {"keys": [[1, 0]], "interpolation": "odd"}}},
        {"options": {"tile": "3"}},
        {"colour": "red"},
    ],
)
def test_bad_files(tmp_path: Path, change: dict[str, object]) -> None:
    data = {"replate": 1, "node": "style", "inputs": {"plate": "a.exr"}, "output": "b.exr"} | change
    (tmp_path / "job.json").write_text(json.dumps(data))
    with pytest.raises(UsageError):
        Job.load(tmp_path / "job.json")


def test_a_generator_given_by_its_file_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Job(node="style", inputs={"plate": "a.exr"}, output="b.exr", generator="looks/x.onnx").save(Path("job.json"))
    Job(node="style", inputs={"plate": "a.exr"}, output="b.exr", generator="painted").save(Path("named.json"))
    monkeypatch.chdir("/")
    assert Job.load(tmp_path / "job.json").generator == str(tmp_path / "looks" / "x.onnx")
    assert Job.load(tmp_path / "named.json").generator == "painted"


def test_a_job_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    job = Job(node="style", inputs={"plate": "a.exr"}, output="b.exr")
    with pytest.raises(OutputError, match="nowhere"):
        job.save(tmp_path / "nowhere" / "job.json")
