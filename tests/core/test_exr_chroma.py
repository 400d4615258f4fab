"""Luminance and chroma in EXR become the R, G, B that OpenEXR's own reader makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from exrfiles import every_half, write_luminance_chroma
from replate.errors import InputError
from replate.media import open_sink, open_source
from replate.media.exr_chroma import luminance_weights
from replate.media.images import read_header, read_image


def test_a_real_file_has_the_values_that_openexr_gives(shared: Path) -> None:
    """Pixels as OpenEXR 3.1's RgbaInputFile returns them, taken from a program in C++; corners and a saturated one."""
    path = shared / "data/exr/misc/Rec709_YC.exr"
    frame = read_image(path)
    expected = {
        (0, 0): (0x347E, 0x362C, 0x2F38),
        (405, 609): (0x2A17, 0x2C20, 0x26C1),
        (123, 457): (0x3516, 0x3216, 0x3245),
        (200, 31): (0x2F75, 0x3015, 0x2C83),
        (333, 334): (0x33A2, 0x3507, 0x312A),
    }
    assert (frame.channels, frame.formats) == (tuple("RGB"), ("half",) * 3)
    for place, codes in expected.items():
        assert tuple(np.ascontiguousarray(frame.pixels[place]).view(np.uint16)) == codes
    assert read_header(path).channels == frame.channels


def test_it_comes_out_as_rgb(shared: Path, tmp_path: Path) -> None:
    with open_source(str(shared / "data/exr/misc/Rec709_YC.exr")) as source:
        frame = source.read(1)
        with open_sink(str(tmp_path / "a.exr"), like=source) as sink:
            sink.write(frame)
    again = read_image(tmp_path / "a.exr")
    assert np.array_equal(again.pixels.view(np.uint16), frame.pixels.view(np.uint16))
    kept = {name: value for name, value in frame.metadata.items() if name not in ("channels", "compression")}
    assert {name: again.metadata[name] for name in kept} == kept


def test_weights_are_those_of_the_primaries() -> None:
    assert luminance_weights(None) == pytest.approx([0.212639, 0.715169, 0.0721923], abs=1e-6)
    aces = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
    assert luminance_weights(aces) == pytest.approx([0.3439664, 0.7281661, -0.0721325], abs=1e-6)


def test_grey_keeps_every_bit(tmp_path: Path) -> None:
    zero = np.zeros((128, 128), np.float16)
    frame = read_image(write_luminance_chroma(tmp_path / "a.exr", every_half(), zero, zero))
    for channel in range(3):
        assert np.array_equal(frame.pixels[..., channel], every_half(), equal_nan=True)


def test_smooth_colour_comes_back(tmp_path: Path) -> None:
    """Luminance in full, chroma at every second pixel, both made here by their definitions."""
    y, x = np.mgrid[0:64, 0:96]
    rgb = np.stack([0.5 + 0.2 * np.sin(x / 15), 0.4 + 0.1 * np.cos(y / 11), 0.3 + 0.002 * x])
    luminance = np.tensordot(luminance_weights(None), rgb, 1)
    red, blue = ((rgb[i] / luminance - 1)[::2, ::2].astype(np.float16) for i in (0, 2))
    path = write_luminance_chroma(tmp_path / "a.exr", luminance.astype(np.float16), red, blue)
    result = np.moveaxis(read_image(path).pixels.astype(np.float32), -1, 0)
    assert np.abs(result - rgb)[:, 14:-14, 14:-14].max() < 2e-3
    assert np.abs(result - rgb).max() < 0.02, "towards the edges the last sample is repeated"


def test_a_colour_that_bleeds_over_an_edge_is_toned_down(tmp_path: Path) -> None:
    """A lone pixel whose colour is that of a bright neighbour must not become more saturated than all around it."""
    luminance = np.full((32, 32), 0.5, np.float16)
    red = np.zeros((16, 16), np.float16)
    blue = np.zeros((16, 16), np.float16)
    red[8, 8] = 2.6  # alone: R 1.8, G 0.11
    pixel = read_image(write_luminance_chroma(tmp_path / "a.exr", luminance, red, blue)).pixels[16, 16]
    assert 1 - pixel.min() / pixel.max() < 0.92
    assert float(pixel.astype(np.float32) @ luminance_weights(None)) == pytest.approx(0.5, abs=2e-3)


def test_chroma_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    path = write_luminance_chroma(
        tmp_path / "a.exr", np.ones((16, 16), np.float16), *[np.zeros((8, 8), np.float16)] * 2
    )
    content = path.read_bytes()
    for name in (b"BY", b"RY"):
        place = content.index(name + b"\0") + 3 + 8
        content = content[:place] + (4).to_bytes(4, "little") * 2 + content[place + 8 :]
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.exr cannot be read"):
        read_image(path)
