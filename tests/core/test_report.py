"""`--report`: by the command line, in processes of its own, however they end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nets import tiny_style
from plates import write_shot
from replate import __version__
from replate.errors import OutputError
from replate.network.onnxfile import digest
from replate.news.progress import Watcher
from replate.news.recording import recording
from services import end, running, wait_for

FRAMES = range(1, 7)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    tiny_style(tmp_path / "tiny.onnx", multiple=2, width=128)
    write_shot(tmp_path / "in", FRAMES, size=(180, 320))
    yield tmp_path
    if running(tmp_path / "run"):
        end(tmp_path / "run")
        wait_for(lambda: not running(tmp_path / "run"))


def command(*words: str) -> list[str]:
    style = ["render", "style", "in/plate.%04d.exr", "out/o.%04d.exr", "--generator", "tiny.onnx"]
    return [sys.executable, "-m", "replate", *style, "--report", "reports/r.json", *words]


def report(here: Path, *words: str, code: int = 0) -> dict[str, Any]:
    """Render and read the report."""
    done = subprocess.run(command(*words), cwd=here, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return read(here)


def read(here: Path) -> dict[str, Any]:
    assert [path.name for path in (here / "reports").iterdir()] == ["r.json"]
    found: dict[str, Any] = json.loads((here / "reports/r.json").read_text())
    return found


def states(found: dict[str, Any]) -> dict[int, str]:
    return {each["frame"]: each["state"] for each in found["frames"]}


@pytest.mark.parametrize("service", [[], ["--service", "run"]])
def test_what_was_made_and_by_what(here: Path, service: list[str]) -> None:
    first = report(here, "--frames", "1-2", *service)
    assert states(first) == {1: "done", 2: "done"}
    (here / "in/plate.0004.exr").write_bytes(b"no picture")
    found = report(here, *service, code=1)
    assert (found["replate_report"], found["version"]) == (1, __version__)
    assert (found["state"], found["exit_code"]) == ("failed", 1)
    assert found["error"].startswith("1 of 4 frames failed")
    assert states(found) == {1: "skipped", 2: "skipped", 3: "done", 4: "failed", 5: "done", 6: "done"}
    by_frame = {each["frame"]: each for each in found["frames"]}
    assert "plate.0004.exr" in by_frame[4]["reason"]
    assert set(by_frame[3]["seconds"]) == {"read", "infer", "write"} and "seconds" not in by_frame[1]
    assert {Path(each["output"]).name for each in found["frames"]} == {"o.%04d.exr"}
    assert (found["node"], found["generator"], found["device"]) == ("style", "tiny", "cpu")
    assert found["generator_sha256"] == digest(here / "tiny.onnx")
    assert found["peak_memory"] > 2**24 and found["seconds"] > 0
    assert any(text.startswith("plate: ") for text in found["notes"])


def test_a_fallback_is_told_apart(here: Path) -> None:
    assert report(here, "--frames", "1")["fallbacks"] == []
    (text,) = report(here, "--frames", "1", "--overwrite", "--service", "run")["fallbacks"]
    assert "none runs there" in text


def test_cancelled(here: Path) -> None:
    with subprocess.Popen(command("--progress", "plain"), cwd=here, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "frame 1 done" in line:
                process.send_signal(signal.SIGTERM)
    assert process.returncode == 130
    found = read(here)
    assert (found["state"], found["exit_code"]) == ("cancelled", 130)
    assert states(found)[1] == "done" and states(found)[6] == "left"


def test_killed(here: Path) -> None:
    with subprocess.Popen(command("--progress", "plain"), cwd=here, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "frame 1 done" in line:
                process.kill()
    assert read(here)["state"] == "running"


def test_what_is_wrong_before_the_first_frame(here: Path) -> None:
    found = report(here, "--set", "mixx=1", code=2)
    assert (found["state"], found["exit_code"], found["frames"]) == ("failed", 2, [])
    assert "'mixx'" in found["error"]
    (here / "in/plate.0003.exr").unlink()
    assert report(here, code=3)["exit_code"] == 3


def test_a_report_that_cannot_be_written_is_said_before_anything_is_rendered(here: Path) -> None:
    (here / "reports").write_text("a file")
    done = subprocess.run(command(), cwd=here, capture_output=True, text=True)
    assert done.returncode == 1
    assert "reports/r.json" in done.stderr and done.stderr.count("\n") == 1
    assert not (here / "out").exists()


def test_the_first_error_is_the_one_that_is_told(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "r.json"
    with pytest.raises(ZeroDivisionError), recording(Watcher(), path):
        path.unlink()
        path.parent.rmdir()
        path.parent.write_text("in the way")
        raise ZeroDivisionError
    with pytest.raises(OutputError), recording(Watcher(), tmp_path / "other"):
        (tmp_path / "other").rename(tmp_path / "away")
        (tmp_path / "other").mkdir()
