"""Whole renders: movies, jobs, windows, news."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nets import identity, tiny_style
from plates import bits, read, write_shot
from replate.card import Card
from replate.errors import Cancelled, GeneratorError, UsageError
from replate.job import Job
from replate.media import open_source
from replate.media.movie_sink import MovieSink
from replate.network.onnxfile import read_card, write_card
from replate.news.progress import Watcher
from replate.render import render


@pytest.fixture
def job(tmp_path: Path) -> Job:
    generator = tiny_style(tmp_path / "tiny.onnx", change=0.3)
    shot = write_shot(tmp_path / "in", range(1, 9))
    return Job(
        node="style", inputs={"plate": shot}, output=str(tmp_path / "o" / "o.%04d.exr"), generator=str(generator)
    )


def other(job: Job, **changes: object) -> Job:
    return Job(**({name: getattr(job, name) for name in job.__dataclass_fields__} | changes))  # type: ignore[arg-type]


def test_steady_chunks_equal_the_whole(tmp_path: Path, job: Job) -> None:
    """Windows reach over chunk borders."""
    steady = other(job, params={"steady": 0.8})
    render(steady)
    for first in range(1, 9, 3):
        frames = f"{first}-{min(first + 2, 8)}"
        render(other(steady, frames=frames, output=str(tmp_path / "chunks" / "o.%04d.exr")))
    for frame in range(1, 9):
        a, b = (read(tmp_path / folder / f"o.{frame:04d}.exr")[0] for folder in ("o", "chunks"))
        assert np.array_equal(bits(a), bits(b)), frame
    assert read(tmp_path / "o" / "o.0004.exr")[1].getattribute("replate:frames") == "2 3 4 5 6"


def test_light_to_a_movie_and_back(tmp_path: Path, job: Job) -> None:
    movie = str(tmp_path / "out.mov")
    look = str(identity(tmp_path / "identity.onnx"))
    report = render(other(job, output=movie, generator=look))
    assert len(report.done) == 8
    assert len(open_source(movie).frames) == 8
    again = render(other(job, output=movie, generator=look))
    assert len(again.skipped) == 8
    linear = str(tmp_path / "back.%04d.exr")
    render(other(job, inputs={"plate": movie}, output=linear, generator=look))
    with open_source(linear) as source:
        assert source.frames == tuple(range(1, 9))
        assert source.read(1).pixels[..., :3].max() <= 1.05, "a movie has no light above its white"
        assert source.space_reason == "the file says so", "light that was converted is tagged"


def test_only_the_frames_asked_for(tmp_path: Path, job: Job) -> None:
    assert render(other(job, frames="2-8x3")).done == [2, 5, 8]
    assert sorted(path.name for path in (tmp_path / "o").glob("o.*")) == ["o.0002.exr", "o.0005.exr", "o.0008.exr"]


def test_nothing_writes_to_a_movie_that_is_aborted(tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The writer's thread has ended when a failing frame, or its traceback, still holds on to the pipeline."""
    alive: list[bool] = []
    abort = MovieSink.abort

    def watched(sink: MovieSink) -> None:
        alive.append(any(thread.name.startswith("write") for thread in threading.enumerate()))
        abort(sink)

    monkeypatch.setattr(MovieSink, "abort", watched)
    (tmp_path / "in" / "plate.0004.exr").write_bytes(b"nothing")
    assert list(render(other(job, output=str(tmp_path / "out.mp4"))).failed) == [4]
    assert alive == [False]


def test_cancel_keeps_what_is_done(tmp_path: Path, job: Job) -> None:
    cancel = threading.Event()

    class Impatient(Watcher):
        def frame(self, number: int, **_: object) -> None:
            cancel.set()

    with pytest.raises(Cancelled):
        render(job, watcher=Impatient(), cancel=cancel)
    done = list((tmp_path / "o").glob("o.*"))
    assert 1 <= len(done) < 8
    report = render(job)
    assert len(report.skipped) == len(done)


def test_inputs_are_checked(job: Job) -> None:
    with pytest.raises(UsageError, match="no input 'matte'"):
        render(other(job, inputs={**job.inputs, "matte": "x.exr"}))
    with pytest.raises(UsageError, match="needs the input 'plate'"):
        render(other(job, inputs={}))


def test_what_was_assumed_is_said(job: Job) -> None:
    said: list[str] = []

    class Listener(Watcher):
        def note(self, text: str) -> None:
            said.append(text)

    render(job, watcher=Listener())
    assert any("64x48" in text and "assumed" in text for text in said)
    assert not any("without effect" in text for text in said)
    render(other(job, params={"mask.grow": 4.0, "mask.invert": False}), watcher=Listener())
    assert "mask.grow without effect: no mask is given" in said


def test_one_file_takes_one_frame(job: Job, tmp_path: Path) -> None:
    single = other(job, output=str(tmp_path / "o" / "single.exr"))
    with pytest.raises(UsageError, match=r"single\.%04d\.exr"):
        render(single)
    assert not (tmp_path / "o" / "single.exr").exists()
    assert render(other(single, frames="3")).done == [3]


@pytest.mark.parametrize("name", ["o.####.exr", "o.@@@@.exr", "o.$F4.exr"])
def test_however_a_pattern_is_typed_the_frames_are_the_same(job: Job, tmp_path: Path, name: str) -> None:
    render(other(job, frames="1-2"))
    again = render(other(job, frames="1-3", output=str(tmp_path / "o" / name)))
    assert (again.skipped, again.done) == ([1, 2], [3])


def test_missing_skip_skips_what_any_input_lacks(job: Job, tmp_path: Path) -> None:
    shot, mask = job.inputs["plate"], write_shot(tmp_path / "mask", range(1, 9), channels="Y")
    Path(shot % 3).unlink()
    Path(mask % 5).unlink()
    skipping = other(job, inputs={"plate": shot, "mask": mask}, options={"missing": "skip"})
    assert render(skipping).done == [1, 2, 4, 6, 7, 8]
    for output in (job.output, str(tmp_path / "o" / "none.mp4")):
        assert not render(other(skipping, frames="3,5", output=output)).done


@pytest.mark.parametrize("changes", [{"space": "Nope"}, {"inputs": ()}])
def test_a_card_that_cannot_work_is_refused_before_the_first_frame(
    job: Job, tmp_path: Path, changes: dict[str, object]
) -> None:
    path = tiny_style(tmp_path / "broken.onnx")
    card = read_card(path)
    assert card is not None
    write_card(path, replace(card, **changes))  # type: ignore[arg-type]
    with pytest.raises(GeneratorError, match=r"broken\.onnx"):
        render(other(job, generator=str(path)))


def test_a_generator_of_another_node_is_refused(job: Job, tmp_path: Path) -> None:
    path = tiny_style(tmp_path / "removal.onnx", card=Card(name="clean", kind="removal"))
    with pytest.raises(UsageError, match="removal"):
        render(other(job, generator=str(path)))
