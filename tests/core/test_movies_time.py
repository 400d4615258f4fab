"""Movies in time: rates, time code, variable rates, and what turns and stretches their pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from films import counted, encode, number_in
from replate.frame import Frame
from replate.media import open_sink, open_source
from replate.media.attributes import aspect_of, rate_of, shot_metadata, timecode_of
from replate.media.movie_timecode import advanced, is_countable

NTSC = Fraction(30000, 1001)
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), 2 * NTSC, Fraction(60)]
VIDEO = "Gamma 2.4 Encoded Rec.709"


def grey(number: int, *, width: int = 96, height: int = 64, **metadata: object) -> Frame:
    pixels = np.full((height, width, 3), number / 100, np.float32)
    return Frame.of(pixels, "RGB", number=number, space=VIDEO, metadata=metadata)


def labels(rate: Fraction, *, drop: bool) -> list[str]:
    """Every number of a day in order, by the rule as it is spoken: two (four) are skipped each minute but the tenth."""
    whole = round(rate)
    skipped = whole // 15 if drop else 0
    return [
        f"{hour:02}:{minute:02}:{second:02}{';' if drop else ':'}{frame:02}"
        for hour in range(24)
        for minute in range(60)
        for second in range(60)
        for frame in range(whole)
        if not (second == 0 and minute % 10 and frame < skipped)
    ]


@pytest.mark.parametrize(
    ("rate", "drop"), [(Fraction(24000, 1001), False), (Fraction(25), False), (NTSC, True), (2 * NTSC, True)]
)
def test_time_code_is_counted_as_the_rule_is_spoken(rate: Fraction, drop: bool) -> None:
    day = labels(rate, drop=drop)

    @given(st.integers(0, len(day) - 1), st.integers(-(10**7), 10**7))
    def counted_on(start: int, frames: int) -> None:
        assert advanced(day[start], frames, rate) == day[(start + frames) % len(day)]

    counted_on()
    assert all(is_countable(label, rate) for label in day[::997])


def test_numbers_that_do_not_exist_are_not_counted() -> None:
    for text in ("01:00:00:24", "1:00:00:00", "25:00:00:00", "00:60:00:00", "00:01:00;02"):
        assert not is_countable(text, Fraction(24))
    assert not is_countable("00:01:00;00", NTSC)
    assert is_countable("00:10:00;00", NTSC)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_rates_stay_rational(tmp_path: Path, name: str, rate: Fraction) -> None:
    path = str(tmp_path / name)
    with open_sink(path, fps=rate) as sink:
        for number in range(1, 6):
            sink.write(grey(number))
    with open_source(path) as source:
        assert source.fps == rate
        assert rate_of(source.read(1).metadata) == rate
        assert len(source.frames) == 5


@pytest.mark.parametrize(
    ("name", "rate", "start", "fourth"),
    [
        ("a.mov", NTSC, "00:00:59;28", "00:01:00;03"),
        ("a.mov", NTSC, "00:00:59:28", "00:01:00:01"),
        ("a.mp4", Fraction(24000, 1001), "10:11:12:22", "10:11:13:01"),
        ("a.mkv", Fraction(25), "23:59:59:24", "00:00:00:02"),
        ("a.mxf", Fraction(25), "01:00:00:00", "01:00:00:03"),
        ("a.mov", Fraction(60), "01:00:00:57", "01:00:01:00"),
        ("a.mov", 2 * NTSC, "00:00:59;58", "00:01:00;05"),
    ],
)
def test_time_code_goes_from_movie_to_pictures_to_movie(
    tmp_path: Path, name: str, rate: Fraction, start: str, fourth: str
) -> None:
    movie, pictures, again = (str(tmp_path / each) for each in (name, "p.%04d.exr", f"again{name[1:]}"))
    with open_sink(movie, fps=rate) as sink:
        for number in range(1, 7):
            meta = shot_metadata(rate=rate, timecode=advanced(start, number - 1, rate))
            sink.write(grey(number, width=256, height=128, **meta))
    with open_source(movie) as source, open_sink(pictures, like=source) as sink:
        assert timecode_of(source.read(1).metadata) == start
        for number in source.frames:
            sink.write(source.read(number))
    with open_source(pictures) as source, open_sink(again, like=source, fps=source.fps) as sink:
        assert timecode_of(source.read(4).metadata) == fourth
        for number in (4, 5, 6):
            sink.write(source.read(number))
    with open_source(again) as source:
        assert (source.fps, timecode_of(source.read(1).metadata)) == (rate, fourth)


def test_a_time_code_that_the_rate_does_not_have_is_left_out(tmp_path: Path) -> None:
    path = str(tmp_path / "a.mov")
    with open_sink(path, fps=Fraction(24)) as sink:
        sink.write(grey(1, **shot_metadata(rate=Fraction(30), timecode="01:00:00:29")))
    with open_source(path) as source:
        assert timecode_of(source.read(1).metadata) is None


def test_a_movie_whose_clock_rounds_is_of_constant_rate(tmp_path: Path) -> None:
    """Matroska counts milliseconds: 41, 42, 42, ... at 24 frames a second, and it need not say the rate."""
    for rate in (Fraction(24), Fraction(24000, 1001), Fraction(60), Fraction(25, 2)):
        times = [round(1000 * number / rate) for number in range(200)]
        path = encode(
            tmp_path / f"a{rate.numerator}.webm",
            counted(200, width=128, height=32),
            codec="libvpx",
            rate=1000,
            times=times,
            tick=Fraction(1, 1000),
        )
        with open_source(str(path)) as source:
            assert (source.fps, len(source.frames), source.notes) == (rate, 200, ())


def test_a_variable_rate_is_conformed_by_the_clock_and_said(tmp_path: Path) -> None:
    # A picture held for four frames, then three pictures within two frames, at thousandths of a second.
    times = [0, 40, 80, 240, 280, 293, 307, 320, 360, 400, 440, 480]
    path = encode(
        tmp_path / "a.mkv",
        counted(len(times)),
        times=times,
        tick=Fraction(1, 1000),
        rate=1000,
        options={"qp": "0", "bf": "0"},
    )
    with open_source(str(path)) as source:
        assert source.fps == 25
        seen = [number_in(source.read(number).pixels) for number in source.frames]
        # Each frame shows what is on screen in the middle of it.
        middles = [number * 40 + 20 for number in range(len(seen))]
        assert seen == [max(i for i, time in enumerate(times, 1) if time <= middle) for middle in middles]
        assert seen[:8] == [1, 2, 3, 3, 3, 3, 4, 6]
        (note,) = source.notes
    assert "variable frame rate" in note
    assert "3 frames repeat a picture and 2 pictures are left out" in note


def test_frames_that_a_camera_dropped_are_held(tmp_path: Path) -> None:
    times = [*range(20), *range(23, 40)]
    path = encode(tmp_path / "a.mp4", counted(len(times)), times=times, options={"qp": "0"})
    with open_source(str(path)) as source:
        assert (source.fps, len(source.frames)) == (25, 40)
        assert [number_in(source.read(number).pixels) for number in (20, 21, 23, 24)] == [20, 20, 20, 21]
        assert "3 frames repeat a picture" in source.notes[0]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_pictures_stand_upright(tmp_path: Path, rotation: int) -> None:
    """What a telephone films upright lies on its side in the file."""
    upright = np.zeros((96, 64, 3), np.uint8)
    upright[:48, :32], upright[:48, 32:], upright[48:, :32] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    # The file says how far to turn what it holds anti-clockwise.
    lying = np.ascontiguousarray(np.rot90(upright, -rotation // 90))
    picture = av.VideoFrame.from_ndarray(lying, format="rgb24").reformat(format="yuv444p")
    path = encode(tmp_path / "a.mp4", [picture], rotation=rotation, options={"qp": "0"})
    with open_source(str(path)) as source:
        assert source.size == (64, 96)
        pixels = source.read(1).pixels
        assert pixels.shape == (96, 64, 3)
        assert np.abs(pixels[8::80, 8::48] - upright[8::80, 8::48] / 255).max() < 0.05


def test_wide_pixels_stay_wide(tmp_path: Path) -> None:
    for name, codec in (("a.mov", "prores_hq"), ("a.mp4", "h264"), ("a.mkv", "h264"), ("a.mkv", "h265")):
        with open_sink(str(tmp_path / name), compression=codec) as sink:
            sink.write(grey(1, **shot_metadata(aspect=2)))
        with open_source(str(tmp_path / name)) as source, open_sink(str(tmp_path / "a.exr"), like=source) as sink:
            assert aspect_of(source.read(1).metadata) == 2
            sink.write(source.read(1))
        with open_source(str(tmp_path / "a.exr")) as source:
            assert aspect_of(source.read(1).metadata) == 2


def test_wide_pixels_of_a_turned_movie_are_tall(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", counted(1), rotation=90, sample_aspect_ratio=Fraction(4, 3))
    with open_source(str(path)) as source:
        assert aspect_of(source.read(1).metadata) == pytest.approx(3 / 4)


def test_interlaced_movies_are_said_to_be_so(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mpg", counted(4), codec="mpeg2video", options={"flags": "+ildct+ilme"}, field_order=2)
    with open_source(str(path)) as source:
        assert any("interlaced" in note for note in source.notes)
