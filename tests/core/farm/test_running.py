"""Bundles run here, by the real engine in real processes; what they make is what one process makes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("openjd.sessions", reason="running bundles needs the extra 'farm'")

from openjd.sessions import Session

from nets import tiny_style
from plates import write_shot
from replate.errors import Cancelled, InputError, ReplateError, UsageError
from replate.farm.ledger import Ledger
from replate.farm.running import LOG, FarmReport, conclude, run
from replate.farm.shares import Share, shares_of
from replate.news.progress import Watcher
from services import wait_for

FRAMES = range(1001, 1009)
TWO = (Share(name="one"), Share(name="two"))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shot, a job, and what one process makes of it."""
    folder = tmp_path_factory.mktemp("farm")
    tiny_style(folder / "tiny.onnx")
    write_shot(folder / "in", FRAMES)
    style = ["style", "in/plate.%04d.exr", "alone/o.%04d.exr", "--generator", "tiny.onnx", "--set", "mix=0@1001,1@1008"]
    assert replate(folder, "render", *style, "--save-job", "alone.json").returncode == 0
    return folder


def environment(folder: Path) -> dict[str, str]:
    """Temporary files go to a folder of the test's own, so that what is left there is seen."""
    (folder / "tmp").mkdir(exist_ok=True)
    return {**os.environ, "TMPDIR": str(folder / "tmp")}


def replate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "replate", *words]
    return subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True)


def job(here: Path, folder: Path, **changes: Any) -> Path:
    """The shot's job to a folder of its own."""
    data = json.loads((here / "alone.json").read_text()) | {"output": str(folder / "out/o.%04d.exr")} | changes
    (folder / "job.json").write_text(json.dumps(data))
    return folder / "job.json"


def frames(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("o.*.exr"))}


def nothing_is_left(folder: Path) -> bool:
    """No session's folder, and no process that was started for one."""
    temporary = folder / "tmp"
    return not list(temporary.glob("replate*")) and not any(str(temporary).encode() in each for each in commands())


def commands() -> Iterator[bytes]:
    """The command lines of all processes."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            yield path.read_bytes()


def loaded(folder: Path) -> int:
    """How many sessions began."""
    return (folder / "job-farm" / LOG).read_text().count("is ready\n")


@pytest.mark.parametrize(
    ("sessions", "words"), [("1", ["--chunk", "3"]), ("2", ["--chunk", "1", "--chunk-seconds", "1"])]
)
def test_however_the_frames_are_cut_they_are_those_of_one_process(
    here: Path, tmp_path: Path, sessions: str, words: list[str]
) -> None:
    if int(sessions) > len(shares_of()[0].cores):
        pytest.skip("this machine has one core")
    job(here, tmp_path)
    done = replate(tmp_path, "farm", "job.json", *words, "--run", "--sessions", sessions, "--report", "r.json")
    assert done.returncode == 0, done.stderr + done.stdout
    assert frames(tmp_path / "out") == frames(here / "alone")
    assert len(frames(tmp_path / "out")) == len(FRAMES)
    report = json.loads((tmp_path / "r.json").read_text())
    (bundle,) = report["bundles"]
    assert (report["replate_farm_report"], report["state"], report["exit_code"]) == (1, "done", 0)
    assert (bundle["done"], bundle["failed"], bundle["left"]) == ("1001-1008", {}, [])
    assert len({task["session"] for task in bundle["tasks"]}) == int(sessions)
    assert all(task["tries"] == 1 for task in bundle["tasks"])
    assert loaded(tmp_path) == int(sessions), "a session begins once, whatever the number of its chunks"
    wait_for(lambda: nothing_is_left(tmp_path))  # what was killed may be a moment in going


def test_frames_in_any_order_and_not_in_a_row(here: Path, tmp_path: Path) -> None:
    job(here, tmp_path, frames="1008,1003,1005-1001x2")
    done = replate(tmp_path, "farm", "job.json", "--chunk", "2", "--run", "--progress", "plain")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Progress: 100% frame " in done.stdout and "openjd" not in done.stdout + done.stderr
    assert "openjd_progress: 100.0" in (tmp_path / "job-farm" / LOG).read_text()
    alone = frames(here / "alone")
    assert frames(tmp_path / "out") == {
        name: alone[name] for name in alone if name[2:6] in ("1001", "1003", "1005", "1008")
    }


def test_one_wrong_frame_is_told_and_the_others_are_made(here: Path, tmp_path: Path) -> None:
    write_shot(tmp_path / "in", FRAMES)
    (tmp_path / "in/plate.1004.exr").write_bytes(b"no picture")
    job(here, tmp_path, inputs={"plate": str(tmp_path / "in/plate.%04d.exr")})
    words = ["farm", "job.json", "--chunk", "4", "--run", "--again", "1", "--report", "r.json", "--progress", "json"]
    done = replate(tmp_path, *words)
    assert done.returncode == 1
    assert "frames 1004 failed" in done.stderr and "plate.1004.exr" in done.stderr and done.stderr.count("\n") == 1
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert not any("frames 1004 failed" in each.get("text", "") for each in said if each["type"] == "note")
    told = {each["frame"]: bool(each["failed"]) for each in said if each["type"] == "frame"}
    assert told == {frame: frame == 1004 for frame in FRAMES}
    assert [each["total"] for each in said if each["type"] == "begin"] == [len(FRAMES)]
    assert sum("is tried again" in each.get("text", "") for each in said) == 1
    report = json.loads((tmp_path / "r.json").read_text())
    (bundle,) = report["bundles"]
    assert list(bundle["failed"]) == ["1004"] and "plate.1004.exr" in bundle["failed"]["1004"]
    assert (bundle["done"], report["state"], report["exit_code"]) == ("1001-1003,1005-1008", "failed", 1)
    assert {task["frames"]: task["tries"] for task in bundle["tasks"]} == {"1001-1004": 2, "1005-1008": 1}
    assert len(frames(tmp_path / "out")) == len(FRAMES) - 1
    wait_for(lambda: nothing_is_left(tmp_path))  # what was killed may be a moment in going


def test_a_frame_that_comes_late_is_made_when_its_chunk_is_tried_again(here: Path, tmp_path: Path) -> None:
    write_shot(tmp_path / "in", FRAMES)
    late = tmp_path / "in/plate.1002.exr"
    late.rename(tmp_path / "kept.exr")
    late.write_bytes(b"half of it")
    job(here, tmp_path, inputs={"plate": str(tmp_path / "in/plate.%04d.exr")})
    assert replate(tmp_path, "farm", "job.json", "--chunk", "4").returncode == 0

    class Waiting(Watcher):
        failed = False

        def note(self, text: str) -> None:
            if "is tried again" in text:
                (tmp_path / "kept.exr").rename(late)

        def frame(self, number: int, *, failed: str = "", **_: object) -> None:
            self.failed |= bool(failed)

    watcher = Waiting()
    report = run(tmp_path / "job-farm", sessions=TWO, watcher=watcher, cancel=threading.Event())
    assert "8 frames done" in conclude(report) and not watcher.failed
    assert frames(tmp_path / "out").keys() == frames(here / "alone").keys()
    assert sorted(task.tries for task in report.tasks) == [1, 2]


def test_cancelled_it_leaves_nothing_and_goes_on_later(here: Path, tmp_path: Path) -> None:
    tiny_style(tmp_path / "slow.onnx", multiple=2, width=256)
    many = range(1001, 1101)  # more than are made while the signal is on its way
    write_shot(tmp_path / "in", many, size=(180, 320))
    job(here, tmp_path, generator=str(tmp_path / "slow.onnx"), inputs={"plate": str(tmp_path / "in/plate.%04d.exr")})
    words = [sys.executable, "-m", "replate", "farm", "job.json", "--chunk", "50", "--run", "--report", "r.json"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "frame 1001 done" in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    wait_for(lambda: nothing_is_left(tmp_path))  # what was killed may be a moment in going
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["state"], report["exit_code"], report["bundles"][0]["cancelled"]) == ("cancelled", 130, True)
    before = frames(tmp_path / "out")
    assert 1 <= len(before) < len(many)
    again = replate(tmp_path, "farm", "job.json", "--chunk", "30", "--run")
    assert again.returncode == 0, again.stderr
    after = frames(tmp_path / "out")
    assert len(after) == len(many) and before.items() <= after.items()


def template(folder: Path, steps: list[dict[str, Any]]) -> Path:
    """A bundle of somebody's own."""
    folder.mkdir()
    data = {"specificationVersion": "jobtemplate-2023-09", "name": "own", "steps": steps}
    (folder / "template.json").write_text(json.dumps(data))
    (folder / "parameter_values.json").write_text("{}")
    return folder


def step(name: str, code: str, *after: str, **more: Any) -> dict[str, Any]:
    """A step that runs a line of Python."""
    action = {"command": sys.executable, "args": ["-c", code]}
    depends = {"dependencies": [{"dependsOn": each} for each in after]} if after else {}
    return {"name": name, "script": {"actions": {"onRun": action}}, **depends, **more}


def ran(bundle: Path, *sessions: Share) -> FarmReport:
    return run(bundle, sessions=sessions or TWO, watcher=Watcher(), cancel=threading.Event(), again=0)


def test_steps_wait_for_those_before_them(tmp_path: Path) -> None:
    write = "from pathlib import Path; Path({!r}).open('a').write({!r})"
    file = str(tmp_path / "order")
    bundle = template(tmp_path / "b", [step("Z", write.format(file, "z"), "A"), step("A", write.format(file, "a"))])
    assert ran(bundle).failed == {}
    assert Path(file).read_text() == "az"
    fails = "print('openjd_fail: no disk', flush=True); raise SystemExit(3)"
    steps = [step("A", fails), step("B", "", "A"), step("C", "", "B"), step("D", write.format(file, "d"))]
    report = ran(template(tmp_path / "c", steps))
    assert report.left == ["B", "C"] and report.failed == {0: "no disk"}
    assert Path(file).read_text() == "azd"
    with pytest.raises(ReplateError, match="a step failed; not begun: B, C; the first: no disk"):
        conclude(report)


def test_the_share_of_a_movie_s_frame_is_told_with_its_own_words() -> None:
    told: list[tuple[float, str]] = []

    class Listener(Watcher):
        def share(self, done: float, text: str) -> None:
            told.append((done, text))

    ledger = Ledger(FarmReport(bundle="b", sessions=[]), Listener())
    for progress, status in ((50.0, "frame 1 done"), (100.0, "frame 1 done"), (100.0, "frame 2 done, 0:00 left")):
        ledger.heard((), progress, status)
    ledger.heard((), 10.0, "step 1")
    ledger.heard((), 20.0, "step 1")
    assert told == [(0.5, "frame 1 done"), (1.0, "frame 2 done"), (0.1, "step 1"), (0.2, "step 1")]


def test_a_session_keeps_to_its_share(tmp_path: Path) -> None:
    code = (
        "import json, os; print('share', json.dumps([sorted(os.sched_getaffinity(0)), "
        "os.environ['CUDA_VISIBLE_DEVICES'], os.environ['OMP_NUM_THREADS']]), flush=True)"
    )
    core = min(os.sched_getaffinity(0))
    bundle = template(tmp_path / "b", [step("A", code)])
    before = os.sched_getaffinity(0)
    assert ran(bundle, Share(name="one", cores=frozenset([core]), gpu="1")).failed == {}
    assert f'share [[{core}], "1", "1"]' in (bundle / LOG).read_text()
    assert os.sched_getaffinity(0) == before


def test_an_environment_that_cannot_begin_fails_the_task_and_is_left(tmp_path: Path) -> None:
    marker = tmp_path / "left"
    actions = {
        "onEnter": {"command": sys.executable, "args": ["-c", "raise SystemExit(2)"]},
        "onExit": {"command": sys.executable, "args": ["-c", f"open({str(marker)!r}, 'w')"]},
    }
    environments = [{"name": "Service", "script": {"actions": actions}}]
    report = ran(template(tmp_path / "b", [step("A", "", stepEnvironments=environments)]))
    assert report.failed == {0: "the session's Service did not begin: it ended with code 2"}
    assert marker.exists()


def test_a_session_that_breaks_loses_the_task_in_hand_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def run_task(self: Session, run: Callable[..., None] = Session.run_task, **given: Any) -> None:
        calls.append(len(calls))
        if len(calls) == 2:
            raise RuntimeError("no more processes")
        run(self, **given)

    monkeypatch.setattr(Session, "run_task", run_task)
    space = {"taskParameterDefinitions": [{"name": "N", "type": "INT", "range": "1-4"}]}
    report = ran(template(tmp_path / "b", [step("A", "", parameterSpace=space)]), Share(name="one"))
    assert [bool(task.reason) for task in report.tasks] == [False, True, False, False]
    assert report.failed == {0: "the session broke: no more processes"}


def test_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    for text in ("", "[]", '{"specificationVersion": "jobtemplate-2023-09", "name": "x", "steps": []}'):
        (tmp_path / "template.json").write_text(text)
        (tmp_path / "parameter_values.json").write_text("{}")
        with pytest.raises(InputError, match="is no bundle that can be run"):
            ran(tmp_path)


def test_cancelled_before_it_began(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    bundle = template(tmp_path / "b", [step("A", f"open({str(tmp_path / 'ran')!r}, 'w')")])
    with pytest.raises(Cancelled):
        conclude(run(bundle, sessions=TWO, watcher=Watcher(), cancel=cancel))
    assert not (tmp_path / "ran").exists()


def test_shares() -> None:
    cores = sorted(os.sched_getaffinity(0))
    (whole,) = shares_of()
    assert whole.cores == set(cores) and "CUDA_VISIBLE_DEVICES" not in whole.variables
    parts = shares_of(sessions=len(cores))
    assert [share.cores for share in parts] == [{core} for core in cores]
    assert [share.gpu for share in shares_of(gpus="3")] == ["3"]
    with pytest.raises(UsageError, match="a core each"):
        shares_of(sessions=len(cores) + 1)


def test_without_the_extra_it_says_what_to_install(here: Path, tmp_path: Path) -> None:
    job(here, tmp_path)
    code = "import sys; sys.modules['openjd'] = None; from replate.cli import main; main()"
    command = [sys.executable, "-c", code, "farm", "job.json", "--run"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install 'replate[farm]'" in done.stderr and done.stderr.count("\n") == 1


def test_the_core_does_not_load_it_to_start() -> None:
    code = "import sys, replate.cli; print([name for name in sys.modules if name.startswith('openjd')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"
