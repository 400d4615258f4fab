"""What `replate farm` writes: the folder, its steps, and what it refuses."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nets import tiny_style
from openjds import chunks, words
from plates import write_shot
from replate.cli import app
from replate.errors import InputError, UsageError
from replate.farm.asked import Asked
from replate.farm.bundle import write_bundle
from replate.farm.shares import Share
from replate.farm.work import farm_of
from replate.job import Job
from replate.news.progress import Watcher
from studio import write_config


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


def style(tmp_path: Path, **more: Any) -> Job:
    plate = write_shot(tmp_path / "in", range(1001, 1005), size=(8, 8))
    output = str(tmp_path / "out" / "o.%04d.exr")
    return Job(**{"node": "style", "inputs": {"plate": plate}, "output": output, **more})


def definitions(made: Path) -> dict[str, dict[str, Any]]:
    data = json.loads((made / "template.json").read_text(encoding="utf-8"))
    return {each["name"]: each for each in data["parameterDefinitions"]}


def step(made: Path, name: str = "Render") -> dict[str, Any]:
    data = json.loads((made / "template.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = next(each for each in data["steps"] if each["name"] == name)
    return found


def test_frames_with_gaps_go_into_whole_chunks(tmp_path: Path) -> None:
    made = bundle(tmp_path / "farm", style(tmp_path, frames="1001-1004x3,1002"), chunk=2)
    assert chunks(made) == ["1001,1002", "1004"]
    assert step(made)["parameterSpace"]["taskParameterDefinitions"][0]["chunks"]["rangeConstraint"] == "NONCONTIGUOUS"
    assert chunks(made, frames="1-10:2", chunk="5") == ["1-9:2"]


def test_a_movie_is_one_task(tmp_path: Path) -> None:
    made = bundle(tmp_path / "farm", style(tmp_path, output=str(tmp_path / "o.mov")))
    assert "parameterSpace" not in step(made)
    assert "--frames=openjd:1001-1004" in words(made)
    assert definitions(made)["output"]["userInterface"]["control"] == "CHOOSE_OUTPUT_FILE"
    assert not {"chunk", "chunk_seconds"} & set(definitions(made))


def test_views_share_a_folder(tmp_path: Path) -> None:
    for view in ("left", "right"):
        write_shot(tmp_path / "in" / view, range(1, 4), size=(8, 8))
    plate, output = str(tmp_path / "in/%V/plate.%04d.exr"), str(tmp_path / "out.%V.%04d.exr")
    made = bundle(tmp_path / "farm", Job(node="style", inputs={"plate": plate}, output=output))
    assert words(made)[3:5] == [plate, output]
    values = json.loads((made / "parameter_values.json").read_text())["parameterValues"]
    assert {"name": "plate", "value": str(tmp_path / "in")} in values
    assert chunks(made) == ["1-3"]


def test_what_flows_in_and_out_is_said(tmp_path: Path) -> None:
    job = style(tmp_path)
    sides = {"mask": job.inputs["plate"], "reference": str(tmp_path / "in" / "plate.1001.exr")}
    made = definitions(bundle(tmp_path / "farm", style(tmp_path, inputs={**job.inputs, **sides})))
    flows = {name: (each["objectType"], each["dataFlow"]) for name, each in made.items() if each["type"] == "PATH"}
    assert flows == {
        "plate": ("DIRECTORY", "IN"),
        "mask": ("DIRECTORY", "IN"),
        "reference": ("FILE", "IN"),
        "output": ("DIRECTORY", "OUT"),
        "job": ("FILE", "IN"),
    }


def test_a_generator_of_ones_own_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tiny_style(tmp_path / "mine.onnx")
    monkeypatch.setenv("REPLATE_GENERATORS", str(tmp_path))
    made = bundle(tmp_path / "farm", style(tmp_path, generator="mine"))
    assert f"--generator={own}" in words(made)
    assert definitions(made)["generator"]["dataFlow"] == "IN"
    assert Job.load(made / "job.json").generator == str(own)


def test_the_configuration_of_colour_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write_config(tmp_path / "colour")
    monkeypatch.setenv("OCIO", config)
    made = bundle(tmp_path / "farm", style(tmp_path), movie=str(tmp_path / "o.mov"))
    assert f"--ocio={config}" in words(made)
    assert f"--ocio={config}" in words(made, step="Movie")
    assert Job.load(made / "job.json").option("ocio") == config
    assets = json.loads((made / "asset_references.json").read_text())["assetReferences"]
    assert assets["inputs"]["directories"] == [str(Path(config).parent)]


def test_a_machine_s_own_configuration_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running = pytest.importorskip("replate.farm.running", reason="running bundles needs the extra 'farm'")
    monkeypatch.delenv("OCIO", raising=False)
    made = bundle(tmp_path / "farm", style(tmp_path, generator=str(tiny_style(tmp_path / "tiny.onnx"))))
    monkeypatch.setenv("OCIO", "/nowhere/config.ocio")
    report = running.run(made, sessions=[Share(name="one")], watcher=Watcher(), cancel=threading.Event())
    assert not report.failed and len(report.done) == 4


def test_a_gpu_is_asked_for_where_the_job_needs_one(tmp_path: Path) -> None:
    amount = {"amounts": [{"name": "amount.worker.gpu", "min": 1}]}
    assert "hostRequirements" not in step(bundle(tmp_path / "a", style(tmp_path)))
    assert step(bundle(tmp_path / "b", style(tmp_path, options={"device": "cuda"})))["hostRequirements"] == amount
    assert step(bundle(tmp_path / "c", style(tmp_path), gpu=True))["hostRequirements"] == amount


def test_a_task_may_be_cancelled_and_ends(tmp_path: Path) -> None:
    made = bundle(tmp_path / "farm", style(tmp_path), timeout=2)
    run = step(made)["script"]["actions"]["onRun"]
    assert run["timeout"] == 120
    assert run["cancelation"]["mode"] == "NOTIFY_THEN_TERMINATE"


def test_training_export_render_and_movie_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = style(tmp_path)
    monkeypatch.chdir(tmp_path)
    recipe = (
        "match --before in/plate.1001.exr --after=in/plate.1002.exr --shot in/plate.%04d.exr --note '{{Param.mix}}'"
    )
    made = bundle(tmp_path / "farm", job, train=f"{recipe} --out learnt", movie="o.mov")
    data = json.loads((made / "template.json").read_text())
    assert [each["name"] for each in data["steps"]] == ["Train", "Export", "Render", "Movie"]
    needs = [[need["dependsOn"] for need in each.get("dependencies", [])] for each in data["steps"]]
    assert needs == [[], ["Train"], ["Export"], ["Render"]]
    place, learnt = tmp_path / "in", tmp_path / "learnt"
    assert words(made, step="Train")[1:] == [
        *("train", "match", "--before", f"{place}/plate.1001.exr", f"--after={place}/plate.1002.exr"),
        *("--shot", f"{place}/plate.%04d.exr", "--note", "{{Param.mix}}", f"--out={learnt}", "--resume-or-begin"),
    ]
    assert words(made, step="Export")[1:] == ["export", f"{learnt}/final.ckpt", f"{learnt}/look.onnx"]
    assert f"--generator={learnt}/look.onnx" in words(made)
    assert words(made, step="Movie")[1:4] == ["movie", job.output, str(tmp_path / "o.mov")]


@pytest.mark.parametrize(
    ("asked", "output", "told"),
    [
        ({"train": "--steps 3"}, "o.%04d.exr", "recipe"),
        ({"train": "match 'open"}, "o.%04d.exr", "quotes"),
        ({"train": "{{Param.mix}} --steps 3"}, "o.%04d.exr", "recipe"),
        ({"train": "match --note 'a\tb'"}, "o.%04d.exr", "control character"),
        ({"train": "match --before " + " ".join(["/"] * 50)}, "o.%04d.exr", "50 parameters"),
        ({"movie": "o.exr"}, "o.%04d.exr", "movie"),
        ({"movie": "o.mov"}, "p.mov", "no sequence"),
        ({}, "a\nb/o.%04d.exr", "control character"),
        ({}, "x" * 1100 + "/o.%04d.exr", "too long"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, asked: dict[str, str], output: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        bundle(tmp_path / "farm", style(tmp_path, output=str(tmp_path / output)), **asked)
    assert not (tmp_path / "farm").exists()


def test_what_does_not_go_together_is_said_before_anything_waits(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="background"):
        bundle(tmp_path / "farm", style(tmp_path, node="removal", params={"replace": "outside"}))
    with pytest.raises(UsageError, match="mixx"):
        bundle(tmp_path / "farm", style(tmp_path, params={"mixx": 1}))


def test_frames_without_any_order_are_too_many(tmp_path: Path) -> None:
    frames = ",".join(str(number * number) for number in range(1, 400))
    job = Job(node="style", inputs={"plate": "blank:8x8"}, output=str(tmp_path / "o.%04d.exr"), frames=frames)
    with pytest.raises(UsageError, match="several jobs"):
        bundle(tmp_path / "farm", job)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "farm").mkdir()
    (tmp_path / "farm" / "template.json").write_text("mine")
    with pytest.raises(UsageError, match="--out"):
        bundle(tmp_path / "farm", style(tmp_path))
    assert (tmp_path / "farm" / "template.json").read_text() == "mine"
    bundle(tmp_path / "other", style(tmp_path))
    bundle(tmp_path / "other", style(tmp_path), chunk=3)
    assert chunks(tmp_path / "other") == ["1001-1002", "1003-1004"]


def run(*given: object) -> Result:
    return CliRunner().invoke(app, ["farm", *map(str, given)])


def test_the_command_that_is_told_can_be_pasted(tmp_path: Path) -> None:
    folder = tmp_path / "Shöt 01 (final)"
    folder.mkdir()
    style(tmp_path).save(folder / "job.json")
    told = run(folder / "job.json").output.strip().partition("submit it with: ")[2]
    assert shlex.split(told) == ["deadline", "bundle", "submit", str(folder / "job-farm")]


@pytest.mark.parametrize("words", [["--sessions", "2"], ["--gpus", "0"], ["--again", "0"], ["--report", "r.json"]])
def test_what_counts_with_run_only_is_not_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    style(tmp_path).save(tmp_path / "job.json")
    refused = run("job.json", *words)
    assert isinstance(refused.exception, UsageError) and words[0] in str(refused.exception)
    assert not (tmp_path / "job-farm").exists()


def test_forty_shots_become_forty_bundles(tmp_path: Path) -> None:
    for number in range(40):
        style(tmp_path).save(tmp_path / f"shot{number:03}.json")
    assert run(tmp_path, "--out", tmp_path / "all").exit_code == 0
    made = sorted((tmp_path / "all").iterdir())
    assert [each.name for each in made] == [f"shot{number:03}-farm" for number in range(40)]
    assert chunks(made[-1]) == ["1001-1004"]


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    style(tmp_path).save(tmp_path / "a.json")
    (tmp_path / "empty").mkdir()
    (tmp_path / "b").mkdir()
    style(tmp_path).save(tmp_path / "b" / "a.json")
    for given, kind, told in (
        ([tmp_path / "empty"], InputError, "no job file"),
        ([tmp_path / "none.json"], InputError, "cannot be read"),
        ([tmp_path / "a.json", "--for", "flamengo"], UsageError, "flamenco"),
        ([tmp_path / "a.json", tmp_path / "b", "--out", tmp_path / "x"], UsageError, "rename one"),
        ([tmp_path / "a.json", tmp_path / "b", "--movie", "o.mov"], UsageError, "one by one"),
    ):
        error = run(*given).exception
        assert isinstance(error, kind) and told in str(error)
