"""Sound comes along with the frames that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from films import counted, encode, hiss, number_in, sound_of
from nets import identity
from plates import write_shot
from replate.job import Job
from replate.media import open_sink, open_source
from replate.media.attributes import timecode_of
from replate.news.progress import Watcher
from replate.render import render

Array = npt.NDArray[Any]
RATE, HERTZ, COUNT = 25, 48000, 60
PER_FRAME = HERTZ // RATE
MILLISECOND = HERTZ // 1000


def film(path: Path, sound: str, *, codec: str = "libx264", seconds: float = COUNT / RATE, channels: int = 2) -> Path:
    pixel_format = "yuv422p10le" if codec == "prores_ks" else "yuv420p"
    pictures = counted(COUNT, width=256, height=128, pixel_format=pixel_format)
    return encode(path, pictures, codec=codec, sound=(sound, hiss(seconds, channels=channels)))


def cut(path: Path, output: Path, numbers: Iterable[int], **options: Any) -> tuple[str, ...]:
    """The frames copied into another movie; what was said about it."""
    numbers = tuple(numbers)
    with open_source(str(path)) as source, open_sink(str(output), like=source, numbers=numbers, **options) as sink:
        for number in numbers:
            sink.write(source.read(number))
        return sink.notes


def sound_codecs(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.codec_context.codec.canonical_name for stream in container.streams.audio]


def expected(path: Path, first: int, count: int) -> Array:
    """What sounds during the frames, by the clock of the file."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        start = round((video.start_time or 0) * video.time_base * HERTZ)
    return sound_of(path)[start:][(first - 1) * PER_FRAME : (first - 1 + count) * PER_FRAME]


def lag(one: Array, other: Array) -> int:
    """By how many samples `one` comes after `other`, where they fit best."""
    size = 2 * max(len(one), len(other))
    spectra = [np.fft.rfft(each[:, 0].astype(np.float64), size) for each in (one, other)]
    best = int(np.argmax(np.fft.irfft(spectra[0] * np.conj(spectra[1]))))
    return best if best < size // 2 else best - size


@pytest.mark.parametrize(("first", "count"), [(1, COUNT), (38, 12)])
@pytest.mark.parametrize(
    ("name", "codec", "sound", "output", "becomes"),
    [
        ("a.mov", "prores_ks", "pcm_s16le", "b.mov", "pcm_s16le"),
        ("a.mov", "prores_ks", "pcm_s24le", "b.mxf", "pcm_s24le"),
        ("a.mkv", "libx264", "flac", "b.mov", "pcm_s24le"),
    ],
)
def test_sound_that_loses_nothing_is_cut_on_the_sample(
    tmp_path: Path, name: str, codec: str, sound: str, output: str, becomes: str, first: int, count: int
) -> None:
    whole = film(tmp_path / name, sound, codec=codec)
    cut(whole, tmp_path / output, range(first, first + count))
    want, got = expected(whole, first, count), sound_of(tmp_path / output)
    assert sound_codecs(tmp_path / output) == [becomes]
    assert got.shape == want.shape == (count * PER_FRAME, 2)
    assert np.abs(got - want).max() < 2**-22


@pytest.mark.parametrize(("first", "count"), [(1, COUNT), (38, 12)])
@pytest.mark.parametrize(
    ("name", "codec", "sound", "output", "becomes"),
    [
        ("a.mp4", "libx264", "aac", "b.mp4", "aac"),
        ("a.mp4", "libx264", "aac", "b.mov", "aac"),
        ("a.mp4", "libx264", "aac", "b.mkv", "aac"),
        ("a.mpg", "mpeg2video", "mp2", "b.mp4", "aac"),
        ("a.avi", "mpeg4", "libmp3lame", "b.mov", "mp3"),
        ("a.mkv", "libx264", "libopus", "b.mov", "pcm_s24le"),
        ("a.mkv", "libx264", "alac", "b.mkv", "alac"),
        ("a.mov", "prores_ks", "pcm_s16le", "b.mkv", "pcm_s16le"),
        ("a.mov", "prores_ks", "pcm_s16le", "b.mp4", "aac"),
    ],
)
def test_sound_stays_with_the_picture(
    tmp_path: Path, name: str, codec: str, sound: str, output: str, becomes: str, first: int, count: int
) -> None:
    whole = film(tmp_path / name, sound, codec=codec)
    options = {"compression": "h264"} if output == "b.mov" else {}
    cut(whole, tmp_path / output, range(first, first + count), **options)
    want, got = expected(whole, first, count), sound_of(tmp_path / output)
    assert sound_codecs(tmp_path / output) == [becomes]
    assert abs(lag(got, want)) <= MILLISECOND  # Matroska counts in milliseconds
    assert abs(len(got) - len(want)) < 2000  # the last packet may stick out
    with open_source(str(whole)) as source, open_source(str(tmp_path / output)) as copy:
        assert copy.frames == tuple(range(1, count + 1))
        assert number_in(copy.read(1).pixels) == number_in(source.read(first).pixels)


def test_packets_that_fit_are_not_touched(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mp4", "aac")
    assert cut(whole, tmp_path / "b.mp4", range(1, COUNT + 1)) == ()
    assert np.array_equal(sound_of(tmp_path / "b.mp4"), sound_of(whole))


def test_what_becomes_of_sound_is_said(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mov", "pcm_s16le", codec="prores_ks")
    (note,) = cut(whole, tmp_path / "b.mp4", range(1, 5))
    assert note == "the sound becomes aac, because mp4 does not take pcm_s16le"
    (note,) = cut(whole, tmp_path / "b.mov", range(1, 9, 2))
    assert note == "the sound is left out, because the frames do not follow each other"
    assert sound_codecs(tmp_path / "b.mov") == []


def test_every_stream_comes_along_with_its_language(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mov"), "w") as output:
        video = output.add_stream("prores_ks", rate=RATE)
        video.width, video.height, video.pix_fmt = 256, 128, "yuv422p10le"
        tracks = [output.add_stream("pcm_s16le", rate=HERTZ, layout="mono") for _ in "12"]
        for track, language in zip(tracks, ("eng", "fra"), strict=True):
            track.metadata["language"] = language
        for picture in counted(10, width=256, height=128, pixel_format="yuv422p10le"):
            output.mux(video.encode(picture))
        output.mux(video.encode())
        for number, track in enumerate(tracks, start=1):
            samples = np.full((1, 10 * PER_FRAME), 1000 * number, np.int16)
            piece = av.AudioFrame.from_ndarray(samples, "s16", "mono")
            piece.sample_rate, piece.pts = HERTZ, 0
            output.mux(track.encode(piece))
            output.mux(track.encode(None))
    cut(tmp_path / "a.mov", tmp_path / "b.mov", range(4, 8))
    with av.open(str(tmp_path / "b.mov")) as container:
        assert [stream.language for stream in container.streams.audio] == ["eng", "fra"]
    for stream, value in enumerate((1000, 2000)):
        sound = sound_of(tmp_path / "b.mov", stream)
        assert sound.shape == (4 * PER_FRAME, 1)
        assert np.allclose(sound, value / 32768)


def test_sound_that_ends_early_is_silent_from_there(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mov", "pcm_s16le", codec="prores_ks", seconds=0.5)
    cut(whole, tmp_path / "b.mov", range(5, 41))
    got = sound_of(tmp_path / "b.mov")
    assert np.array_equal(got, expected(whole, 5, 36)[: len(got)])
    assert len(got) == HERTZ // 2 - 4 * PER_FRAME
    # MXF leaves out pictures that have no sound beside them, so it gets silence.
    cut(whole, tmp_path / "b.mxf", range(5, 41))
    assert np.array_equal(sound_of(tmp_path / "b.mxf")[: len(got)], got)
    assert not sound_of(tmp_path / "b.mxf")[len(got) :].any()
    for name in ("b.mov", "b.mxf"):
        with open_source(str(tmp_path / name)) as source:
            assert len(source.frames) == 36


def test_damaged_sound_does_not_spoil_the_picture(tmp_path: Path) -> None:
    whole = film(tmp_path / "a.mp4", "aac")
    data = bytearray(whole.read_bytes())
    with av.open(str(whole)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.size]
    for place, size in packets[40:44]:
        data[place : place + size] = np.random.default_rng(3).bytes(size)
    whole.write_bytes(data)
    for output in ("b.mp4", "b.mov", "b.mxf"):
        options = {"compression": "prores_proxy"} if output == "b.mov" else {}
        cut(whole, tmp_path / output, range(1, COUNT + 1), **options)
        with open_source(str(tmp_path / output)) as source:
            assert len(source.frames) == COUNT


def test_frames_without_a_movie_have_no_sound(tmp_path: Path) -> None:
    shot = write_shot(tmp_path / "in", range(1, 4))
    with open_source(shot) as source, open_sink(str(tmp_path / "a.mp4"), like=source, numbers=(1, 2, 3)) as sink:
        for number in (1, 2, 3):
            sink.write(source.read(number))
    assert sound_codecs(tmp_path / "a.mp4") == []


class Listener(Watcher):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def note(self, text: str) -> None:
        self.heard.append(text)


def test_a_render_takes_sound_and_time_code_of_its_frames(tmp_path: Path) -> None:
    whole = encode(
        tmp_path / "a.mov",
        counted(COUNT, pixel_format="yuv422p10le"),
        codec="prores_ks",
        sound=("pcm_s16le", hiss(COUNT / RATE)),
        metadata={"timecode": "01:00:00:20"},
    )
    listener = Listener()
    job = Job(
        node="style",
        inputs={"plate": str(whole)},
        output=str(tmp_path / "out.mp4"),
        frames="11-30",
        generator=str(identity(tmp_path / "identity.onnx")),
    )
    assert len(render(job, watcher=listener).done) == 20
    assert "the sound becomes aac, because mp4 does not take pcm_s16le" in listener.heard
    assert abs(lag(sound_of(tmp_path / "out.mp4"), expected(whole, 11, 20))) <= 1
    with open_source(str(tmp_path / "out.mp4")) as source:
        assert timecode_of(source.read(1).metadata) == "01:00:01:05"
        assert [number_in(source.read(number).pixels) for number in (1, 20)] == [11, 30]
