"""Sequences: patterns, holes, and frames that are complete or not there."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from replate.errors import InputError, OutputError, UsageError
from replate.frame import Frame
from replate.media import check_not_same, open_sink, open_source


def picture(number: int, value: float | None = None) -> Frame:
    """A small frame that holds its own number."""
    grey = number if value is None else value
    return Frame.of(np.full((4, 6, 3), grey, np.float16), "RGB", number=number, formats=("half",) * 3)


def shot(folder: Path, *numbers: int, pattern: str = "shot.%04d.exr") -> str:
    """A sequence on disk."""
    path = str(folder / pattern)
    with open_sink(path) as sink:
        for number in numbers:
            sink.write(picture(number))
    return path


@pytest.mark.parametrize("pattern", ["shot.%04d.exr", "shot.####.exr", "shot.@@@@.exr", "shot.$F4.exr"])
def test_every_way_to_write_a_pattern(tmp_path: Path, pattern: str) -> None:
    shot(tmp_path, -3, 7, 12345)
    with open_source(str(tmp_path / pattern)) as source:
        assert source.read(-3).pixels[0, 0, 0] == -3
        assert source.files(12345)[0].name == "shot.12345.exr"
    with open_sink(str(tmp_path / pattern)) as sink:
        assert sink.target(7).name == "shot.0007.exr"
        assert sink.target(-3).name == "shot.-003.exr"


@pytest.mark.parametrize("pattern", ["shot_%d.exr", "shot_#.exr", "shot_$F.exr"])
def test_unpadded_names(tmp_path: Path, pattern: str) -> None:
    shot(tmp_path, 9, 10, pattern=pattern)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shot_10.exr", "shot_9.exr"]
    assert open_source(str(tmp_path / pattern)).frames == (9, 10)


def test_a_source_describes_itself(tmp_path: Path) -> None:
    with open_source(shot(tmp_path, 1, 2, 3)) as source:
        assert (source.frames, source.size, source.kind, source.still) == ((1, 2, 3), (6, 4), "scene", False)
        assert (source.space, source.space_reason) == ("ACEScg", "assumed for scene light")
        frame = source.read(2)
        assert (frame.number, frame.space) == (2, "ACEScg")


def test_a_named_space_is_taken(tmp_path: Path) -> None:
    with open_source(shot(tmp_path, 1), space="lin_rec709") as source:
        assert (source.space, source.space_reason) == ("Linear Rec.709 (sRGB)", "as asked")


def test_missing_frames_by_policy(tmp_path: Path) -> None:
    path = shot(tmp_path, 1, 2, 5, 6)
    with open_source(path) as source:
        assert source.frames == (1, 2, 3, 4, 5, 6)
        with pytest.raises(InputError, match=r"shot.*no file for 3-4"):
            source.check(source.frames)
        with pytest.raises(InputError, match="frame 3"):
            source.read(3)
    with open_source(path, missing="skip") as source:
        assert source.frames == (1, 2, 5, 6)
        source.check(source.frames)
    with open_source(path, missing="hold") as source:
        source.check(source.frames)
        assert source.read(4).pixels[0, 0, 0] == 2
        assert source.read(4).number == 4
        assert source.identity(4) == source.identity(2)
    with open_source(path, missing="black") as source:
        black = source.read(4)
        assert black.channels == ("R", "G", "B")
        assert not black.pixels.any()
        assert source.identity(4) not in (source.identity(2), source.identity(5))


def test_a_shot_on_twos_has_no_holes(tmp_path: Path) -> None:
    with open_source(shot(tmp_path, 1001, 1003, 1005)) as source:
        assert source.frames == (1001, 1003, 1005)
        source.check(source.frames)
        with pytest.raises(InputError, match="1002"):
            source.check([1002])


def test_frames_outside_the_shot_are_wrong_usage(tmp_path: Path) -> None:
    for missing in ("error", "skip", "hold", "black"):
        with (
            open_source(shot(tmp_path, 5, 6), missing=missing) as source,
            pytest.raises(UsageError, match=r"5-6, not 4,7-9"),
        ):
            source.check([4, 5, 7, 8, 9])


def test_identity_changes_with_the_file(tmp_path: Path) -> None:
    with open_source(shot(tmp_path, 1, 2)) as source:
        before = source.identity(1), source.identity(2)
        os.utime(source.files(1)[0], ns=(1, 1))
        assert source.identity(1) != before[0]
        assert source.identity(2) == before[1]


def test_identity_changes_with_the_content_alone(tmp_path: Path) -> None:
    """As by a copy that is as long and brings its date along."""
    with open_source(shot(tmp_path, 1, 2)) as source:
        before, path = source.identity(1), source.files(1)[0]
        state, content = path.stat(), path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert source.identity(1) != before


def test_a_still_shows_at_every_frame(tmp_path: Path) -> None:
    shot(tmp_path, 1, pattern="clean.exr")
    with open_source(str(tmp_path / "clean.exr")) as source:
        assert (source.still, source.frames) == (True, (1,))
        source.check([5000])
        assert source.read(5000).number == 5000


def test_a_still_takes_its_number_from_its_name(tmp_path: Path) -> None:
    shot(tmp_path, 1001, 1002)
    with open_source(str(tmp_path / "shot.1002.exr")) as source:
        assert source.frames == (1002,)


def test_unclear_paths_are_refused_with_what_was_found(tmp_path: Path) -> None:
    shot(tmp_path, 1001, 1002)
    shot(tmp_path, 1, pattern="a.%d.exr")
    shot(tmp_path, 1, pattern="a.%04d.exr")
    for name, words in {
        "": "folder",
        "shot.exr": r"shot\.####\.exr \(1001-1002\)",
        "a.#.exr": r"a\.0001\.exr and a\.1\.exr",
        "%04d.%04d.exr": "two frame patterns",
        "####/a.exr": "folder",
    }.items():
        with pytest.raises(UsageError, match=words):
            open_source(str(tmp_path / name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("plate.%04d.exr", "no file matches"),
        ("a.%06d.exr", r"a\.1\.exr"),
        ("b.exr", "no file"),
        ("no/%04d.exr", "no folder"),
    ],
)
def test_nothing_there_is_missing_input(tmp_path: Path, name: str, words: str) -> None:
    shot(tmp_path, 1, pattern="a.%d.exr")
    with pytest.raises(InputError, match=words):
        open_source(str(tmp_path / name))


def test_a_broken_picture_in_the_middle_is_named(tmp_path: Path) -> None:
    path = shot(tmp_path, 1, 2, 3)
    (tmp_path / "shot.0002.exr").write_bytes(b"no picture at all")
    with open_source(path) as source:
        source.read(1)
        with pytest.raises(InputError, match=r"frame 2, .*shot\.0002\.exr cannot be read") as caught:
            source.read(2)
        assert caught.value.frame == 2


def test_output_may_not_be_the_input(tmp_path: Path) -> None:
    path = shot(tmp_path, 1, 2)
    (tmp_path / "link").symlink_to(tmp_path)
    os.link(tmp_path / "shot.0002.exr", tmp_path / "hard.0002.exr")
    with open_source(path) as source:
        for other in ("shot.####.exr", "link/shot.####.exr", "hard.####.exr"):
            with pytest.raises(UsageError, match="is the input"):
                check_not_same(source, open_sink(str(tmp_path / other), like=source), source.frames)
        check_not_same(source, open_sink(str(tmp_path / "new.####.exr")), source.frames)


def test_a_read_only_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may write anywhere, so the answer is put into the system's mouth.
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OutputError, match="read-only"):
        open_sink(str(tmp_path / "a.%04d.exr")).begin()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        open_sink(str(tmp_path / "file" / "a.%04d.exr")).begin()


def test_threads_may_read_and_write_at_once(tmp_path: Path) -> None:
    numbers = range(1, 21)
    with (
        open_source(shot(tmp_path, *numbers)) as source,
        open_sink(str(tmp_path / "out/b.%04d.exr"), like=source) as sink,
    ):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: sink.write(source.read(number)), numbers))
        assert not sink.ordered
    with open_source(str(tmp_path / "out/b.%04d.exr")) as source:
        assert [source.read(number).pixels[0, 0, 0] for number in numbers] == list(numbers)
    assert len(list((tmp_path / "out").iterdir())) == 20


def test_a_png_becomes_light_in_exr_and_light_a_picture_in_png(tmp_path: Path) -> None:
    grey = Frame.of(np.full((4, 4, 3), 0.5, np.float32), "RGB", number=1)
    with open_sink(str(tmp_path / "a.png")) as sink:
        sink.write(grey)
    with open_source(str(tmp_path / "a.png")) as source, open_sink(str(tmp_path / "a.exr"), like=source) as sink:
        assert (source.kind, sink.space) == ("picture", "ACEScg")
        sink.write(source.read(1))
    with open_source(str(tmp_path / "a.exr")) as source, open_sink(str(tmp_path / "b.png"), like=source) as sink:
        assert np.allclose(source.read(1).pixels, 0.2140, atol=1e-3)  # sRGB 0.5, IEC 61966-2-1
        sink.write(source.read(1))
    with open_source(str(tmp_path / "b.png")) as source:
        assert 0.3 < source.read(1).pixels.mean() < 0.6


def test_a_conversion_corrects_what_the_header_said_of_colour(tmp_path: Path) -> None:
    metadata = {"colorInteropID": "lin_rec709_scene", "artist": "me"}
    tagged = Frame.of(np.ones((4, 4, 3), np.float16), "RGB", number=1, space="lin_rec709", metadata=metadata)
    with open_sink(str(tmp_path / "a.exr")) as sink:
        sink.write(tagged)
    with open_source(str(tmp_path / "a.exr")) as source:
        assert (source.space, source.space_reason) == ("ACEScg", "the file says so")
        assert source.read(1).metadata["artist"] == "me"
