"""A movie that was stopped half-way becomes the one that an undisturbed render makes."""

from __future__ import annotations

import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from films import counted, encode, hiss
from nets import tiny_style
from plates import write_shot
from replate.errors import Cancelled, OutputError
from replate.job import Job
from replate.media import KeptPictures, MoviePicture
from replate.news.progress import Watcher
from replate.render import Report, render

COUNT, STOP = 8, 3


class Told(Watcher):
    """Listens, and cancels after so many frames."""

    def __init__(self, stop: int = 0) -> None:
        self.said: list[str] = []
        self.cancel, self.left = threading.Event(), stop

    def note(self, text: str) -> None:
        self.said.append(text)

    def frame(self, number: int, **_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            self.cancel.set()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    shot = write_shot(tmp_path / "in", range(1, COUNT + 1), size=(128, 256))
    look = str(tiny_style(tmp_path / "tiny.onnx", change=0.3))
    return Job(node="style", inputs={"plate": shot}, output=str(tmp_path / "out.mov"), generator=look)


def stopped(job: Job, after: int = STOP) -> None:
    told = Told(after)
    with pytest.raises(Cancelled):
        render(job, watcher=told, cancel=told.cancel)
    assert not Path(job.output).exists()
    assert [path.suffix for path in KeptPictures(Path(job.output)).folder.iterdir()].count(".nut") >= after


def calm(job: Job, folder: Path) -> Job:
    return replace(job, output=str(folder / "calm" / Path(job.output).name))


def packets(path: str | Path) -> list[Any]:
    """All that is in a movie but random identities: what streams say of themselves, packets with times and bytes."""
    with av.open(str(path)) as movie:
        streams = [
            {"type": stream.type} | {name: text for name, text in stream.metadata.items() if "umid" not in name}
            for stream in movie.streams
        ]
        held = [(p.stream.index, p.pts, p.dts, p.duration, p.is_keyframe, bytes(p)) for p in movie.demux() if p.size]
    return [streams, *held]


def assert_clean(movie: Path) -> None:
    manifest = f".{movie.name}.replate.jsonl"
    assert {path.name for path in movie.parent.iterdir() if movie.stem in path.name} == {movie.name, manifest}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("out.mp4", {}),
        ("out.mp4", {"compression": "h265"}),
        ("out.mov", {"compression": "prores4444"}),
        ("out.mkv", {"bits": 12}),
        ("out.mxf", {}),
    ],
)
def test_as_if_nothing_had_happened(tmp_path: Path, job: Job, name: str, options: dict[str, Any]) -> None:
    job = replace(job, output=str(tmp_path / name), options=options)
    stopped(job)
    again = render(job)
    assert len(again.skipped) >= STOP and len(again.skipped) + len(again.done) == COUNT
    render(calm(job, tmp_path))
    assert packets(job.output) == packets(calm(job, tmp_path).output)
    assert_clean(Path(job.output))
    assert render(job).skipped == list(range(1, COUNT + 1))


def test_sound_time_code_and_rate(tmp_path: Path, job: Job) -> None:
    source = encode(
        tmp_path / "source.mov",
        counted(COUNT, width=256, height=128),
        rate=30,
        metadata={"timecode": "01:02:03:04"},
        sound=("pcm_s16le", hiss(COUNT / 30)),
    )
    job = replace(job, inputs={"plate": str(source)}, output=str(tmp_path / "out.mov"))
    stopped(job)
    render(job)
    render(calm(job, tmp_path))
    assert packets(job.output) == packets(calm(job, tmp_path).output)
    with av.open(job.output) as movie:
        assert movie.streams.video[0].average_rate == 30 and len(movie.streams.audio) == 1
        assert "01:02:03:04" in {**movie.metadata, **movie.streams.video[0].metadata}.values()


def test_behind_a_failing_frame_the_others_are_made(tmp_path: Path, job: Job) -> None:
    plate = tmp_path / "in" / "plate.0004.exr"
    whole = plate.read_bytes()
    plate.write_bytes(b"nothing")
    told = Told()
    report = render(job, watcher=told)
    assert list(report.failed) == [4] and len(report.done) == COUNT - 1
    assert not Path(job.output).exists()
    assert "finished frames are kept" in told.said[-1]
    plate.write_bytes(whole)
    assert render(job).done == [4]
    render(calm(job, tmp_path))
    assert packets(job.output) == packets(calm(job, tmp_path).output)
    assert_clean(Path(job.output))


def test_frames_of_other_settings_are_made_again(tmp_path: Path, job: Job) -> None:
    stopped(job)
    softer = replace(job, params={"mix": 0.5})
    told = Told()
    assert len(render(softer, watcher=told).done) == COUNT
    assert any("made with other settings" in text for text in told.said)
    render(calm(softer, tmp_path))
    assert packets(job.output) == packets(calm(softer, tmp_path).output)


def test_a_damaged_kept_frame_is_made_again(tmp_path: Path, job: Job) -> None:
    stopped(job)
    kept = KeptPictures(Path(job.output)).path(2)
    kept.write_bytes(bytes(kept.stat().st_size))
    told = Told()
    report = render(job, watcher=told)
    assert 2 in report.done and 2 not in report.skipped and any("damaged" in text for text in told.said)
    render(calm(job, tmp_path))
    assert packets(job.output) == packets(calm(job, tmp_path).output)


def test_without_room_to_keep_frames_the_movie_is_made(
    tmp_path: Path, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, full = KeptPictures.keep, OutputError("no space left on device")

    def sometimes(self: KeptPictures, picture: Any) -> None:
        if picture.number > STOP:
            raise full
        keep(self, picture)

    monkeypatch.setattr(KeptPictures, "keep", sometimes)
    told = Told()
    report: Report = render(job, watcher=told)
    assert len(report.done) == COUNT
    assert sum("not kept" in text for text in told.said) == 1
    assert_clean(Path(job.output))


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le", "yuva444p10le", "yuva444p12le", "yuva444p16le"])
def test_what_is_kept_comes_back_bit_by_bit(tmp_path: Path, pixel_format: str) -> None:
    video = av.VideoFrame(64, 48, pixel_format)
    random = np.random.default_rng(1)
    for component in video.format.components:
        plane = video.planes[component.plane]
        kind = np.uint8 if component.bits <= 8 else np.uint16
        np.frombuffer(plane, kind)[:] = random.integers(0, 2**component.bits, plane.buffer_size // kind().itemsize)
    kept = KeptPictures(tmp_path / "out.mov")
    kept.keep(MoviePicture(-3, video, aspect=Fraction(4, 3), timecode="01:00:00;02"))
    found = kept.load(-3)
    assert (found.number, found.aspect, found.timecode) == (-3, Fraction(4, 3), "01:00:00;02")
    for ours, theirs in zip(found.video.planes, video.planes, strict=True):
        size = theirs.width * (1 if pixel_format == "yuv420p" else 2)
        rows = [np.frombuffer(each, np.uint8).reshape(each.height, -1)[:, :size] for each in (ours, theirs)]
        assert np.array_equal(*rows)
    kept.forget()
    assert list(tmp_path.iterdir()) == []
