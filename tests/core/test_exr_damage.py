"""EXR files that are broken, cut off, deep, or no EXR at all: one sentence, soon, in little memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exrfiles import every_half, every_kind
from replate.errors import InputError, OutputError
from replate.frame import Frame
from replate.media import Attribute, open_sink, open_source
from replate.media.exr_attributes import decoded
from replate.media.image_writer import write_image
from replate.media.images import read_header, read_image

COMPRESSIONS = ("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44A", "DWAA", "HTJ2K32", "ZSTD")

# Each file in a process of its own; all of them are forked from one that has loaded the libraries. The limit is on
# address space, not on resident memory: what a lying header makes a reader ask for counts.
_READ_EACH = """
import os, resource, sys
from pathlib import Path
from replate.errors import InputError
from replate.media.images import read_image
def read(path):
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + 2**30, taken + 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
    try:
        read_image(Path(path), number=7)
        print("READ", path, flush=True)
    except InputError as error:
        print(error, flush=True)
for path in sys.argv[1:]:
    process = os.fork()
    if not process:
        read(path)
        os._exit(0)
    status = os.waitpid(process, 0)[1]
    if status:
        print("CRASH", path, status, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits address space as Linux does")
def test_damaged_files_get_a_sentence_each_in_its_own_process(shared: Path, tmp_path: Path) -> None:
    damaged = sorted((shared / "data/exr/damaged").iterdir())
    assert len(damaged) == 28
    # Under the ending that they would have in a sequence, and under names that tell no format.
    named = [shutil.copy(path, tmp_path / f"a.{i:04d}.exr") for i, path in enumerate(damaged)]
    paths = [str(path) for path in (*damaged, *named)]
    run = subprocess.run([sys.executable, "-c", _READ_EACH, *paths], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    for path, line in zip(paths, run.stdout.splitlines(), strict=True):
        assert line.startswith(f"frame 7, {path} cannot be read: ")


def scan_lines(path: Path, compression: str) -> Path:
    """A noisy file of scan lines."""
    plane = np.random.default_rng(0).random((70, 90)).astype(np.float16)
    header = {"compression": getattr(OpenEXR, f"{compression}_COMPRESSION")}
    OpenEXR.File(header, dict.fromkeys("RGB", plane)).write(str(path))
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Complete files: one a compression, and one with parts and tiles."""
    folder = tmp_path_factory.mktemp("whole")
    files = {name: scan_lines(folder / f"{name}.exr", name).read_bytes() for name in COMPRESSIONS}
    return files | {"parts": every_kind(folder / "parts.exr").read_bytes()}


@settings(max_examples=300)
@given(name=st.sampled_from((*COMPRESSIONS, "parts")), place=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_off_anywhere_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, bytes], name: str, place: float
) -> None:
    path = tmp_path_factory.mktemp("cut") / "a.exr"
    path.write_bytes(whole[name][: int(len(whole[name]) * place)])
    with pytest.raises(InputError, match=r"frame 3, .*a\.exr cannot be read: \S") as caught:
        read_image(path, number=3)
    assert "\n" not in str(caught.value)


@settings(max_examples=300)
@given(st.sampled_from((*COMPRESSIONS, "parts")), st.data())
def test_changed_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, whole: dict[str, bytes], name: str, data: st.DataObject
) -> None:
    """Nothing but a frame or an InputError comes of it; a crash would end the tests."""
    content = bytearray(whole[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, min(len(content), 3000) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("changed") / "a.exr"
    path.write_bytes(content)
    try:
        frame = read_image(path, number=1)
    except InputError as error:
        assert "cannot be read" in str(error)
    else:
        assert frame.pixels.nbytes < 2**30


def test_lines_that_were_never_written_are_an_error(tmp_path: Path) -> None:
    """As a renderer leaves them that was stopped: the table of lines has zeros, and OIIO would show black."""
    path = scan_lines(tmp_path / "a.exr", "ZIP")
    content, lines = path.read_bytes(), -(-70 // 16)
    table = content.index(b"\0", content.index(b"type\0string\0") + 16 + len("scanlineimage")) + 1
    first = int.from_bytes(content[table : table + 8], "little")
    assert first == table + 8 * lines, "the table of lines is not where the test looks for it"
    path.write_bytes(content[: table + 8 * (lines - 2)] + bytes(16) + content[table + 8 * lines :])
    read_image(path)  # the lines are there: OpenEXR finds them without the table
    last = int.from_bytes(content[table + 8 * (lines - 1) : table + 8 * lines], "little")
    path.write_bytes(content[: table + 8 * (lines - 1)] + bytes(8) + content[table + 8 * lines : last])
    with pytest.raises(InputError, match="damaged or missing"):
        read_image(path)


@pytest.mark.parametrize("attribute", ["dataWindow", "displayWindow"])
def test_a_header_that_claims_a_huge_picture_takes_no_memory(tmp_path: Path, attribute: str) -> None:
    path = scan_lines(tmp_path / "a.exr", "ZIP")
    content, key = path.read_bytes(), f"{attribute}\0box2i\0".encode()
    place = content.index(key) + len(key) + 4
    box = np.array([0, 0, 10**6, 10**6], "<i4") if attribute == "dataWindow" else np.array([5, 5, 4, 4], "<i4")
    path.write_bytes(content[:place] + box.tobytes() + content[place + 16 :])
    for read in (read_image, read_header):
        with pytest.raises(InputError, match=r"which .* bytes cannot hold|no pixels"):
            read(path)


def test_huge_tiles_take_no_memory(tmp_path: Path) -> None:
    tiles = OpenEXR.TileDescription()
    tiles.xSize = tiles.ySize = 64
    header = {"type": OpenEXR.tiledimage, "tiles": tiles}
    OpenEXR.File(header, {"R": every_half()}).write(str(tmp_path / "a.exr"))
    content = (tmp_path / "a.exr").read_bytes()
    place = content.index(b"tiles\0tiledesc\0") + len(b"tiles\0tiledesc\0") + 4
    huge = np.array([2**20, 2**20], "<u4").tobytes()
    (tmp_path / "a.exr").write_bytes(content[:place] + huge + content[place + 8 :])
    with pytest.raises(InputError, match="cannot hold"):
        read_image(tmp_path / "a.exr")


def test_deep_files_are_refused_by_name(tmp_path: Path) -> None:
    samples = np.empty((4, 5), object)
    samples[1, 2] = np.array([1, 2, 3], np.float16)
    for kind in (OpenEXR.deepscanline, OpenEXR.deeptile):
        header: dict[str, Any] = {"type": kind, "compression": OpenEXR.ZIPS_COMPRESSION}
        if kind == OpenEXR.deeptile:
            header["tiles"] = OpenEXR.TileDescription()
        OpenEXR.File(header, {"Z": samples}).write(str(tmp_path / "deep.exr"))
        with pytest.raises(InputError, match=r"deep\.exr cannot be read: it holds deep samples.*flatten"):
            open_source(str(tmp_path / "deep.exr"))


def test_what_is_no_file_or_no_exr(tmp_path: Path) -> None:
    (tmp_path / "folder.exr").mkdir()
    (tmp_path / "empty.exr").touch()
    (tmp_path / "text.exr").write_text("render me tomorrow")
    (tmp_path / "magic.exr").write_bytes(b"\x76\x2f\x31\x01")
    words = {
        "folder": "folder",
        "empty": "empty|not an EXR",
        "text": "not an EXR",
        "magic": "damaged",
        "none": "no such file",
    }
    for name, word in words.items():
        with pytest.raises(InputError, match=rf"{name}\.exr cannot be read: .*{word}"):
            read_image(tmp_path / f"{name}.exr", number=1)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scan_lines(tmp_path / "a.exr", "ZIP")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"a\.exr cannot be read: Permission denied"):
        read_image(path)


def test_an_exr_under_another_name_is_read_whole(tmp_path: Path) -> None:
    every_kind(tmp_path / "a.exr").rename(tmp_path / "a.tmp")
    assert len(read_image(tmp_path / "a.tmp").parts) == 3


def test_what_openexr_prints_is_not_on_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It prints instead of raising; other threads speak on meanwhile."""
    path = scan_lines(tmp_path / "a.exr", "PIZ")
    path.write_bytes(path.read_bytes()[:-3000])
    stop = threading.Event()

    def speak() -> None:
        while not stop.wait(0.001):
            print("mine", flush=True)  # noqa: T201

    speaker = threading.Thread(target=speak)
    speaker.start()
    with ThreadPoolExecutor(8) as pool:
        failures = [each.exception() for each in [pool.submit(read_image, path) for _ in range(16)]]
    assert all(isinstance(failure, InputError) for failure in failures)
    stop.set()
    speaker.join()
    lines = capsys.readouterr().out.splitlines()
    assert set(lines) <= {"mine"}
    print("heard again")  # noqa: T201
    assert capsys.readouterr().out == "heard again\n"


def test_a_disk_that_is_full_at_the_very_end_is_noticed(tmp_path: Path) -> None:
    """`/dev/full` takes every byte until the file is closed."""
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    frame = Frame.of(np.ones((8, 8, 3), np.float16), "RGB", number=1)
    with pytest.raises(OutputError, match=r"a\.exr"):
        write_image(Path("/dev/full"), frame, name=tmp_path / "a.exr", compression=None, bits=None)
    with open_sink(str(tmp_path / "b.exr")) as sink:
        sink.write(frame)


@pytest.mark.parametrize("size", [-4, -1, 2**31 - 1])
def test_a_list_of_words_that_lies_about_their_length_is_kept_as_bytes(size: int) -> None:
    words = size.to_bytes(4, "little", signed=True) + b"word"
    assert decoded("stringvector", words) == Attribute(words, "stringvector")
