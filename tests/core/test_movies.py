"""Movies: values, tags and frame numbers."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from replate.errors import InputError, OutputError, UsageError
from replate.frame import Frame
from replate.media import open_sink, open_source
from replate.media.yuv import Tags, rgb_to_video, video_to_rgb

Array = npt.NDArray[Any]
VIDEO = "Gamma 2.4 Encoded Rec.709"
# 75 % bars and greys: R'G'B' that Y'CbCr can hold.
PATCHES = [(0.75, 0.75, 0.0), (0.0, 0.75, 0.75), (0.75, 0.0, 0.0), (0.0, 0.0, 0.75), (0.5, 0.5, 0.5), (1.0, 1.0, 1.0)]


def patches(number: int = 1, *, height: int = 32, width: int = 96) -> Frame:
    """Flat patches side by side, a code value brighter every frame."""
    row = np.repeat(np.array(PATCHES, np.float32), 16, axis=0)[:width]
    pixels = np.broadcast_to(row - number / 255, (height, len(row), 3)).astype(np.float32)
    return Frame.of(pixels, "RGB", number=number, space=VIDEO)


def centres(pixels: Array) -> Array:
    """The middle of every patch."""
    return pixels[pixels.shape[0] // 2, 8::16]


@pytest.mark.parametrize(
    ("pixel_format", "tags", "codes", "rgb"),
    [
        # BT.709 75 % yellow and grey, limited range, from the code tables of Rec. ITU-R BT.709 and BT.2020.
        ("yuv444p", Tags(matrix=1), (168, 44, 136), (0.75, 0.75, 0.0)),
        ("yuv444p", Tags(matrix=6), (162, 44, 142), (0.75, 0.75, 0.0)),
        ("yuv444p10le", Tags(matrix=1), (940, 512, 512), (1, 1, 1)),
        ("yuv444p10le", Tags(matrix=9), (64, 512, 512), (0, 0, 0)),
        ("yuv444p", Tags(matrix=1, full_range=True), (255, 128, 128), (1, 1, 1)),
        ("yuv444p", Tags(matrix=1), (255, 128, 128), (239 / 219,) * 3),
    ],
)
def test_codes_mean_what_the_standard_says(
    pixel_format: str, tags: Tags, codes: tuple[int, ...], rgb: tuple[float, ...]
) -> None:
    frame = av.VideoFrame(16, 16, pixel_format)
    for plane, code in zip(frame.planes, codes, strict=True):
        wide = "p10" in pixel_format
        plane.update(np.full(plane.buffer_size // (1 + wide), code, np.uint16 if wide else np.uint8).tobytes())
    step = 1 / 219
    assert np.abs(video_to_rgb(frame, tags) - np.float32(rgb)).max() < step
    assert (
        np.abs(video_to_rgb(rgb_to_video(video_to_rgb(frame, tags), pixel_format, tags), tags)[0, 0] - rgb).max() < step
    )


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.mp4", {}, 0.012),
        ("a.mp4", {"bit_depth": 10}, 0.01),
        ("a.mp4", {"compression": "h265"}, 0.012),
        ("a.mov", {}, 0.003),
        ("a.mov", {"compression": "prores4444"}, 0.003),
        ("a.mkv", {}, 0.001),
        ("a.mkv", {"bit_depth": 16}, 0.0001),
    ],
)
def test_colour_and_tags_survive(tmp_path: Path, name: str, options: dict[str, Any], tolerance: float) -> None:
    path = tmp_path / name
    with open_sink(str(path), fps=Fraction(24000, 1001), **options) as sink:
        assert sink.ordered
        for number in (1, 2, 3):
            sink.write(patches(number))
    with open_source(str(path)) as source:
        assert (source.frames, source.fps, source.size) == ((1, 2, 3), Fraction(24000, 1001), (96, 32))
        assert (source.space, source.space_reason, source.kind) == (VIDEO, "the file says so", "video")
        for number in (3, 1, 2):
            difference = centres(source.read(number).pixels) - centres(patches(number).pixels)
            assert np.abs(difference).max() < tolerance
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context, frame = stream.codec_context, next(container.decode(stream))
        for tagged in (context, frame):
            tags = tagged.color_primaries, tagged.color_trc, tagged.colorspace, tagged.color_range
            assert tuple(map(int, tags)) == (1, 1, 1, 1)


def test_ten_bits_are_ten_bits(tmp_path: Path) -> None:
    """A ramp finer than 8 bits can hold."""
    ramp = np.broadcast_to(np.linspace(0.4, 0.5, 256, dtype=np.float32)[None, :, None], (32, 256, 3))
    for name, options, steps in (("a.mp4", {"bit_depth": 10, "compression": "h264"}, 60), ("b.mov", {}, 60)):
        with open_sink(str(tmp_path / name), **options) as sink:
            sink.write(Frame.of(ramp, "RGB", number=1, space=VIDEO))
        with open_source(str(tmp_path / name)) as source:
            assert len(np.unique(source.read(1).pixels[16, :, 1])) > steps


def test_odd_sizes_grow_by_one_where_chroma_is_shared(tmp_path: Path) -> None:
    frame = patches(height=31, width=95)
    for name, size in {"a.mp4": (96, 32), "a.mkv": (95, 31)}.items():
        with open_sink(str(tmp_path / name)) as sink:
            sink.write(frame)
        with open_source(str(tmp_path / name)) as source:
            assert source.size == size
            assert np.abs(source.read(1).pixels[-1, -1] - frame.pixels[-1, -1]).max() < 0.02


def test_every_frame_is_found_in_any_order(shared: Path) -> None:
    for name in ("cityCC0.mpg", "flame_loop.avi", "rocket_launch.webm"):
        with open_source(str(shared / "data/footage" / name)) as one, open_source(one.path) as other:
            straight = {number: one.read(number).pixels.sum() for number in one.frames[:60]}
            last = one.read(one.frames[-1])
            for number in (60, 7, 8, 33, 1, 59, 2):
                assert other.read(number).pixels.sum() == straight[number], (name, number)
            assert np.array_equal(other.read(one.frames[-1]).pixels, last.pixels)
            with pytest.raises(InputError, match="is not in"):
                one.read(len(one.frames) + 1)


def test_threads_get_their_own_frames(shared: Path) -> None:
    with open_source(str(shared / "data/footage/flame_loop.avi")) as source:
        straight = [source.read(number).pixels.sum() for number in source.frames]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda number: source.read(number).pixels.sum(), source.frames)) == straight


def test_light_goes_into_a_movie_through_the_view(tmp_path: Path) -> None:
    light = Frame.of(np.full((16, 16, 3), 8.0, np.float32), "RGB", number=1, space="ACEScg")
    with open_sink(str(tmp_path / "a.mkv")) as sink:
        sink.write(light)
    with open_source(str(tmp_path / "a.mkv")) as source:
        assert 0.8 < source.read(1).pixels.mean() < 1  # rolled off, not clipped: 8 is three stops above white


def test_a_movie_made_from_a_movie_keeps_its_values(tmp_path: Path) -> None:
    with open_sink(str(tmp_path / "a.mkv"), fps=Fraction(25)) as sink:
        sink.write(patches())
    with open_source(str(tmp_path / "a.mkv")) as source, open_sink(str(tmp_path / "b.mkv"), like=source) as sink:
        sink.write(source.read(1))
    with open_source(str(tmp_path / "b.mkv")) as copy, open_source(str(tmp_path / "a.mkv")) as source:
        assert copy.fps == 25
        assert np.array_equal(copy.read(1).pixels, source.read(1).pixels)


def test_a_sequence_from_a_movie_knows_its_rate(tmp_path: Path) -> None:
    with open_sink(str(tmp_path / "a.mkv"), fps=Fraction(30000, 1001)) as sink:
        sink.write(patches())
    with (
        open_source(str(tmp_path / "a.mkv")) as source,
        open_sink(str(tmp_path / "b.%04d.exr"), like=source) as sequence,
    ):
        sequence.write(source.read(1))
    with open_source(str(tmp_path / "b.%04d.exr")) as source:
        assert source.fps == Fraction(30000, 1001)


def test_a_movie_has_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    sink = open_sink(str(path))
    sink.write(patches())
    assert not path.exists()
    sink.abort()
    assert list(tmp_path.iterdir()) == []
    with open_sink(str(path)) as sink:
        sink.write(patches())
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_an_exception_leaves_no_movie(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), open_sink(str(tmp_path / "a.mov")) as sink:
        sink.write(patches())
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_frames_of_two_sizes_are_refused(tmp_path: Path) -> None:
    with open_sink(str(tmp_path / "a.mp4")) as sink:
        sink.write(patches(1))
        with pytest.raises(OutputError, match="frame 2"):
            sink.write(patches(2, height=64))


def test_wrong_codecs_and_depths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="prores4444"):
        open_sink(str(tmp_path / "a.mov"), compression="zip")
    with pytest.raises(UsageError, match="10 bits"):
        open_sink(str(tmp_path / "a.mov"), bit_depth=8)


def test_what_is_no_movie_is_refused(tmp_path: Path, shared: Path) -> None:
    (tmp_path / "text.mov").write_text("no movie at all")
    shutil.copy(shared / "data/footage/dog_handheld.mp4", tmp_path / "cut.mp4")
    with (tmp_path / "cut.mp4").open("r+b") as file:
        file.truncate(100_000)
    for name in ("text.mov", "cut.mp4"):
        with pytest.raises(InputError, match=name):
            open_source(str(tmp_path / name))


def test_a_movie_that_breaks_off_names_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    noise = np.random.default_rng(0)
    with open_sink(str(path)) as sink:
        for number in range(1, 7):
            sink.write(Frame.of(noise.random((64, 64, 3), np.float32), "RGB", number=number, space=VIDEO))
    with open_source(str(path)) as source:
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        with pytest.raises(InputError, match="frame 6"):
            source.read(6)


def test_a_codec_that_the_container_cannot_hold_is_refused_at_once(tmp_path: Path) -> None:
    for name, codec in (("a.mp4", "prores_hq"), ("a.m4v", "ffv1"), ("a.mov", "ffv1")):
        with pytest.raises(UsageError, match="choose one of"):
            open_sink(str(tmp_path / name), compression=codec)
