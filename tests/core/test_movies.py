"""Movies: values, tags and frame numbers."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest

from films import encode, flat
from replate.errors import InputError, OutputError, UsageError
from replate.frame import Frame
from replate.media import Source, open_sink, open_source
from replate.media.yuv import said_by

Array = npt.NDArray[Any]
VIDEO = "Gamma 2.4 Encoded Rec.709"
# 75 % bars and greys: R'G'B' that Y'CbCr can hold.
PATCHES = [(0.75, 0.75, 0.0), (0.0, 0.75, 0.75), (0.75, 0.0, 0.0), (0.0, 0.0, 0.75), (0.5, 0.5, 0.5), (1.0, 1.0, 1.0)]


def patches(number: int = 1, *, height: int = 32, width: int = 96) -> Frame:
    """Flat patches side by side, a code value brighter every frame."""
    row = np.repeat(np.array(PATCHES * 3, np.float32), 16, axis=0)[:width]
    pixels = np.broadcast_to(row - number / 255, (height, len(row), 3)).astype(np.float32)
    return Frame.of(pixels, "RGB", number=number, space=VIDEO)


class Movie(Source):
    """What a source says of itself, without frames."""

    def __init__(self, space: str, *, size: tuple[int, int] = (256, 128), channels: str = "RGB") -> None:
        self.space, self.size, self.channels, self.kind = space, size, tuple(channels), "video"

    def read(self, number: int) -> Frame:
        raise NotImplementedError

    def identity(self, number: int) -> str:
        raise NotImplementedError


def centres(pixels: Array) -> Array:
    """The middle of every patch."""
    return pixels[pixels.shape[0] // 2, 8::16]


ALL_CODECS = [
    # How far a flat patch may be off, in 8-bit codes of 219 steps.
    ("a.mp4", {}, 2.5),
    ("a.mp4", {"bit_depth": 10}, 2.5),
    ("a.m4v", {}, 2.5),
    ("a.mp4", {"compression": "h265"}, 2.5),
    ("a.mp4", {"compression": "h265", "bit_depth": 8}, 2.5),
    ("a.mkv", {"compression": "h265", "bit_depth": 12}, 2.5),
    ("a.mp4", {"compression": "ffv1"}, 0.3),
    ("a.mov", {}, 0.6),
    ("a.mov", {"compression": "prores_422"}, 0.6),
    ("a.mov", {"compression": "prores_lt"}, 0.6),
    ("a.mov", {"compression": "prores_proxy"}, 2),
    ("a.mov", {"compression": "prores4444"}, 0.6),
    ("a.mov", {"compression": "prores4444xq"}, 0.6),
    ("a.mkv", {"compression": "prores_hq"}, 0.6),
    ("a.mov", {"compression": "dnxhr_lb"}, 1.5),
    ("a.mov", {"compression": "dnxhr_sq"}, 1.5),
    ("a.mov", {"compression": "dnxhr_hq"}, 1.5),
    ("a.mov", {"compression": "dnxhr_hqx"}, 0.6),
    ("a.mov", {"compression": "dnxhr_444"}, 0.6),
    ("a.mxf", {}, 0.6),
    ("a.mxf", {"compression": "dnxhr_444"}, 0.6),
    ("a.mkv", {"bit_depth": 8}, 1),
    ("a.mkv", {}, 0.3),
    ("a.mkv", {"bit_depth": 12}, 0.1),
    ("a.mkv", {"bit_depth": 16}, 0.01),
]


@pytest.mark.parametrize("space", [VIDEO, "Rec.2100-PQ - Display"])
@pytest.mark.parametrize(("name", "options", "within"), ALL_CODECS)
def test_colour_and_tags_survive(tmp_path: Path, name: str, options: dict[str, Any], within: float, space: str) -> None:
    """In BT.1886 and in PQ; DNxHR names no matrix but BT.709's, whatever the primaries."""
    path, like = tmp_path / name, Movie(space)
    with open_sink(str(path), like=like, fps=Fraction(24000, 1001), **options) as sink:
        assert sink.ordered
        for number in (1, 2, 3):
            sink.write(replace(patches(number, height=128, width=256), space=space))
    with open_source(str(path)) as source:
        assert (source.frames, source.fps, source.size) == ((1, 2, 3), Fraction(24000, 1001), (256, 128))
        assert (source.space, source.space_reason, source.kind) == (space, "the file says so", "video")
        for number in (3, 1, 2):
            frame = source.read(number)
            assert frame.space == space
            difference = centres(frame.pixels) - centres(patches(number, height=128, width=256).pixels)
            assert np.abs(difference).max() * 219 < within * 1.5
    matrix_only_709 = "dnxhr" in options.get("compression", "") or name == "a.mxf"
    tags = (1, 1, 1) if space == VIDEO else (9, 16, 1 if matrix_only_709 else 9)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        said = said_by(stream.codec_context)
        frame = next(container.decode(stream))
    assert said[:3] == said_by(frame)[:3] == tags
    assert said[3] == 1 or options == {"compression": "dnxhr_444"}  # which cannot say it in MXF


def test_the_tags_of_a_movie_go_into_the_next(tmp_path: Path) -> None:
    """What has no space of its own here is passed on as it was: standard definition, BT.2020 with a video curve."""
    for primaries, transfer, matrix in ((6, 6, 6), (5, 1, 5), (9, 14, 9)):
        path = encode(
            tmp_path / "a.mov",
            [flat("yuv422p10le", (500, 400, 600), width=256, height=128)] * 2,
            codec="prores_ks",
            color_primaries=primaries,
            color_trc=transfer,
            colorspace=matrix,
            color_range=1,
        )
        for name in ("b.mov", "b.mp4", "b.mkv"):
            with open_source(str(path)) as source, open_sink(str(tmp_path / name), like=source) as sink:
                assert (source.tags.primaries, source.tags.transfer, source.tags.matrix) == (
                    primaries,
                    transfer,
                    matrix,
                )
                sink.write(source.read(1))
                wanted = source.read(1).pixels[64, 64]
            with open_source(str(tmp_path / name)) as source:
                assert np.abs(source.read(1).pixels[64, 64] - wanted).max() < 2.5 / 219
                assert source.tags.primaries == primaries
                # The two names of standard definition's matrix stand for the same numbers.
                assert (5 if source.tags.matrix == 6 else source.tags.matrix) == (5 if matrix == 6 else matrix)


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


def test_a_picture_that_is_too_small_for_a_codec_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="96x32 is too small for dnxhr_hqx, which begins at 256x120"):
        open_sink(str(tmp_path / "a.mxf"), like=Movie(VIDEO, size=(96, 32)))
    with open_sink(str(tmp_path / "a.mxf")) as sink, pytest.raises(OutputError, match=r"frame 1 .* is too small"):
        sink.write(patches())


def test_hdr_has_ten_bits_unless_told_otherwise(tmp_path: Path) -> None:
    for options, bits in (({}, 10), ({"compression": "h265"}, 10), ({"bit_depth": 8}, 8)):
        with open_sink(str(tmp_path / "a.mp4"), like=Movie("Rec.2100-PQ - Display"), **options) as sink:
            sink.write(replace(patches(), space="Rec.2100-PQ - Display"))
        with av.open(str(tmp_path / "a.mp4")) as container:
            assert container.streams.video[0].format.components[0].bits == bits


def test_alpha_that_is_lost_is_spoken_of(tmp_path: Path) -> None:
    like = Movie(VIDEO, channels="RGBA")
    assert open_sink(str(tmp_path / "a.mov"), like=like).notes == (
        "prores_hq holds no alpha, so the picture is laid over black; prores4444 keeps it",
    )
    for name, codec in (("a.mov", "prores4444"), ("a.mkv", "ffv1")):
        assert open_sink(str(tmp_path / name), like=like, compression=codec).notes == ()
    assert open_sink(str(tmp_path / "a.mov"), like=Movie(VIDEO)).notes == ()


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
