"""The command line as a user types it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nets import tiny_style
from plates import write_shot
from replate import cli
from replate.cli_options import job_from, render_signature
from replate.job import Job
from replate.nodes import NODES
from replate.options import OPTIONS


def replate(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "replate", *words], capture_output=True, text=True, cwd=cwd)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    tiny_style(tmp_path / "tiny.onnx")
    write_shot(tmp_path / "in", range(1, 4))
    return tmp_path


def given(**changes: object) -> dict[str, object]:
    """What typer hands over where nothing but `changes` was typed."""
    import inspect

    def command(**_: object) -> None: ...

    signature = inspect.signature(render_signature(command))
    return {name: parameter.default for name, parameter in signature.parameters.items()} | changes


def test_every_declared_option_and_input_is_offered() -> None:
    told = replate("render", "--help").stdout
    for param in OPTIONS:
        assert "--" + param.name.replace("_", "-") in told
    for node in NODES.values():
        for entry in node.inputs:
            assert entry.name == "plate" or f"--{entry.name}" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["render", "--range", "1-2"], "replate: no such option: --range .*; see 'replate render --help'"),
        (["rendr"], "replate: no such command 'rendr'; did you mean 'render'[?]"),
        (["farm"], "replate: missing argument 'JOB...'; see 'replate farm --help'"),
        (["farm", "a.json", "--chunk", "0"], "replate: invalid value for '--chunk': .*; see 'replate farm --help'"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(words: list[str], said: str) -> None:
    done = replate(*words)
    assert done.returncode == 2
    assert re.fullmatch(said + "\n", done.stderr), done.stderr


def test_a_command_without_a_word_is_a_question() -> None:
    done = replate()
    assert done.returncode == 2 and done.stderr.startswith("Usage: replate")


def test_the_help_of_an_input_is_that_of_every_node() -> None:
    told = " ".join(replate("render", "--help").stdout.split())
    for node in NODES.values():
        assert f"{node.name}: {next(entry.help for entry in node.inputs if entry.name == 'mask')}" in told


def test_help_lists_the_commands_of_all_packages() -> None:
    told = replate("--help").stdout
    for command in ("render", "nodes", "generators", "inspect", "demo", "train", "export"):
        assert command in told


def test_a_render_with_keys_saved_as_a_job(here: Path) -> None:
    words = ["render", "style", "in/plate.%04d.exr", "out/o.%04d.exr", "--generator", "tiny.onnx"]
    done = replate(*words, "--set", "mix=0.5", "--set", "strength=0@1,1@3", "--save-job", "job.json", cwd=here)
    assert done.returncode == 0, done.stderr
    assert "Progress: 100% frame 3 done" in done.stdout
    saved = json.loads((here / "job.json").read_text())
    assert saved["params"] == {"mix": 0.5, "strength": {"keys": [[1, 0], [3, 1]], "interpolation": "linear"}}
    again = replate("render", "--job", "job.json", cwd=here)
    assert again.returncode == 0
    assert "already done with these settings: 3 of 3 frames" in again.stdout


def test_options_win_over_the_job_file(here: Path) -> None:
    base = Job(
        node="style", inputs={"plate": "in/a.exr"}, output="o.exr", generator="tiny.onnx", options={"tile": "off"}
    )
    base.save(here / "job.json")
    job = job_from(given(job=here / "job.json", frames="1-2", tile="256", mask="m.exr"))
    assert (job.frames, job.options["tile"], job.inputs["mask"]) == ("1-2", "256", "m.exr")
    assert Path(job.generator).name == "tiny.onnx"


@pytest.mark.parametrize(
    "words", [["render"], ["render", "style", "a.exr"], ["render", "style", "a", "b", "--set", "mix"]]
)
def test_incomplete_commands(words: list[str]) -> None:
    done = replate(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_nodes_and_generators() -> None:
    assert "style" in replate("nodes").stdout
    assert "strength" in replate("nodes", "style").stdout
    assert replate("nodes", "nothing").returncode == 2
    assert replate("generators", "list").returncode == 0
    assert replate("generators", "show", "nothing").returncode == 2


def test_inspect(here: Path) -> None:
    done = replate("inspect", "tiny.onnx", cwd=here)
    assert done.returncode == 0, done.stderr
    assert '"name": "tiny"' in done.stdout


def test_version() -> None:
    assert replate("--version").stdout.split()[0] == "replate"


def test_what_nobody_foresaw_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(cli, "_add_commands", fail)
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert "by zero" in capsys.readouterr().err
