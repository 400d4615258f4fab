"""`replate movie`: a movie of frames that were rendered before."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from films import counted, encode, hiss, number_in, sound_of
from nets import identity
from plates import write_shot
from replate.errors import Cancelled, InputError, UsageError
from replate.job import Job
from replate.media import open_source
from replate.media.attributes import timecode_of
from replate.movie import Film, make_movie
from replate.news.progress import Watcher
from replate.options import OPTIONS
from replate.params import with_defaults
from replate.render import render

COUNT, RATE = 12, Fraction(24000, 1001)


def film(pictures: str, movie: Path | str, *, like: str = "", frames: str = "", **options: object) -> Film:
    return Film(pictures=pictures, movie=str(movie), like=like, frames=frames, options=with_defaults(OPTIONS, options))


def test_rate_sound_and_time_code_are_the_plates(tmp_path: Path) -> None:
    sound = ("pcm_s16le", hiss(float(COUNT / RATE)))
    pictures = counted(COUNT, pixel_format="yuv422p10le")
    facts = {"timecode": "01:00:00:00"}
    plate = str(encode(tmp_path / "plate.mov", pictures, codec="prores_ks", rate=RATE, sound=sound, metadata=facts))
    identity(tmp_path / "same.onnx")
    frames = str(tmp_path / "out.%04d.exr")
    job = Job(node="style", inputs={"plate": plate}, output=frames, generator=str(tmp_path / "same.onnx"))
    render(job)
    assert make_movie(film(frames, tmp_path / "out.mov", like=plate)) == COUNT
    with open_source(str(tmp_path / "out.mov")) as made, open_source(plate) as source:
        assert (made.fps, made.frames, made.space) == (source.fps, source.frames, source.space)
        assert [number_in(made.read(frame).pixels) for frame in made.frames] == list(range(1, COUNT + 1))
        assert timecode_of(made.read(1).metadata) == "01:00:00:00"
    assert np.array_equal(sound_of(tmp_path / "out.mov"), sound_of(Path(plate)))


def test_what_is_done_stays_and_changed_frames_are_seen(tmp_path: Path) -> None:
    frames, movie = write_shot(tmp_path, range(1, 4), size=(64, 64)), tmp_path / "out.mov"
    assert make_movie(film(frames, movie)) == 3
    before = movie.stat().st_mtime_ns
    assert make_movie(film(frames, movie)) == 0
    assert movie.stat().st_mtime_ns == before
    assert make_movie(film(frames, movie, frames="2-3")) == 2
    write_shot(tmp_path, range(3, 5), size=(64, 64))
    assert make_movie(film(frames, movie)) == 4


def test_somebody_elses_movie_is_not_replaced(tmp_path: Path) -> None:
    frames, movie = write_shot(tmp_path, range(1, 3), size=(64, 64)), tmp_path / "out.mov"
    movie.write_text("precious")
    with pytest.raises(UsageError, match="--overwrite"):
        make_movie(film(frames, movie))
    assert movie.read_text() == "precious"
    assert make_movie(film(frames, movie, overwrite=True)) == 2


def test_a_hole_or_a_broken_frame_leaves_no_movie(tmp_path: Path) -> None:
    frames, movie = write_shot(tmp_path, [1, 2, 4], size=(64, 64)), tmp_path / "out.mov"
    with pytest.raises(InputError, match="no file for 3"):
        make_movie(film(frames, movie))
    assert make_movie(film(frames, movie, missing="hold")) == 4
    movie.unlink()
    (tmp_path / "plate.0002.exr").write_bytes(b"not a picture")
    with pytest.raises(InputError, match="frame 2"):
        make_movie(film(frames, movie, missing="skip"))
    assert not list(tmp_path.glob("*.mov"))


def test_a_movie_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    cancel, frames = threading.Event(), write_shot(tmp_path / "in", range(1, 40), size=(64, 64))

    class Impatient(Watcher):
        def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
            cancel.set()

    (tmp_path / "out").mkdir()
    with pytest.raises(Cancelled):
        make_movie(film(frames, tmp_path / "out/o.mov"), watcher=Impatient(), cancel=cancel)
    assert not list((tmp_path / "out").iterdir())
    assert make_movie(film(frames, tmp_path / "out/o.mov")) == 39


def test_each_view_gets_its_movie(tmp_path: Path) -> None:
    for view in ("left", "right"):
        write_shot(tmp_path / view, range(1, 3), size=(64, 64))
    frames = str(tmp_path / "%V" / "plate.%04d.exr")
    with pytest.raises(UsageError, match="%V"):
        make_movie(film(frames, tmp_path / "out.mov"))
    assert make_movie(film(frames, tmp_path / "out.%V.mov")) == 4
    assert sorted(path.name for path in tmp_path.glob("*.mov")) == ["out.left.mov", "out.right.mov"]


def test_progress_is_told(tmp_path: Path) -> None:
    seen = list[int]()

    class Counting(Watcher):
        def frame(self, number: int, *, failed: str = "", seconds: Mapping[str, float] | None = None) -> None:
            seen.append(number)

    make_movie(film(write_shot(tmp_path, range(5, 8), size=(64, 64)), tmp_path / "out.mp4"), watcher=Counting())
    assert seen == [5, 6, 7]
