"""Shared memory: every bit arrives, room is kept within bounds, and a full disk is a sentence."""

from __future__ import annotations

import mmap
from pathlib import Path

import cv2
import numpy as np
import pytest

from plates import bits
from replate.errors import Cancelled, OutputError, UsageError
from replate.frame import Frame, Window
from replate.service import pictures as module
from replate.service.pictures import Pictures
from replate.service.pixels import place, shown
from replate_plugin.pictures import Pictures as Theirs


def arrived(frame: Frame, folder: Path, **how: object) -> np.ndarray:
    with Theirs().open(place(frame, Pictures([folder]), **how)) as picture:  # type: ignore[arg-type]
        assert len(picture.pixels) == picture.width * picture.height * len(picture.channels)
        return np.array(picture.pixels, np.float32).reshape(picture.height, picture.width, -1)


@pytest.mark.parametrize("old", [False, True])
def test_every_half_arrives_with_its_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: bool) -> None:
    """NaN payloads, too; and with an OpenCV that has no table of so many values."""
    if old:
        monkeypatch.setattr(cv2, "LUT", lambda *_: (_ for _ in ()).throw(cv2.error("assertion failed")))
    values = np.arange(2**16, dtype=np.uint16).reshape(64, 256, 4)
    got = arrived(Frame.of(values.view(np.float16)), tmp_path)
    finite = np.isfinite(values.view(np.float16))
    assert np.array_equal(got[finite], values.view(np.float16)[finite].astype(np.float32))
    payload = (values & 0x3FF).astype(np.uint32) << 13
    assert np.array_equal(bits(got)[~finite] & 0x7FFFFF, payload[~finite])


@pytest.mark.parametrize("channels", ["Y", "RG", "RGB", "RGBA"])
@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_pixels_of_any_layout_arrive(tmp_path: Path, channels: str, planar: bool, dtype: type) -> None:
    random = np.random.default_rng(3).integers(0, 2**16, (7, 5, len(channels)), np.uint16)
    pixels = random.view(np.float16).astype(dtype) if dtype is np.float32 else random.view(np.float16)
    if planar:
        pixels = np.moveaxis(np.ascontiguousarray(np.moveaxis(pixels, -1, 0)), 0, -1)
    got = arrived(Frame.of(pixels, channels), tmp_path, channels=tuple(channels))
    assert np.array_equal(got, pixels.astype(np.float32), equal_nan=True)


def test_the_display_window_is_what_is_shown() -> None:
    frame = Frame(
        pixels=np.ones((4, 6, 1), np.float32),
        channels=("Y",),
        data_window=Window(-1, 2, 6, 4),
        display_window=Window(0, 0, 4, 5),
    )
    expected = np.zeros((5, 4, 1), np.float32)
    expected[2:] = 1
    assert np.array_equal(shown(frame).pixels, expected)


def test_other_sizes_take_no_room_that_is_not_used(tmp_path: Path) -> None:
    pictures = Pictures([tmp_path])
    for size in range(1, 30):
        pictures.release([place(Frame.of(np.zeros((1, size, 4), np.float32)), pictures)["picture"]])
        assert len(list(tmp_path.iterdir())) == 1


def test_a_client_that_is_gone_gets_no_more(tmp_path: Path) -> None:
    pictures = Pictures([tmp_path])
    pictures.close()
    with pytest.raises(Cancelled):
        pictures.give(100)
    assert not list(tmp_path.iterdir())


def test_what_has_no_room_in_memory_goes_to_the_next_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reserve, (small, large) = module._reserve, (tmp_path / "small", tmp_path / "large")
    for folder in (small, large):
        folder.mkdir()

    def full(handle: int, size: int) -> None:
        if Path(f"/proc/self/fd/{handle}").resolve().parent == small or size > 1000:
            raise OSError(28, "No space left on device")
        reserve(handle, size)

    monkeypatch.setattr(module, "_reserve", full)
    pictures = Pictures([small, large])
    name, path, memory = pictures.give(100)
    assert (path.parent, len(memory), isinstance(memory, mmap.mmap)) == (large, 100, True)
    with pytest.raises(OutputError, match="has no room"):
        pictures.give(2000)
    assert [file.name for file in tmp_path.rglob("*.pixels")] == [f"{name}.pixels"]


def test_as_many_as_a_client_may_hold(tmp_path: Path) -> None:
    pictures = Pictures([tmp_path])
    names = [pictures.give(10)[0] for _ in range(8)]
    with pytest.raises(UsageError, match="8 pictures are held"):
        pictures.give(10)
    pictures.release([names[3], "unknown"])
    assert pictures.give(10)[0] == names[3]
