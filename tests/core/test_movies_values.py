"""What the codes of video mean: matrices, ranges, depths, chroma places, alpha; by numbers worked out here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from films import encode, flat
from replate.errors import InputError
from replate.frame import Frame
from replate.media import open_sink, open_source
from replate.media.movie_planes import pack, unpack
from replate.media.yuv import Tags, rgb_to_video, video_to_rgb
from replate.picture.alpha import is_straight

Array = npt.NDArray[Any]
VIDEO = "Gamma 2.4 Encoded Rec.709"

# Kr and Kb as the Recommendations give them: BT.709 item 3.2, BT.601 item 2.5.1, BT.2020 table 4.
LUMA = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
BARS = [(0.75, 0.75, 0.0), (0.0, 0.75, 0.75), (0.75, 0.0, 0.75), (0.75, 0.0, 0.0), (0.0, 0.0, 0.75), (0.5, 0.5, 0.5)]


def exact_codes(rgb: tuple[float, ...], matrix: int, bits: int, *, full: bool) -> tuple[float, float, float]:
    """Y', Cb, Cr by the definition: differences from luma, scaled, and the levels of 8 bits times a power of two."""
    red, green, blue = rgb
    kr, kb = LUMA[matrix]
    y = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - y) / (2 - 2 * kb), (red - y) / (2 - 2 * kr)
    if full:
        top = 2**bits - 1
        return top * y, top * cb + 2 ** (bits - 1), top * cr + 2 ** (bits - 1)
    step = 2 ** (bits - 8)
    return step * (219 * y + 16), step * (224 * cb + 128), step * (224 * cr + 128)


def code_size(bits: int, *, full: bool) -> float:
    """How much R'G'B' may be off when every code is off by a half: half a luma code and as much by chroma, twice."""
    return 1.5 / (2**bits - 1 if full else 219 * 2 ** (bits - 8))


def one(path: Path) -> Frame:
    with open_source(str(path)) as source:
        return source.read(1)


def planes(frame: av.VideoFrame) -> list[int]:
    """The codes in the middle of each plane."""
    found = []
    for component in frame.format.components:
        plane = frame.planes[component.plane]
        rows = np.frombuffer(plane, np.uint8 if component.bits == 8 else np.uint16).reshape(component.height, -1)
        found.append(int(rows[component.height // 2, component.width // 2]))
    return found


colours = st.tuples(*[st.floats(0, 1)] * 3)


@given(colours, st.sampled_from(sorted(LUMA)), st.sampled_from([8, 10, 12, 16]), st.booleans())
def test_codes_are_what_the_standard_says(rgb: tuple[float, ...], matrix: int, bits: int, full: bool) -> None:
    expected = exact_codes(rgb, matrix, bits, full=full)
    pixels = np.broadcast_to(np.float32(rgb), (8, 8, 3))
    tags = Tags(matrix=matrix, full_range=full)
    for sampling in ("420", "422", "444"):
        name = f"yuv{sampling}p" + (f"{bits}le" if bits > 8 else "")
        frame = rgb_to_video(pixels, name, tags)
        # Full range has no code for the very ends of chroma, 2^(bits - 1) below its middle and one code less above.
        top = 2**bits - 1
        assert all(abs(code - min(want, top)) < 0.51 for code, want in zip(planes(frame), expected, strict=True))
        back = video_to_rgb(frame, tags)[4, 4]
        assert np.abs(back - rgb).max() < code_size(bits, full=full) + 1e-5


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", sorted(LUMA))
@pytest.mark.parametrize(
    ("codec", "name", "pixel_format", "within"),
    [
        # How far off a flat patch may be, in 8-bit codes: codecs that lose nothing are off by their own rounding.
        ("ffv1", "a.mkv", "yuv420p", 1),
        ("ffv1", "a.mkv", "yuv422p10le", 0.3),
        ("ffv1", "a.mkv", "yuv444p12le", 0.1),
        ("ffv1", "a.mkv", "yuv444p16le", 0.01),
        ("libx264", "a.mp4", "yuv420p", 2.5),
        ("libx264", "a.mkv", "yuv444p10le", 1.5),
        ("libx265", "a.mp4", "yuv420p10le", 2.5),
        ("libx265", "a.mov", "yuv422p12le", 2.5),
        ("prores_ks", "a.mov", "yuv422p10le", 0.6),
        ("dnxhd", "a.mov", "yuv422p10le", 0.6),
        ("libvpx-vp9", "a.webm", "yuv420p", 2.5),
    ],
)
def test_movies_of_others_are_read_by_their_tags(
    tmp_path: Path, codec: str, name: str, pixel_format: str, within: float, matrix: int, full: bool
) -> None:
    if full and codec in ("prores_ks", "dnxhd"):
        pytest.skip(f"{codec} has no full range")
    bits = av.VideoFormat(pixel_format, 16, 16).components[0].bits
    options = {"libx265": {"x265-params": "log-level=error"}, "dnxhd": {"profile": "dnxhr_hqx"}}.get(codec, {})
    bars = (
        flat(pixel_format, np.rint(exact_codes(bar, matrix, bits, full=full)), width=256, height=128) for bar in BARS
    )
    tags = {"colorspace": matrix, "color_range": 2 if full else 1, "color_primaries": matrix, "color_trc": 1}
    path = encode(tmp_path / name, bars, codec=codec, options=options, **tags)
    with open_source(str(path)) as source:
        for number, bar in enumerate(BARS, start=1):
            error = np.abs(source.read(number).pixels[32:-32, 32:-32] - np.float32(bar)).max()
            assert error < within / 219 * (1.5 if within < 1 else 1), (bar, error * 219)


@pytest.mark.parametrize(
    ("codec", "name", "pixel_format", "codes", "rgb"),
    [
        ("ffv1", "a.mkv", "gbrp10le", (1023, 512, 0), (1, 512 / 1023, 0)),
        ("ffv1", "a.mkv", "gbrp16le", (65535, 40000, 7), (1, 40000 / 65535, 7 / 65535)),
        ("rawvideo", "a.avi", "bgr24", (200, 100, 0), (200 / 255, 100 / 255, 0)),
        ("png", "a.mov", "rgb24", (200, 100, 0), (200 / 255, 100 / 255, 0)),
        ("rawvideo", "a.mov", "uyvy422", (126, 128, 128), (110 / 219,) * 3),
        ("v210", "a.mov", "yuv422p10le", (504, 512, 512), (110 / 219,) * 3),
        ("ffv1", "a.mkv", "gray", (51,), (0.2,) * 3),
        ("ffv1", "a.mkv", "gray10le", (341,), (1 / 3,) * 3),
        ("ffv1", "a.mkv", "gray16le", (65535,), (1,) * 3),
    ],
)
def test_rgb_and_grey_use_all_their_codes(
    tmp_path: Path, codec: str, name: str, pixel_format: str, codes: tuple[int, ...], rgb: tuple[float, ...]
) -> None:
    frame = flat(pixel_format, codes) if _is_planar(pixel_format) else _packed(pixel_format, codes)
    pixels = one(encode(tmp_path / name, [frame], codec=codec)).pixels
    assert pixels.shape == (32, 32, 3)
    assert np.abs(pixels - np.float32(rgb)).max() < 1e-6


def _is_planar(pixel_format: str) -> bool:
    return pixel_format.startswith(("gbr", "gray", "yuv4"))


def _packed(pixel_format: str, codes: tuple[int, ...]) -> av.VideoFrame:
    """R, G, B or Y', Cb, Cr in the order in which they lie in memory."""
    frame = av.VideoFrame(32, 32, pixel_format)
    order = {"bgr24": (2, 1, 0), "rgb24": (0, 1, 2), "uyvy422": (1, 0, 2, 0)}[pixel_format]
    line = np.tile([codes[i] for i in order], 32 // (2 if len(order) == 4 else 1)).astype(np.uint8)
    rows = np.frombuffer(frame.planes[0], np.uint8).reshape(32, -1)
    rows[:, : len(line)] = line
    return frame


def test_rgb_is_full_whatever_its_tag_says() -> None:
    rgb = video_to_rgb(flat("gbrp", (255, 16, 0)), Tags(full_range=False))
    assert np.array_equal(rgb[0, 0], np.float32([1, 16 / 255, 0]))


def test_grey_may_call_itself_limited(tmp_path: Path) -> None:
    for name, codec, options in (("a.mkv", "ffv1", {}), ("a.mp4", "libx264", {"qp": "0"})):
        path = encode(tmp_path / name, [flat("gray", (126,))], codec=codec, color_range=1, options=options)
        assert np.allclose(one(path).pixels, 110 / 219)


def test_an_untagged_matrix_goes_by_the_height(tmp_path: Path) -> None:
    for height, matrix in ((576, 6), (720, 1)):
        codes = np.rint(exact_codes((0.75, 0.0, 0.0), matrix, 10, full=False))
        frame = flat("yuv444p10le", codes, width=64, height=height)
        pixels = one(encode(tmp_path / "a.mkv", [frame], codec="ffv1")).pixels
        assert np.abs(pixels - np.float32([0.75, 0, 0])).max() < code_size(10, full=False)


def test_ycgco_is_read(tmp_path: Path) -> None:
    """H.273 equations 44 to 46, from green and a little red."""
    red, green, blue = 0.25, 0.75, 0.0
    y, cg, co = green / 2 + (red + blue) / 4, green / 2 - (red + blue) / 4, (red - blue) / 2
    codes = np.rint([219 * y + 16, 224 * cg + 128, 224 * co + 128])
    path = encode(tmp_path / "a.mkv", [flat("yuv444p", codes)], codec="ffv1", colorspace=8)
    assert np.abs(one(path).pixels - np.float32([red, green, blue])).max() < 3 / 219


def test_colour_that_is_no_ycbcr_is_refused(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mkv", [flat("yuv444p10le", (500, 512, 512))], codec="ffv1", colorspace=14)
    with pytest.raises(InputError, match=r"a\.mkv cannot be read as a movie: its colour is coded by matrix 14"):
        open_source(str(path))


@pytest.mark.parametrize(("sampling", "columns", "rows"), [("420", 2, 2), ("422", 2, 1), ("411", 4, 1), ("440", 1, 2)])
@pytest.mark.parametrize("centred", [False, True])
def test_chroma_lies_where_it_was_put(sampling: str, columns: int, rows: int, centred: bool) -> None:
    """A chroma ramp is a ramp after widening, and stands at the places of H.273's figures."""
    frame = flat(f"yuv{sampling}p", (0, 0, 0), width=64, height=64)
    for component in frame.format.components[1:]:
        plane = np.frombuffer(frame.planes[component.plane], np.uint8).reshape(component.height, -1)
        y, x = np.mgrid[: component.height, : component.width]
        plane[:, : component.width] = 2 * x + 2 * y
    column = np.arange(64) - ((columns - 1) / 2 if centred else 0)
    row = np.arange(64) - (rows - 1) / 2
    expected = 2 * column[None, :] / columns + 2 * row[:, None] / rows
    inside = slice(8, -8)
    assert np.abs(unpack(frame, centred=centred)[inside, inside, 1] - expected[inside, inside]).max() < 1e-4


@pytest.mark.parametrize("pixel_format", ["yuv420p16le", "yuv422p16le"])
def test_a_ramp_comes_back_from_shared_chroma_unmoved(pixel_format: str) -> None:
    y, x = np.mgrid[:64, :96]
    codes = np.dstack([20000 + 100 * x, 10000 + 200 * x + 100 * y, 50000 - 100 * x - 200 * y]).astype(np.float32)
    back = unpack(pack(codes, pixel_format))
    assert np.abs(back - codes)[4:-4, 4:-4].max() <= 1


def test_jpeg_chroma_lies_between_the_columns(tmp_path: Path) -> None:
    frame = flat("yuvj422p", (128, 0, 128), width=64, height=64)
    plane = np.frombuffer(frame.planes[1], np.uint8).reshape(64, -1)
    plane[:, :32] = 64 + 4 * np.arange(32)
    path = encode(tmp_path / "a.avi", [frame], codec="mjpeg", options={"qmin": "1", "qmax": "1"}, color_range=2)
    blue = one(path).pixels[32, 8:-8, 2].astype(np.float64)
    exact = 128 / 255 + 1.772 * (64 + 2 * (np.arange(64) - 0.5) - 128)[8:-8] / 255
    assert np.abs(blue - exact).mean() < 0.006  # a chroma code is 0.007, and half a column as much


@pytest.mark.parametrize(
    ("name", "options", "step"),
    [
        ("a.mov", {"compression": "prores4444"}, 1 / 1023),
        ("a.mov", {"compression": "prores4444xq"}, 1 / 1023),
        ("a.mkv", {"bit_depth": 8}, 1 / 255),
        ("a.mkv", {}, 1 / 1023),
        ("a.mkv", {"bit_depth": 12}, 1 / 4095),
        ("a.mkv", {"bit_depth": 16}, 1 / 65535),
    ],
)
def test_alpha_goes_to_a_movie_and_back(tmp_path: Path, name: str, options: dict[str, Any], step: float) -> None:
    """Light times alpha in EXR, straight in the movie, and light times alpha again."""
    shape = np.linspace(0, 1, 96, dtype=np.float32)[None, :, None] * np.ones((64, 1, 1), np.float32)
    colour = np.float32([0.6, 0.3, 0.1]) * np.ones((64, 96, 3), np.float32)
    plate = Frame.of(np.dstack([colour * shape, shape]), number=1, space=VIDEO)
    with open_sink(str(tmp_path / name), **options) as sink:
        sink.write(plate)
    with open_source(str(tmp_path / name)) as source:
        frame = source.read(1)
        assert source.channels == frame.channels == tuple("RGBA")
        assert is_straight(frame)
        assert np.abs(frame.pixels[..., 3:] - shape).max() < step
        seen = (shape > 0.05)[..., 0]
        assert np.abs(frame.pixels[..., :3] - colour)[seen].mean() < 0.004
        with open_sink(str(tmp_path / "b.exr"), like=source) as sink:
            sink.write(frame)
    with open_source(str(tmp_path / "b.exr")) as source:
        back = source.read(1)
        assert back.channels == tuple("RGBA")
        assert not is_straight(back)
        assert np.abs(back.pixels[..., 3:] - shape).max() < step + 0.0005  # a half
        straight = np.float32(frame.pixels[32, 80, :3])
        linear = back.pixels[32, 80, :3].astype(np.float32) / back.pixels[32, 80, 3]
    assert np.all(linear > 0)
    assert linear[0] < straight[0]  # decoded, so darker


def test_a_codec_without_alpha_shows_the_picture_over_black(tmp_path: Path) -> None:
    straight = np.dstack([np.full((64, 96, 3), 0.5, np.float32), np.full((64, 96), 0.25, np.float32)])
    frame = Frame.of(straight, number=1, space=VIDEO, metadata={"oiio:UnassociatedAlpha": 1})
    for name, options in (("a.mp4", {}), ("a.mov", {"compression": "prores_hq"})):
        with open_sink(str(tmp_path / name), **options) as sink:
            sink.write(frame)
        pixels = one(tmp_path / name).pixels
        assert pixels.shape[2] == 3
        assert np.abs(pixels - 0.125).max() < 0.01


def test_what_lies_outside_of_black_and_white_stays(tmp_path: Path) -> None:
    """Video has room for a little less than black and a little more than white."""
    for value in (-0.05, 1.05):
        with open_sink(str(tmp_path / "a.mkv")) as sink:
            sink.write(Frame.of(np.full((64, 64, 3), value, np.float32), number=1, space=VIDEO))
        assert np.abs(one(tmp_path / "a.mkv").pixels - value).max() < 0.001


def test_numbers_that_are_none_spoil_nothing_else(tmp_path: Path) -> None:
    pixels = np.full((64, 64, 3), 0.5, np.float32)
    pixels[8, 8], pixels[8, 40], pixels[40, 8], pixels[40, 40, 0] = np.nan, np.inf, -np.inf, np.inf
    with open_sink(str(tmp_path / "a.mkv")) as sink:
        sink.write(Frame.of(pixels, number=1, space=VIDEO))
    read = one(tmp_path / "a.mkv").pixels
    well = np.isfinite(pixels).all(axis=2)
    assert np.isfinite(read).all()
    assert np.abs(read - 0.5)[well].max() < 0.002
    assert read[8, 8].max() < 0.01
    assert read[8, 40].min() > 1
    assert read[40, 8].max() < 0
    assert read[40, 40, 0] > 0.9
