"""`replate render --service`: real services, really killed, and the pixels that one process would have made."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nets import tiny_style
from plates import write_shot
from replate.errors import UsageError, from_facts, to_facts
from replate.service import calling
from replate.service.calling import Call, Gone
from services import end, kill, pid_of, running, wait_for

FRAMES = range(1001, 1009)
STYLE = ["style", "in/plate.%04d.exr"]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """A shot, a look that takes a while, and a folder for a service, which is gone at the end."""
    tiny_style(tmp_path / "tiny.onnx", multiple=2, width=256)
    write_shot(tmp_path / "in", FRAMES, size=(180, 320))
    yield tmp_path
    if running(tmp_path / "run"):
        end(tmp_path / "run")
        wait_for(lambda: not running(tmp_path / "run"))


def replate(here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line; it returns once nobody holds its pipes any more."""
    return subprocess.run([sys.executable, "-m", "replate", *words], cwd=here, capture_output=True, text=True)


def command(output: str, *words: str) -> list[str]:
    given = [*STYLE, output, "--generator", "tiny.onnx", "--set", "mix=0.5", *words]
    return [sys.executable, "-m", "replate", "render", *given, "--service", "run", "--progress", "plain"]


def render(here: Path, output: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(output, *words), cwd=here, capture_output=True, text=True)


def frames(here: Path, folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((here / folder).glob("o.*.exr"))}


def until(process: subprocess.Popen[str], words: str) -> None:
    """Read what a process says until it says this."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            return
    raise AssertionError(f"it did not say {words!r} but {''.join(said)}")


def all_are_there(said: str) -> bool:
    """Nothing failed; one may have been written before the service died and told of by nobody."""
    counts = re.search(r"(\d+) frames done, (\d) already done, 0 failed", said)
    return counts is not None and int(counts[1]) + int(counts[2]) == len(FRAMES)


def test_a_session_on_a_farm(here: Path) -> None:
    """Start, two chunks, stop; the network is loaded once, the pixels are those of one process."""
    started = replate(here, "serve", "--at", "run", "--detach")
    assert started.returncode == 0 and "is ready" in started.stdout
    pid = pid_of(here / "run")
    assert os.getsid(pid) == pid != os.getsid(0)
    assert "already" in replate(here, "serve", "--at", "run", "--detach").stdout and pid_of(here / "run") == pid
    chunks = [render(here, "out/o.%04d.exr", "--frames", chunk) for chunk in ("openjd:1001-1003", "openjd:1004-1008")]
    assert [chunk.returncode for chunk in chunks] == [0, 0], chunks
    assert "3 frames done, 0 already done" in chunks[0].stdout and "5 frames done" in chunks[1].stdout
    assert "Progress: 20% frame 1004 done" in chunks[1].stdout
    again = render(here, "out/o.%04d.exr")
    assert "0 frames done, 8 already done" in again.stdout
    with Call(here / "run", client="test") as call:
        call.ask("status")
        assert (call.hear() or {})["generators"] == 1
    assert "has ended" in replate(here, "serve", "--at", "run", "--stop").stdout
    alone = [word for word in command("alone/o.%04d.exr") if word not in ("--service", "run")]
    subprocess.run(alone, cwd=here, check=True, capture_output=True)
    assert frames(here, "out") == frames(here, "alone") and len(frames(here, "out")) == len(FRAMES)


def test_what_is_wrong_is_said_as_without_a_service(here: Path) -> None:
    assert replate(here, "serve", "--at", "run", "--detach").returncode == 0
    (here / "in/plate.1003.exr").write_bytes(b"no picture")
    failed = render(here, "out/o.%04d.exr")
    assert failed.returncode == 1
    assert "frame 1003 failed: " in failed.stdout and "Progress: 100% frame 1008 done" in failed.stdout
    assert failed.stderr.startswith("replate: 1 of 8 frames failed; the first: ") and "plate.1003.exr" in failed.stderr
    assert render(here, "out/o.%04d.exr", "--frames", "2000").returncode == 2
    (here / "in/plate.1005.exr").unlink()
    missing = render(here, "out/o.%04d.exr")
    assert missing.returncode == 3 and "1005" in missing.stderr and missing.stderr.count("\n") == 1


def test_a_service_that_is_killed_is_started_again_and_the_chunk_goes_on(here: Path) -> None:
    assert replate(here, "serve", "--at", "run", "--detach").returncode == 0
    first = pid_of(here / "run")
    with subprocess.Popen(command("out/o.%04d.exr"), cwd=here, stdout=subprocess.PIPE, text=True) as process:
        until(process, "frame 1001 done")
        kill(here / "run")
        said = process.communicate()[0]
    assert process.returncode == 0
    assert "is started again: it crashed" in said and all_are_there(said)
    assert pid_of(here / "run") != first
    assert len(frames(here, "out")) == len(FRAMES)


def test_where_no_service_can_be_started_the_chunk_is_rendered_here(here: Path) -> None:
    assert replate(here, "serve", "--at", "run", "--detach").returncode == 0
    pid = pid_of(here / "run")
    with subprocess.Popen(command("out/o.%04d.exr"), cwd=here, stdout=subprocess.PIPE, text=True) as process:
        until(process, "frame 1001 done")
        (here / "run").chmod(0o755)
        os.kill(pid, signal.SIGKILL)
        said = process.communicate()[0]
    assert process.returncode == 0
    assert "rendered in a process of its own" in said and "not a folder of yours alone" in said
    assert all_are_there(said)
    assert len(frames(here, "out")) == len(FRAMES)


def test_none_that_runs_is_started(here: Path) -> None:
    done = render(here, "out/o.%04d.exr", "--frames", "1001")
    assert done.returncode == 0 and "is started again: none runs there" in done.stdout
    assert running(here / "run")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_cancelled_there_as_well(here: Path, number: signal.Signals) -> None:
    many = range(1001, 1201)  # more than are made while the signal is on its way
    write_shot(here / "in", many, size=(180, 320))
    assert replate(here, "serve", "--at", "run", "--detach").returncode == 0
    with subprocess.Popen(command("out/o.%04d.exr"), cwd=here, stdout=subprocess.PIPE, text=True) as process:
        until(process, "frame 1001 done")
        process.send_signal(number)
        assert "cancelled: " in process.communicate()[0]
    assert process.returncode == 130
    assert 1 <= len(frames(here, "out")) < len(many)
    rest = render(here, "out/o.%04d.exr", "--frames", f"{FRAMES[0]}-{FRAMES[-1]}")
    assert "0 failed" in rest.stdout, "the service is there for the next one"
    assert len(frames(here, "out")) >= len(FRAMES)


def test_one_that_cannot_start_says_why(here: Path) -> None:
    (here / "run").mkdir(mode=0o755)
    done = replate(here, "serve", "--at", "run", "--detach")
    assert done.returncode == 1
    assert "not a folder of yours alone" in done.stderr and done.stderr.count("\n") == 1


def test_another_version_is_not_used(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert replate(here, "serve", "--at", "run", "--detach").returncode == 0
    monkeypatch.setattr(calling, "__version__", "99.0")
    with pytest.raises(Gone, match=r"this is 99\.0"):
        Call(here / "run", client="test")
    facts = json.loads((here / "run/service.json").read_text())
    (here / "run/service.json").write_text(json.dumps({**facts, "token": "another"}))
    with pytest.raises(Gone, match="token"):
        Call(here / "run", client="test")
    (here / "run/service.json").write_text(json.dumps(facts))


def test_an_error_stays_what_it_is_on_its_way() -> None:
    error = UsageError("mix must be a number", parameter="mix", frame=3)
    again = from_facts(json.loads(json.dumps(to_facts(error))))
    assert type(again) is UsageError and (str(again), again.parameter, again.frame) == (str(error), "mix", 3)
    assert from_facts({}).exit_code == 1
