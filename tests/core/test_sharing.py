"""Several processes at one output."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nets import tiny_style
from plates import write_shot
from replate.errors import UsageError
from replate.job import Job
from replate.keeping.sharing import Sharing
from replate.media import open_sink
from replate.news.progress import Watcher
from replate.render import render

PRINTS = {1: "a" * 64, 2: "b" * 64, -7: "c" * 64}
OTHER = """
import sys
from pathlib import Path
from replate.keeping.sharing import Sharing
with Sharing(Path(sys.argv[1]), eval(sys.argv[2]), alone=eval(sys.argv[3])) as sharing:
    print([sharing.take(frame) for frame in eval(sys.argv[4])], flush=True)
    sys.stdin.read()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.%04d.exr"


@pytest.fixture
def start(output: Path) -> Iterator[Start]:
    """Starts another process that takes part; it is at work when this returns, until its input is closed."""
    processes: list[subprocess.Popen[str]] = []

    def start(*frames: int, prints: dict[int, str] = PRINTS, alone: bool = False) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", OTHER, str(output), repr(prints), repr(alone), repr(frames)]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == f"{[True] * len(frames)}\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_frame_is_one_process_s_until_that_ends_however_it_ends(output: Path, start: Start) -> None:
    killed, ended = start(1), start(2)
    with Sharing(output, PRINTS) as sharing:
        assert [sharing.take(frame) for frame in (1, 2, -7)] == [False, False, True]
        killed.kill()
        killed.wait()
        assert [sharing.take(frame) for frame in (1, 2)] == [True, False]
        ended.communicate()
        assert sharing.take(2)


def test_whoever_ends_clears_away_what_one_killed_beside_it_left(tmp_path: Path) -> None:
    sink = open_sink(f"{tmp_path}/out.%04d.exr")
    ends = "from pathlib import Path; import os, sys; from replate.media.parts import part_path\n"
    ends += "part_path(Path(sys.argv[1])).touch(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", ends, str(tmp_path / "out.0001.exr")], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_who_leaves_last_takes_the_file_along(output: Path, start: Start) -> None:
    other = start()
    with Sharing(output, PRINTS):
        pass
    assert len(list(output.parent.iterdir())) == 1
    other.communicate()
    assert list(output.parent.iterdir()) == []


def test_other_settings_are_refused_while_somebody_is_at_work(output: Path, start: Start) -> None:
    other = start()
    with pytest.raises(UsageError, match=rf"other settings by process {other.pid} on "), Sharing(output, {2: "x" * 64}):
        pass
    with Sharing(output, {3: "x" * 64}):
        pass  # a frame that the other one does not make
    other.kill()
    other.wait()
    with Sharing(output, {2: "x" * 64}):
        pass


def test_alone_means_alone(output: Path, start: Start) -> None:
    first = start(alone=True)
    with pytest.raises(UsageError, match="wait for it"), Sharing(output, PRINTS, alone=True):
        pass
    first.communicate()
    with Sharing(output, PRINTS, alone=True):
        pass


def test_what_kills_leave_in_the_file_is_no_obstacle(output: Path, start: Start) -> None:
    """Lines of the dead, one of them cut off."""
    dead = start(1)
    dead.kill()
    dead.wait()
    left = output.with_name(f".{output.name}.replate.lock")
    left.write_text(left.read_text() + '{"process": 12, "sett')
    other = start(2)
    with Sharing(output, PRINTS) as sharing:
        assert [sharing.take(frame) for frame in (1, 2)] == [True, False]
    other.communicate()
    assert not left.exists()


def test_a_frame_that_another_process_was_making_is_made_when_that_is_killed(tmp_path: Path, start: Start) -> None:
    look, shot = tiny_style(tmp_path / "tiny.onnx"), write_shot(tmp_path / "in", [1])
    job = Job(node="style", inputs={"plate": shot}, output=str(tmp_path / "out.%04d.exr"), generator=str(look))
    other, said = start(1, prints={}), list[str]()

    class Impatient(Watcher):
        def note(self, text: str) -> None:
            said.append(text)
            if "another process" in text:
                threading.Timer(0.5, other.kill).start()  # while it is waited for

    assert render(job, watcher=Impatient()).done == [1]
    assert sum("another process" in text for text in said) == 1
