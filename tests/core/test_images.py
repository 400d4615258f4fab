"""Pictures: what goes in comes out, and what is broken is refused in a sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenImageIO as oiio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from replate.color import convert
from replate.errors import InputError, OutputError, UsageError
from replate.frame import Frame, Window
from replate.media import Attribute, open_sink, open_source, write_picture
from replate.media.half import widened
from replate.picture import alpha

Array = npt.NDArray[Any]
anything = hnp.arrays(np.uint16, st.tuples(st.integers(1, 5), st.integers(1, 5), st.just(4)))


def bits(pixels: Array) -> Array:
    """The pixels as integers, so that NaN equals itself."""
    return pixels.view({2: np.uint16, 4: np.uint32}[pixels.dtype.itemsize])


def again(frame: Frame, path: Path, **options: Any) -> Frame:
    """The frame, written and read."""
    with open_sink(str(path), **options) as sink:
        sink.write(frame)
    with open_source(str(path)) as source:
        return source.read(frame.number)


@given(anything)
def test_every_half_survives_exr(tmp_path_factory: pytest.TempPathFactory, codes: Array) -> None:
    frame = Frame.of(codes.view(np.float16), "RGBA", number=1, formats=("half",) * 4)
    result = again(frame, tmp_path_factory.mktemp("half") / "a.exr")
    assert result.pixels.dtype == np.float16
    assert np.array_equal(bits(result.pixels), codes)


@given(hnp.arrays(np.uint32, (3, 4, 1)), hnp.arrays(np.uint32, (3, 4, 2)), hnp.arrays(np.uint16, (3, 4, 3)))
def test_channels_of_three_types_survive_exr(
    tmp_path_factory: pytest.TempPathFactory, depth: Array, ids: Array, colour: Array
) -> None:
    pixels = np.concatenate([widened(colour.view(np.float16)), depth.view(np.float32), ids.view(np.float32)], axis=2)
    formats = ("half", "half", "half", "float", "uint", "uint")
    frame = Frame.of(pixels, ("R", "G", "B", "Z", "id", "object.id"), number=1, formats=formats)
    path = tmp_path_factory.mktemp("mixed") / "a.exr"
    result = again(frame, path)
    assert (result.channels, result.formats) == (frame.channels, formats)
    assert np.array_equal(bits(result.pixels), bits(pixels))
    file = oiio.ImageInput.open(str(path))
    assert np.array_equal(file.read_image(0, 0, 4, 6, oiio.UINT32), ids)


@given(codes=anything, name=st.sampled_from(["a.png", "a.tif"]), deep=st.booleans())
def test_integer_pictures_keep_their_integers(
    tmp_path_factory: pytest.TempPathFactory, codes: Array, name: str, deep: bool
) -> None:
    top, kind = (65535, "uint16") if deep else (255, "uint8")
    codes = codes if deep else codes >> 8
    path = tmp_path_factory.mktemp("integer") / name
    frame = Frame.of(
        codes.astype(np.float32) / top, "RGBA", number=1, formats=(kind,) * 4, metadata={alpha.STRAIGHT: 1}
    )
    result = again(frame, path)
    assert result.formats == frame.formats
    assert np.array_equal(np.rint(result.pixels * top), codes)


def test_dpx_keeps_ten_bits(tmp_path: Path) -> None:
    codes = np.arange(1024, dtype=np.float32).reshape(32, 32, 1).repeat(3, axis=2)
    frame = Frame.of(codes / 1023, "RGB", number=1)
    first = again(frame, tmp_path / "a.dpx")
    second = again(first, tmp_path / "b.dpx")
    assert np.array_equal(np.rint(first.pixels * 1023), codes)
    assert np.array_equal(first.pixels, second.pixels)


def test_jpeg_drops_alpha_and_stays_close(tmp_path: Path) -> None:
    frame = Frame.of(np.full((16, 16, 4), 0.5, np.float32), "RGBA", number=1)
    result = again(frame, tmp_path / "a.jpg")
    assert result.channels == ("R", "G", "B")
    assert np.abs(result.pixels - 0.5).max() < 0.01


def test_windows_and_attributes_survive(tmp_path: Path) -> None:
    metadata = {
        "framesPerSecond": Attribute((24000, 1001), "rational"),
        "timeCode": Attribute((18356486, 7), "timecode"),
        "worldToCamera": Attribute(tuple(float(i) for i in range(16)), "m44f"),
        "cropWindow": Attribute((1, 2, 3, 4), "box2i"),
        "grid": Attribute((3, 4), "v2i"),
        "pixelAspectRatio": 2.0,
        "replate:params": '{"mix": 0.8}',
        "framesUsed": 3,
        "compression": "piz",
        "capDate": "2026:11:22 10:00:00",
    }
    frame = Frame(
        pixels=np.ones((5, 7, 3), np.float16),
        channels=("R", "G", "B"),
        data_window=Window(-2, -1, 7, 5),
        display_window=Window(0, 0, 6, 4),
        number=1,
        formats=("half",) * 3,
        metadata=metadata,
    )
    result = again(frame, tmp_path / "a.exr")
    assert (result.data_window, result.display_window) == (frame.data_window, frame.display_window)
    assert {name: result.metadata[name] for name in metadata} == metadata


def test_plain_pictures_show_the_display_window(tmp_path: Path) -> None:
    pixels = np.ones((4, 4, 3), np.float32)
    frame = Frame(
        pixels=pixels,
        channels=tuple("RGB"),
        data_window=Window(-2, 1, 4, 4),
        display_window=Window(0, 0, 6, 3),
        number=1,
    )
    result = again(frame, tmp_path / "a.png")
    expected = np.zeros((3, 6, 1), np.float32)
    expected[1:3, :2] = 1
    assert np.array_equal(result.pixels, expected.repeat(3, axis=2))


def test_what_half_cannot_hold_stays_finite(tmp_path: Path) -> None:
    pixels = np.array([[[1e6, -1e6, np.inf], [np.nan, 65504, 65519]]], np.float32)
    result = again(Frame.of(pixels, "RGB", number=1, formats=("half",) * 3), tmp_path / "a.exr").pixels
    assert result[0, 0].tolist() == [65504, -65504, np.inf]
    assert np.isnan(result[0, 1, 0])
    assert result[0, 1, 1:].tolist() == [65504, 65504]


def test_colour_without_alpha_stays(tmp_path: Path) -> None:
    """Light that covers nothing, or what lies under a straight alpha of 0."""
    pixels = np.array([[[1.0, 0.5, 0.25, 0.0]]], np.float32)
    for name in ("a.png", "a.tif", "a.exr"):
        result = again(Frame.of(pixels, "RGBA", number=1), tmp_path / name)
        assert np.allclose(result.pixels, pixels, atol=1e-5)


def test_soft_edges_are_straight_in_png_and_multiplied_in_exr(tmp_path: Path) -> None:
    light = np.array([[[0.2, 0.1, 0.05, 0.5]]], np.float32)
    premultiplied = Frame.of(light, "RGBA", number=1)
    in_png = again(premultiplied, tmp_path / "a.png")
    assert np.allclose(in_png.pixels, [0.4, 0.2, 0.1, 0.5], atol=1e-4)
    assert alpha.is_straight(in_png)
    back = again(in_png, tmp_path / "b.exr")
    linear = convert(in_png.pixels[..., :3], in_png.space, back.space)
    assert np.allclose(back.pixels[..., :3], linear / 2, atol=1e-4), "multiplied where light is linear"
    assert not alpha.is_straight(back)
    for frame in (premultiplied, in_png):
        tiff = again(frame, tmp_path / "c.tif")
        assert np.allclose(tiff.pixels, frame.pixels, atol=1e-4)
        assert alpha.is_straight(tiff) == alpha.is_straight(frame)


def test_lossy_compression_is_not_inherited(tmp_path: Path) -> None:
    frame = Frame.of(np.ones((4, 4, 3), np.float16), "RGB", number=1, metadata={"compression": "dwaa"})
    assert again(frame, tmp_path / "a.exr").metadata["compression"] == "zip"
    assert again(frame, tmp_path / "b.exr", compression="dwaa").metadata["compression"] == "dwaa"


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_truncated_files_are_errors(tmp_path: Path, keep: float) -> None:
    noise = np.random.default_rng(0).random((64, 64, 3), np.float32)
    for name in ("a.exr", "a.png", "a.tif", "a.dpx", "a.jpg"):
        again(Frame.of(noise, "RGB", number=1), tmp_path / name)
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: int(len(data) * keep)])
        with pytest.raises(InputError, match=name):
            open_source(str(tmp_path / name)).read(1)


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.exr"
    with open_sink(str(path)) as sink:
        path.mkdir()
        with pytest.raises(OutputError, match=r"a\.exr"):
            sink.write(Frame.of(np.zeros((4, 4, 3), np.float16), "RGB", number=1))
    assert [file.name for file in tmp_path.iterdir()] == ["a.exr"]


_FULL = """
import resource, signal, sys
import numpy as np
from replate.errors import OutputError
from replate.frame import Frame
from replate.media import open_sink
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
noise = np.random.default_rng(0).random((256, 256, 3), np.float32)
for path in sys.argv[1:]:
    try:
        with open_sink(path) as sink:
            for number in range(1, 40):
                sink.write(Frame.of(noise, "RGB", number=number))
        print("WROTE", path)
    except OutputError as error:
        print(path in str(error))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX file limits")
def test_a_full_disk_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    """A file that may not grow fails as one on a full disk does."""
    paths = [str(tmp_path / name) for name in ("a.exr", "a.png", "a.tif", "a.dpx", "a.mp4", "a.mkv", "a.mov")]
    run = subprocess.run([sys.executable, "-c", _FULL, *paths], capture_output=True, text=True, timeout=300)
    assert run.stdout.split() == ["True"] * len(paths), run.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_does_not_end_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As libjpeg would."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    with open_sink(str(tmp_path / "a.jpg")) as sink, pytest.raises(OutputError, match="full"):
        sink.write(Frame.of(np.zeros((4, 4, 3), np.float32), "RGB", number=1))


def test_formats_and_depths_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.exr"):
        open_sink(str(tmp_path / "a.xyz"))
    with pytest.raises(UsageError, match="8 bits"):
        open_sink(str(tmp_path / "a.jpg"), bit_depth=16)
    with pytest.raises(UsageError, match="dwaa"):
        open_sink(str(tmp_path / "a.exr"), compression="h264")


def test_asked_depth_is_written(tmp_path: Path) -> None:
    frame = Frame.of(np.full((2, 2, 3), 0.1, np.float32), "RGB", number=1, formats=("half",) * 3)
    assert again(frame, tmp_path / "a.exr", bit_depth=32).formats == ("float",) * 3
    assert again(frame, tmp_path / "a.png", bit_depth=8).formats == ("uint8",) * 3


def test_a_preview_is_written_as_it_is(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    write_picture(pixels, tmp_path / "sheet.png")
    with open_source(str(tmp_path / "sheet.png")) as source:
        assert np.array_equal(np.rint(source.read(1).pixels * 255), pixels)
