"""Any frame of a movie, in any order, is what decoding from the beginning gives; damage is named, never shown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from films import counted, encode, flat, hiss, number_in, remux
from replate.errors import InputError
from replate.media import open_source
from replate.media.movie_index import _from_packets, _from_table
from replate.media.movie_source import MovieSource
from replate.media.yuv import video_to_rgb

Array = npt.NDArray[Any]
COUNT = 50
X264 = "keyint=12:min-keyint=12:scenecut=0:bframes=3"
FILMS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    # name: file, codec, pixel format, options
    "h264": ("a.mp4", "libx264", "yuv420p", {"x264-params": X264}),
    "h264 in matroska": ("a.mkv", "libx264", "yuv420p", {"x264-params": X264}),
    "h264, open groups": ("a.mp4", "libx264", "yuv420p", {"x264-params": X264 + ":open-gop=1:b-pyramid=normal"}),
    "h264, gradual refresh": ("a.mp4", "libx264", "yuv420p", {"x264-params": "keyint=12:intra-refresh=1"}),
    "h264 in a transport stream": ("a.ts", "libx264", "yuv420p", {"x264-params": X264 + ":open-gop=1"}),
    "h265, open groups": ("a.mp4", "libx265", "yuv420p10le", {"x265-params": "keyint=12:open-gop=1:log-level=error"}),
    "mpeg-2 in a program stream": ("a.mpg", "mpeg2video", "yuv420p", {"g": "12", "bf": "2"}),
    "mpeg-4 in avi": ("a.avi", "mpeg4", "yuv420p", {"g": "12", "bf": "2"}),
    "vp9": ("a.webm", "libvpx-vp9", "yuv420p", {"g": "12", "auto-alt-ref": "1", "lag-in-frames": "12", "b": "200k"}),
    "vp8": ("a.webm", "libvpx", "yuv420p", {"g": "12", "auto-alt-ref": "1", "lag-in-frames": "12", "b": "200k"}),
    "prores": ("a.mov", "prores_ks", "yuv422p10le", {}),
    "dnxhr": ("a.mxf", "dnxhd", "yuv422p", {"profile": "dnxhr_lb"}),
    "ffv1, long groups": ("a.mkv", "ffv1", "yuv420p", {"g": "12", "context": "1", "coder": "1"}),
}


@pytest.fixture(scope="module", params=sorted(FILMS))
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A movie of 50 pictures in groups of 12."""
    name, codec, pixel_format, options = FILMS[request.param]
    size = {"width": 256, "height": 128} if codec == "dnxhd" else {}
    pictures = counted(COUNT, pixel_format=pixel_format, **size)
    return encode(tmp_path_factory.mktemp("film") / name, pictures, codec=codec, options=options)


def straight_through(path: Path) -> list[Array]:
    """Every picture in the order in which a player shows them."""
    with open_source(str(path)) as source, av.open(str(path)) as container:
        assert isinstance(source, MovieSource)
        return [video_to_rgb(picture, source.tags) for picture in container.decode(video=0)]


def check_any_order(path: Path, expected: list[Array]) -> None:
    assert [number_in(pixels) for pixels in expected] == sorted({number_in(pixels) for pixels in expected})
    numbers = st.integers(1, len(expected))

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(st.lists(numbers, min_size=1, max_size=12))
    def any_order(order: list[int]) -> None:
        with open_source(str(path)) as source:
            assert source.frames == tuple(range(1, len(expected) + 1))
            for number in order:
                assert np.array_equal(source.read(number).pixels, expected[number - 1]), (order, number)

    any_order()


def test_any_order_equals_straight_through(film: Path) -> None:
    expected = straight_through(film)
    assert len(expected) == COUNT
    check_any_order(film, expected)
    with open_source(str(film)) as source:
        for number in reversed(source.frames):
            assert np.array_equal(source.read(number).pixels, expected[number - 1]), number


@pytest.mark.parametrize("shift", [-17, 30])
def test_edits_and_late_starts_are_respected(tmp_path: Path, shift: int) -> None:
    """The pictures before an edit are there to be decoded, not to be shown."""
    whole = encode(tmp_path / "a.mp4", counted(COUNT), options={"x264-params": X264})
    for name in ("b.mp4", "b.mov"):
        film = remux(whole, tmp_path / name, shift=shift * 512)
        expected = straight_through(film)
        assert len(expected) == COUNT + min(0, shift)
        assert number_in(expected[0]) == 1 - min(0, shift)
        check_any_order(film, expected)


def test_a_clock_that_starts_late_is_respected(tmp_path: Path) -> None:
    times = [90_000 + 40 * number for number in range(COUNT)]
    tick = Fraction(1, 1000)
    film = encode(tmp_path / "a.mkv", counted(COUNT), options={"x264-params": X264}, times=times, tick=tick)
    check_any_order(film, straight_through(film))


def test_the_table_says_what_the_packets_say(tmp_path: Path) -> None:
    """Where every picture is a key the container's own table is believed, so that large files open at once."""
    films = [
        encode(tmp_path / "a.mov", counted(9, pixel_format="yuv422p10le"), codec="prores_ks"),
        encode(tmp_path / "a.avi", counted(9, pixel_format="yuvj422p"), codec="mjpeg", color_range=2),
        encode(tmp_path / "b.mov", counted(9), codec="libx264", options={"g": "1"}),
    ]
    films.append(remux(films[0], tmp_path / "c.mov", shift=-3 * 512))
    for film in films:
        with av.open(str(film)) as one, av.open(str(film)) as other:
            table = _from_table(one, one.streams.video[0])
            assert table is not None
            packets = _from_packets(other, other.streams.video[0])
            assert (table.times, table.keys, table.end) == (packets.times, packets.keys, packets.end)
    with av.open(str(encode(tmp_path / "d.mp4", counted(30), options={"x264-params": X264}))) as container:
        assert _from_table(container, container.streams.video[0]) is None


def damaged(path: Path, begin: float, end: float) -> Path:
    """A copy with noise between two places, as parts of its length."""
    data = bytearray(path.read_bytes())
    first, last = int(begin * len(data)), int(end * len(data))
    data[first:last] = np.random.default_rng(1).bytes(last - first)
    copy = path.with_name(f"damaged{path.suffix}")
    copy.write_bytes(data)
    return copy


def read_all(path: Path) -> Iterator[tuple[int, Array | InputError]]:
    with open_source(str(path)) as source:
        for number in source.frames:
            try:
                yield number, source.read(number).pixels
            except InputError as error:
                yield number, error


@pytest.mark.parametrize("kind", ["h264", "h264, open groups", "mpeg-2 in a program stream", "prores"])
def test_damage_is_named_and_the_rest_is_right(tmp_path: Path, kind: str) -> None:
    name, codec, pixel_format, options = FILMS[kind]
    pictures = counted(COUNT, width=256, height=128, pixel_format=pixel_format)
    whole = encode(tmp_path / name, pictures, codec=codec, options=options)
    expected = straight_through(whole)
    film = damaged(whole, 0.5, 0.52)
    failed = []
    for number, result in read_all(film):
        if isinstance(result, InputError):
            assert f"frame {number} of {film} cannot be decoded" in str(result)
            assert result.frame == number
            failed.append(number)
        else:
            assert np.array_equal(result, expected[number - 1]), number
    assert failed
    assert min(failed) > 10
    assert len(failed) < 30


@pytest.mark.parametrize("name", ["a.mov", "a.mp4", "a.mkv", "a.mpg", "a.avi"])
def test_a_movie_that_is_cut_off_is_right_until_then(tmp_path: Path, name: str) -> None:
    """Where the file says how many frames it should hold, the lost ones are missed by number."""
    codec = {"a.mov": "prores_ks", "a.mpg": "mpeg2video", "a.avi": "mjpeg"}.get(name, "libx264")
    pixel_format = {"prores_ks": "yuv422p10le", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
    film = tmp_path / name
    extra = {"color_range": 2} if codec == "mjpeg" else {}
    encode(film, counted(COUNT, pixel_format=pixel_format), codec=codec, options={"g": "12"}, **extra)
    if name in ("a.mov", "a.mp4"):
        film = _index_first(film)
    expected = straight_through(film)
    with film.open("r+b") as file:
        file.truncate(int(film.stat().st_size * 0.6))
    results = dict(read_all(film))
    good = [number for number, result in results.items() if not isinstance(result, InputError)]
    assert 15 < len(good) < 45
    assert good == list(range(1, len(good) + 1))
    assert all(np.array_equal(results[number], expected[number - 1]) for number in good[:-1])
    if name != "a.mpg":
        assert len(results) == COUNT
        assert f"frame {COUNT} of {film} cannot be decoded" in str(results[COUNT])


def _index_first(path: Path) -> Path:
    """The same movie with its index at the beginning, as for the web."""
    copy = path.with_name(f"first{path.suffix}")
    with av.open(str(path)) as old, av.open(str(copy), "w", options={"movflags": "+faststart"}) as new:
        ours = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.size:
                packet.stream = ours
                new.mux(packet)
    return copy


def test_what_is_no_movie_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no movie at all\n" * 100)
    (tmp_path / "empty.mov").write_bytes(b"")
    whole = encode(tmp_path / "whole.mp4", counted(9))
    shutil.copy(whole, tmp_path / "headless.mp4")
    with (tmp_path / "headless.mp4").open("r+b") as file:
        file.truncate(1000)
    encode(tmp_path / "both.mov", counted(9), sound=("pcm_s16le", hiss(0.1)))
    with av.open(str(tmp_path / "both.mov")) as old, av.open(str(tmp_path / "sound.mov"), "w") as new:
        ours = new.add_stream_from_template(old.streams.audio[0])
        for packet in old.demux(old.streams.audio[0]):
            if packet.size:
                packet.stream = ours
                new.mux(packet)
    for name in ("text.mp4", "empty.mov", "headless.mp4", "sound.mov"):
        with pytest.raises(InputError, match=rf"{name} cannot be read as a movie: ") as raised:
            open_source(str(tmp_path / name))
        assert "\n" not in str(raised.value)
    with pytest.raises(InputError, match="it has no video stream"):
        open_source(str(tmp_path / "sound.mov"))


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_alpha_in_webm_is_seen_in_any_order(tmp_path: Path, codec: str) -> None:
    """Each picture's alpha is its number; FFmpeg's own decoders of VP8 and VP9 do not see it."""
    pictures = (flat("yuva420p", (100, 128, 128, 20 * number)) for number in range(1, 11))
    path = encode(tmp_path / "a.webm", pictures, codec=codec, options={"auto-alt-ref": "0", "g": "4"})
    with open_source(str(path)) as source:
        assert source.channels == ("R", "G", "B", "A")
        for number in (1, 9, 3, 4, 10, 2):
            assert source.read(number).pixels[8, 8, 3] == pytest.approx(20 * number / 255, abs=0.02)
