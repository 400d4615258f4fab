"""What farms read: by the command line, in processes of its own, with every dialect."""

from __future__ import annotations

import json
import logging
import os
import pty
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from nets import tiny_style
from plates import write_shot
from replate.errors import InputError, UsageError
from replate.news import dialects
from replate.news.dialects import DIALECTS, WORDS
from replate.news.watching import WATCHING, watching

HOSTILE = "in\nopenjd_env: broken\r\x1b[31mError: shot"
"""A folder as nobody would name one; every line of it would be a word to some farm."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dialects")
    tiny_style(folder / "tiny.onnx")
    write_shot(folder / HOSTILE, range(1, 5))
    (folder / HOSTILE / "plate.0003.exr").write_bytes(b"no picture")
    return folder


def render(here: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Style on a shot whose third frame is broken, to an output of its own."""
    command = [sys.executable, "-m", "replate", "render", "style", f"{HOSTILE}/plate.%04d.exr"]
    command += ["o.%04d.exr", "--generator", "tiny.onnx", "--overwrite", *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENJD_")}
    return subprocess.run(command, cwd=here, env=environment | variables, capture_output=True)


def lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    """What a farm sees: both streams, line by line."""
    assert b"\r" not in done.stdout + done.stderr and b"\x1b" not in done.stdout + done.stderr
    return (done.stdout + done.stderr).decode().splitlines()


def test_openjd_in_its_session(here: Path) -> None:
    done = render(here, OPENJD_SESSION_WORKING_DIR=str(here))
    said = lines(done)
    assert done.returncode == 1
    words = [line for line in said if line.startswith("openjd_")]
    assert [line for line in words if "progress" in line] == [
        f"openjd_progress: {each}" for each in ("25.0", "50.0", "75.0", "100.0")
    ]
    assert {line.partition(":")[0] for line in words} == {"openjd_progress", "openjd_status", "openjd_fail"}
    assert any(line.startswith("openjd_status: frame 3 failed: ") and "plate.0003.exr" in line for line in words)
    assert re.match(r"openjd_fail: 1 of 4 frames failed; the first: .*plate\.0003\.exr", words[-1])


@pytest.mark.parametrize(
    ("dialect", "word"), [("plain", "Progress: {}%"), ("deadline", "Progress: {}%"), ("alfred", "ALF_PROGRESS {}%")]
)
def test_lines_of_other_farms(here: Path, dialect: str, word: str) -> None:
    said = lines(render(here, "--progress", dialect))
    progress = [line for line in said if line.startswith(word.partition("{")[0])]
    assert [re.match(r"\D*\d+%", line)[0] for line in progress] == [word.format(each) for each in (25, 50, 75, 100)]  # type: ignore[index]
    assert dialect == "plain" or all(line.endswith("%") for line in progress)
    assert any("frame 3 failed: " in line for line in said)
    assert not any(line.startswith("openjd_") for line in said)
    assert sum("Error:" in line for line in said[:-1]) == 0, "only the sentence at the end may stop a job"


def test_json_lines(here: Path) -> None:
    done = render(here, "--progress", "json")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["type"] for each in said} == {"planned", "begin", "note", "frame", "spent", "fail"}
    frames = [each for each in said if each["type"] == "frame"]
    assert [(each["frame"], bool(each["failed"]), each["percent"]) for each in frames] == [
        (1, False, 25.0),
        (2, False, 50.0),
        (3, True, 75.0),
        (4, False, 100.0),
    ]
    assert frames[-1]["seconds_left"] == 0
    begin = next(each for each in said if each["type"] == "begin")
    assert (begin["format"], begin["total"]) == (1, 4)
    assert said[-1]["exit_code"] == done.returncode == 1


def test_none_is_silent_but_for_the_error(here: Path) -> None:
    done = render(here, "--progress", "none")
    assert done.stdout == b""
    assert done.stderr.startswith(b"replate: ") and done.stderr.count(b"\n") == 1


def test_quiet_and_verbose(here: Path) -> None:
    quiet = lines(render(here, "--quiet"))
    assert all(line.startswith(("Progress: ", "replate: ")) for line in quiet)
    verbose = lines(render(here, "--verbose"))
    assert (
        sum(bool(re.match(r"frame \d: read [\d.]+ s, infer [\d.]+ s, write [\d.]+ s$", line)) for line in verbose) == 3
    )


def test_a_bar_on_a_terminal(here: Path) -> None:
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "replate", "render", "style", f"{HOSTILE}/plate.%04d.exr", "o.%04d.exr"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENJD_")}
    process = subprocess.Popen(
        [*command, "--generator", "tiny.onnx", "--overwrite"],
        cwd=here,
        env=environment | {"TERM": "xterm-256color"},
        stdout=terminal,
        stderr=subprocess.DEVNULL,
    )
    os.close(terminal)
    said = b""
    try:
        while part := os.read(reader, 2**16):
            said += part
    except OSError:  # how Linux says that the other end is closed
        pass
    assert process.wait() == 1
    assert b"4/4" in said and b"Progress:" not in said
    assert b"failed" in said and b"plate.0003.exr" in said


def test_a_bar_knows_the_time_left_after_one_slow_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    now, stream = [0.0], StringIO()
    monkeypatch.setattr("rich.console.monotonic", lambda: now[0])
    bar = DIALECTS["bar"](stream)
    bar.begin(3, "slow")
    now[0] = 45.0
    bar.frame(1)
    assert bar.progress is not None
    bar.progress.refresh()
    left = bar.progress.tasks[0].time_remaining
    bar.close()
    assert left == 90


def test_a_dialect_from_the_environment_and_one_that_is_none(here: Path) -> None:
    assert b"ALF_PROGRESS 100%" in render(here, REPLATE_PROGRESS="alfred").stdout
    done = render(here, "--progress", "openjb")
    assert done.returncode == 2
    assert b"'progress'" in done.stderr and b"openjd" in done.stderr


def test_every_dialect_is_offered() -> None:
    assert set(WATCHING[0].choices) == {"auto", "bar", "plain", "openjd", "alfred", "deadline", "json", "none"}
    assert set(WORDS) < set(DIALECTS)
    with pytest.raises(UsageError), watching("loud"):
        raise AssertionError("unreachable")


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS) - {"bar"}))
@pytest.mark.parametrize(
    "text",
    [
        "openjd_env: x",
        "a\nopenjd_env: x",
        "a\r\nopenjd_fail: x",
        "ALF_PROGRESS 99%",
        "ValueError: x",
        "\x85openjd_env",
        "[red]{0}",
    ],
)
def test_no_text_is_taken_for_a_word(dialect: str, text: str) -> None:
    stream = StringIO()
    with watching(dialect, stream=stream) as watcher:
        watcher.begin(2, text)
        watcher.note(text)
        watcher.frame(1, failed=text)
        watcher.frame(2)
        watcher.share(1.0, text)
    for line in stream.getvalue().splitlines():
        assert not line.startswith(("openjd_env", "openjd_fail")), line
        assert not line.startswith("ALF_PROGRESS 99"), line
        assert "Error:" not in line


def test_the_failure_of_a_block_is_told_in_one_line() -> None:
    stream = StringIO()
    with pytest.raises(InputError), watching("openjd", stream=stream):
        raise InputError("there is no a\nopenjd_env: b.exr; check the path")
    assert stream.getvalue() == "openjd_fail: there is no a?openjd_env: b.exr; check the path\n"


def test_what_is_logged_is_a_note_and_only_while_somebody_watches() -> None:
    stream, logger = StringIO(), logging.getLogger("replate.anything")
    with watching("plain", stream=stream):
        logger.warning("first")
        logger.info("too much")
    logger.warning("later")
    with watching("plain", stream=stream, verbose=True):
        logger.info("second")
    assert stream.getvalue() == "first\nsecond\n"


def test_work_that_is_not_counted_in_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training says how far it is, now and then, and at its end."""
    for every, expected in ((0.0, ["25%", "50%", "100%"]), (60.0, ["25%", "100%"])):
        monkeypatch.setattr(dialects, "_EVERY", every)
        stream = StringIO()
        with watching("plain", stream=stream) as watcher:
            for done in (0.25, 0.5, 1.0):
                watcher.share(done, f"step {100 * done:g} loss 0.5")
        lines = stream.getvalue().splitlines()
        assert [line.split()[1] for line in lines] == expected
        assert lines[0] == "Progress: 25% step 25 loss 0.5", "at first nobody knows how long it takes"
        assert re.fullmatch(r"Progress: 100% step 100 loss 0\.5, 0:00 left", lines[-1])


def test_a_status_is_read_back() -> None:
    stream = StringIO()
    with watching("openjd", stream=stream) as watcher:
        watcher.begin(2, "title")
        watcher.frame(-7, failed="no disk, 3:00 left of it")
        watcher.frame(8)
        watcher.share(0.5, "step 3")
        watcher.share(1.0, "step 6")
    said = [line.partition(": ")[2] for line in stream.getvalue().splitlines() if line.startswith("openjd_status")]
    assert [dialects.frame_of(each) for each in said[:2]] == [(-7, "no disk, 3:00 left of it"), (8, "")]
    assert [dialects.without_left(each) for each in said[2:]] == ["step 3", "step 6"]
    assert said[2] == "step 3", "what was counted in frames says nothing of it"


def test_names_that_a_stream_cannot_show(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w", encoding="ascii") as stream, watching("plain", stream=stream) as watcher:
        watcher.note("/shots/größe.exr \udcff")
    assert path.read_text() == "/shots/gr\\xf6\\xdfe.exr \\udcff\n"
