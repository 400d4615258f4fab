"""EXR: every part, channel and attribute that goes in comes out, bit for bit."""

from __future__ import annotations

import struct
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR
import OpenImageIO as oiio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from exrfiles import ATTRIBUTES, channels_of, every_half, every_kind
from replate.errors import UsageError
from replate.frame import Frame, Window
from replate.media import Attribute, open_sink, open_source
from replate.media.attributes import aspect_of, rate_of, timecode_attribute, timecode_of
from replate.media.exr_header import read_parts
from replate.media.half import HALF_MAX, narrowed, widened
from replate.media.images import read_header

Array = npt.NDArray[Any]


def rewritten(path: Path, to: Path, **options: Any) -> Path:
    """The file, read and written as a job would."""
    with open_source(str(path)) as source, open_sink(str(to), like=source, **options) as sink:
        sink.write(source.read(source.frames[0]))
    return to


def attributes_of(path: Path) -> list[dict[str, tuple[str, bytes]]]:
    """Every part's header, types and bytes."""
    return [dict(part.raw) for part in read_parts(path)]


def bits(pixels: Array) -> Array:
    """The pixels as integers, so that NaN equals itself."""
    return np.ascontiguousarray(pixels).view({2: np.uint16, 4: np.uint32}[pixels.dtype.itemsize])


def changed(was: Path, now: Path) -> set[str]:
    """The names of attributes that are not the same, byte for byte and type for type."""
    pairs = zip(attributes_of(was), attributes_of(now), strict=True)
    return {name for a, b in pairs for name in a.keys() | b.keys() if a.get(name) != b.get(name)}


def test_a_file_that_has_everything_comes_out_the_same(tmp_path: Path) -> None:
    path = every_kind(tmp_path / "in.exr")
    out = rewritten(path, tmp_path / "out.exr")
    assert channels_of(out) == channels_of(path)
    assert changed(path, out) == set()


def test_parts_stand_beside_the_one_that_has_colour(tmp_path: Path) -> None:
    path = every_kind(tmp_path / "in.exr")
    with open_source(str(path)) as source:
        frame = source.read(1)
    assert (frame.part, frame.channels, frame.view) == (1, tuple("RGBA"), "left")
    assert frame.pixels.dtype == np.float16
    assert np.array_equal(bits(frame.pixels[..., 1]), bits(np.roll(every_half(), 1, 0)))
    depth, beauty, mixed = frame.parts
    assert beauty.data_window == Window(-20, -30, 256, 256)
    assert [part.display_window for part in (depth, beauty, mixed)] == [Window(0, 0, 200, 150)] * 3
    assert depth.formats == ("float",)
    assert dict(zip(mixed.channels, mixed.formats, strict=True)) == {
        "half": "half",
        "float": "float",
        "object.id": "uint",
    }
    assert mixed.pixels.dtype == np.float32
    assert (mixed.data_window.x, mixed.number, mixed.space) == (1000, 1, frame.space)
    header = read_header(path)
    assert [(each.channels, each.formats, each.metadata) for each in header.parts] == [
        (each.channels, each.formats, each.metadata) for each in frame.parts
    ]


def test_values_of_attributes_are_python_values(tmp_path: Path) -> None:
    metadata = read_header(every_kind(tmp_path / "in.exr")).metadata
    assert (metadata["anInt"], metadata["aString"]) == (-7, "Zoë, slate 7")
    assert metadata["words"] == Attribute(("left", "", "right"), "stringvector")
    assert metadata["aDouble"] == Attribute(0.1, "double")
    assert metadata["v3i"] == Attribute((1, 2, 3), "v3i")
    assert metadata["unreduced"] == Attribute((48, 2), "rational")
    assert metadata["studio/secret"] == Attribute(b"\0what\xff", "studioType")
    assert (rate_of(metadata), aspect_of(metadata)) == (Fraction(24000, 1001), 2.0)
    assert timecode_of(metadata) == "01:02:03;04"
    assert read_header(tmp_path / "in.exr").chromaticities == pytest.approx(ATTRIBUTES["chromaticities"])


def test_real_files_come_out_as_they_went_in(shared: Path, tmp_path: Path) -> None:
    folders = [shared / "data/exr" / name for name in ("DisplayWindow", "misc", "Beachball")]
    files = [path for folder in folders for path in sorted(folder.glob("*.exr"))]
    assert len(files) >= 20
    for path in files:
        if path.name == "Rec709_YC.exr":  # comes out as R, G, B: see test_exr_chroma
            continue
        out = rewritten(path, tmp_path / path.name)
        assert channels_of(out) == channels_of(path), path
        lossless = read_header(path).metadata["compression"] in ("none", "rle", "zips", "zip", "piz")
        assert changed(path, out) == {"type"} - attributes_of(path)[0].keys() | (set() if lossless else {"compression"})


@given(hnp.arrays(np.uint16, 40), st.floats(width=32))
def test_half_and_float_keep_what_both_can_hold(codes: Array, value: float) -> None:
    half = codes.view(np.float16)
    assert np.array_equal(bits(narrowed(widened(half))), codes)
    assert np.array_equal(widened(half), half.astype(np.float32), equal_nan=True)
    narrow = narrowed(np.array([value], np.float32))[0]
    assert np.isfinite(narrow) == np.isfinite(value)
    if abs(value) <= HALF_MAX:
        assert narrow == np.float16(value)
    elif np.isfinite(value):
        assert narrow == np.copysign(HALF_MAX, value)


@given(st.integers(0, 2**32 - 1))
def test_a_nan_stays_a_nan_in_half(payload: int) -> None:
    code = np.array([payload | 0x7F800001], np.uint32)
    assert np.isnan(narrowed(code.view(np.float32)))[0]
    assert bits(narrowed(code.view(np.float32)))[0] >> 15 == code[0] >> 31


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zip", "piz", "htj2k256", "htj2k32", "zstd"])
def test_compressions_that_lose_nothing_are_kept(tmp_path: Path, compression: str) -> None:
    pixels = np.stack([np.roll(every_half(), i, 1) for i in range(3)], -1)
    frame = Frame.of(pixels, "RGB", number=1, formats=("half",) * 3, metadata={"compression": compression})
    with open_sink(str(tmp_path / "a.exr")) as sink:
        sink.write(frame)
    out = rewritten(tmp_path / "a.exr", tmp_path / "b.exr")
    assert read_header(out).metadata["compression"] == compression
    assert channels_of(out) == channels_of(tmp_path / "a.exr")
    with open_source(str(out)) as source:
        assert np.array_equal(bits(source.read(1).pixels), bits(pixels))


def ids_beside_colour(**metadata: Any) -> Frame:
    """Three parts: colour, a float part with one channel of IDs, colour with one more."""
    noise = np.random.default_rng(0).random((32, 32, 4), np.float32)
    colour = Frame.of(noise[..., :3], "RGB", number=1, formats=("float",) * 3, metadata={"name": "rgb"})
    crypto = Frame.of(noise, ["R", "G", "B", "A"], formats=("float",) * 4, metadata={"name": "x", **metadata})
    return Frame.of_parts([colour, crypto], 0)


@pytest.mark.parametrize(
    ("names", "metadata"),
    [
        (("crypto_object00.R", "G", "B", "A"), {}),
        (("R", "G", "B", "id"), {}),
        (("uCryptoMaterial00.red", "a", "b", "c"), {}),
        (("R", "G", "B", "A"), {"name": "CryptoObject00"}),
        (("shot00.r", "shot00.g", "shot00.b", "shot00.a"), {"cryptomatte/1a2b3c4/name": "shot"}),
    ],
)
def test_ids_are_never_lossy_and_keep_their_type(tmp_path: Path, names: tuple[str, ...], metadata: dict) -> None:
    frame = ids_beside_colour(**metadata)
    crypto = replace(frame.others[0], channels=names)
    with open_sink(str(tmp_path / "a.exr"), compression="dwaa:80", bit_depth=16) as sink:
        sink.write(replace(frame, others=(crypto,)))
    colour, ids = read_header(tmp_path / "a.exr").parts
    assert (colour.metadata["compression"], colour.formats) == ("dwaa", ("half",) * 3)
    assert colour.metadata["dwaCompressionLevel"] == 80
    assert ids.metadata["compression"] == "zip"
    assert "float" in ids.formats
    with open_source(str(tmp_path / "a.exr")) as source:
        read = source.read(1).others[0]
    kept = [i for i, kind in enumerate(read.formats) if kind == "float"]
    order = [names.index(read.channels[i]) for i in kept]
    assert np.array_equal(read.pixels[..., kept], crypto.pixels[..., order])


def test_words_that_only_look_like_ids_do_not_matter(tmp_path: Path) -> None:
    frame = replace(ids_beside_colour(), others=(), channels=("grid", "video.slide", "identity"))
    with open_sink(str(tmp_path / "a.exr"), compression="dwab") as sink:
        sink.write(frame)
    assert read_header(tmp_path / "a.exr").metadata["compression"] == "dwab"


@pytest.mark.parametrize("asked", ["zip:9", "dwaa:", "dwaa:much", "b44:2", "lj2k"])
def test_compressions_that_cannot_be_are_refused(tmp_path: Path, asked: str) -> None:
    with pytest.raises(UsageError, match=asked):
        open_sink(str(tmp_path / "a.exr"), compression=asked)


def test_asked_bits_turn_float_and_half_in_every_part_but_no_uint(tmp_path: Path) -> None:
    path = every_kind(tmp_path / "in.exr")
    for bit_depth, kind in ((16, "half"), (32, "float")):
        out = read_header(rewritten(path, tmp_path / "out.exr", bit_depth=bit_depth))
        kinds = [dict(zip(part.channels, part.formats, strict=True)) for part in out.parts]
        assert kinds == [
            {"Z": kind},
            dict.fromkeys("RGBA", kind),
            {"float": kind, "half": kind, "object.id": "uint"},
        ]


def test_of_a_mip_map_the_full_picture_is_kept(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).random((64, 128, 3), np.float32)
    config = oiio.ImageSpec(128, 64, 3, "half")
    assert oiio.ImageBufAlgo.make_texture(oiio.MakeTxTexture, oiio.ImageBuf(pixels), str(tmp_path / "a.exr"), config)
    width, height, mode = struct.unpack("<2IB", attributes_of(tmp_path / "a.exr")[0]["tiles"][1])
    assert mode & 15 == 1, "not a mip map"
    out = rewritten(tmp_path / "a.exr", tmp_path / "b.exr")
    assert struct.unpack("<2IB", attributes_of(out)[0]["tiles"][1]) == (width, height, mode & 0xF0)
    assert read_parts(out)[0].tiled
    with open_source(str(out)) as source:
        assert np.array_equal(source.read(1).pixels, pixels.astype(np.float16))


def test_samples_that_lie_apart_are_repeated(tmp_path: Path) -> None:
    with open_sink(str(tmp_path / "a.exr")) as sink:
        sink.write(Frame.of(np.ones((4, 4, 2), np.float16), ("Z", "a"), number=1, metadata={"compression": "none"}))
    data = (tmp_path / "a.exr").read_bytes()
    # Channel "a" at every pixel, "Z" at every second one: two halves a line less, and none on odd lines.
    entry = b"Z\0" + struct.pack("<IB3x2i", 1, 0, 1, 1)
    start = data.index(entry)
    head = data[:start] + b"Z\0" + struct.pack("<IB3x2i", 1, 0, 2, 2) + data[start + len(entry) :]
    table = len(data) - 4 * (8 + 16) - 4 * 8
    lines = [(struct.pack("<2e", y, y + 1) if y % 2 == 0 else b"") + struct.pack("<4e", 5, 6, 7, 8) for y in range(4)]
    chunks = [struct.pack("<2i", y, len(line)) + line for y, line in enumerate(lines)]
    offsets = np.cumsum([table + 32, *map(len, chunks[:-1])]).astype("<u8").tobytes()
    (tmp_path / "a.exr").write_bytes(head[:table] + offsets + b"".join(chunks))
    with open_source(str(tmp_path / "a.exr")) as source:
        frame = source.read(1)
    assert frame.pixels[..., frame.channels.index("Z")].tolist() == [[0, 0, 1, 1]] * 2 + [[2, 2, 3, 3]] * 2
    assert frame.pixels[..., frame.channels.index("a")].tolist() == [[5, 6, 7, 8]] * 4


def test_a_linear_channel_stays_linear(tmp_path: Path) -> None:
    plane = np.ones((4, 4), np.float16)
    channels = {"a": OpenEXR.Channel("a", plane, 1, 1, True), "b": OpenEXR.Channel("b", plane, 1, 1, False)}
    OpenEXR.File({}, channels).write(str(tmp_path / "a.exr"))
    out = rewritten(tmp_path / "a.exr", tmp_path / "b.exr")
    assert channels_of(out) == channels_of(tmp_path / "a.exr")


def test_text_in_an_old_encoding_survives(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    attributes = {"artist": "M*ller", "crew": ["*ge", "M*ller"]}
    OpenEXR.File(attributes, {name: every_half() for name in "RGB"}).write(str(path))
    path.write_bytes(path.read_bytes().replace(b"M*ller", b"M\xfcller").replace(b"*ge", b"\xc5ge"))
    with open_source(str(path)) as source:
        frame = source.read(1)
    assert frame.metadata["artist"] == "Müller"
    assert np.array_equal(bits(frame.pixels[..., 0]), bits(every_half()))
    metadata = read_header(rewritten(path, tmp_path / "b.exr")).metadata
    assert metadata["artist"] == "Müller"
    assert metadata["crew"] == Attribute(("Åge", "Müller"), "stringvector")


def test_what_all_parts_share_is_that_of_the_main_one(tmp_path: Path) -> None:
    """Else OpenEXR refuses the file: a part converted to another space lost its chromaticities, the others did not."""
    frame = ids_beside_colour(chromaticities=Attribute(tuple(np.arange(8.0)), "chromaticities"))
    for main, expected in ((0, None), (1, tuple(np.arange(8.0)))):
        with open_sink(str(tmp_path / "a.exr")) as sink:
            sink.write(replace(Frame.of_parts(frame.parts, main), number=1))
        assert [part.chromaticities for part in read_header(tmp_path / "a.exr").parts] == [expected] * 2


@given(st.tuples(*(st.integers(0, top) for top in (23, 59, 59, 29))), st.sampled_from(":;"))
def test_time_codes_are_words_and_numbers(
    tmp_path_factory: pytest.TempPathFactory, fields: tuple[int, int, int, int], mark: str
) -> None:
    hours, minutes, seconds, frames = fields
    text = f"{hours:02}:{minutes:02}:{seconds:02}{mark}{frames:02}"
    path = tmp_path_factory.mktemp("time") / "a.exr"
    packed_by_openexr = OpenEXR.TimeCode(*fields, int(mark == ";"), *[0] * 13)
    OpenEXR.File({"timeCode": packed_by_openexr}, {"R": np.zeros((1, 1), np.float16)}).write(str(path))
    metadata = read_header(path).metadata
    assert timecode_of(metadata) == text
    assert metadata["timeCode"] == timecode_attribute(text)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        (23.976, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (59.94006, Fraction(60000, 1001)),
        (24.0, Fraction(24)),
        (25, Fraction(25)),
        (12.5, Fraction(25, 2)),
        (Attribute((48, 2), "rational"), Fraction(24)),
        (Attribute((24, 0), "rational"), None),
        (0.0, None),
        (float("inf"), None),
        (float("nan"), None),
        ("24", None),
    ],
)
def test_a_rate_is_exact(written: Any, rate: Fraction | None) -> None:
    assert rate_of({"framesPerSecond": written}) == rate


@pytest.mark.parametrize("text", ["", "1:02:03:04", "01:02:03", "01-02-03-04", "01:02:03:xx"])
def test_other_words_are_no_time_codes(text: str) -> None:
    with pytest.raises(ValueError, match="01:02:03:04"):
        timecode_attribute(text)


def test_a_shot_keeps_rate_aspect_and_time_code_in_other_formats(tmp_path: Path) -> None:
    path = every_kind(tmp_path / "in.exr")
    now = read_header(rewritten(path, tmp_path / "a.dpx")).metadata
    assert (timecode_of(now), rate_of(now), aspect_of(now)) == ("01:02:03;04", Fraction(24000, 1001), 2.0)
    back = read_header(rewritten(tmp_path / "a.dpx", tmp_path / "b.exr")).metadata
    assert back["framesPerSecond"] == Attribute((24000, 1001), "rational")
    assert (timecode_of(back), rate_of(back), aspect_of(back)) == ("01:02:03;04", Fraction(24000, 1001), 2.0)
    assert not any(name in back for name in ("smpte:TimeCode", "PixelAspectRatio", "FramesPerSecond", "DateTime"))
    assert aspect_of(read_header(rewritten(path, tmp_path / "a.tif")).metadata) == 2.0
