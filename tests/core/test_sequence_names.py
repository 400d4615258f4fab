"""What users type and paste for a sequence, what it means, and what is said where it means nothing."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import fileseq
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.errors import InputError, UsageError
from replate.frame import Frame
from replate.media import open_sink, open_source, pattern
from replate.media.pattern import parse_pattern


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def found(path: str | Path) -> list[int]:
    shot = parse_pattern(str(path))
    assert shot is not None
    return list(shot.find())


@pytest.mark.parametrize(
    "name",
    [
        "shot.%04d.exr",
        "shot.####.exr",
        "shot.@@@@.exr",
        "shot.$F4.exr",
        "shot.${F4}.exr",
        "shot.####.exr 1001-1100",
        "shot.%04d.exr  1001-1100x2",
        "shot.1001-1100####.exr",
        "shot.1001-1050,1060-1100x2@@@@.exr",
        "shot.1001-1100%04d.exr",
        "shot.[1001-1100].exr",
        "shot.[0998-1002].exr",
    ],
)
def test_four_digits(name: str) -> None:
    shot = parse_pattern(f"/a b/{name}")
    assert shot is not None
    assert shot.canonical == str(Path("/a b/shot.%04d.exr"))


@pytest.mark.parametrize("name", ["shot.%d.exr", "shot.#.exr", "shot.@.exr", "shot.$F.exr", "shot.[1-100].exr"])
def test_as_many_digits_as_there_are(name: str) -> None:
    shot = parse_pattern(name)
    assert shot is not None
    assert (shot.path(7).name, shot.path(1001).name) == ("shot.7.exr", "shot.1001.exr")


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("shot.####.exr", ()),
        ("shot.####.exr 1001-1003", (1001, 1002, 1003)),
        ("shot.####.exr -2-1,5", (-2, -1, 0, 1, 5)),
        ("shot.3-1####.exr", (1, 2, 3)),
        ("shot.1-5x2#.exr", (1, 3, 5)),
        ("shot.[0001-0003].exr", (1, 2, 3)),
        ("1-3####.exr", (1, 2, 3)),
        ("shot_v2-3####.exr", ()),
        ("shot.2026-11-23####.exr", ()),
        ("shot.1001####.exr", ()),
        ("take [1-2] ####.exr", ()),
    ],
)
def test_frames_in_the_path(name: str, frames: tuple[int, ...]) -> None:
    shot = parse_pattern(name)
    assert shot is not None
    assert shot.frames == frames


@given(st.sets(st.integers(-2000, 20000), min_size=2, max_size=8), st.sampled_from(["####", "#", "%04d", "@@@", "$F4"]))
def test_a_path_that_fileseq_wrote(numbers: set[int], token: str) -> None:
    wrote = fileseq.FileSequence(f"shot.{token}.exr", pad_style=fileseq.PAD_STYLE_HASH1)
    wrote.setFrameRange(fileseq.framesToFrameRange(numbers))
    shot = parse_pattern(str(wrote))
    assert shot is not None
    assert shot.frames == tuple(sorted(numbers))
    assert [shot.path(number).name for number in shot.frames] == list(wrote)


def test_names_with_anything_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "a b [x] (1)*" / "été #2"
    touch(folder, "plän [a] +.0001.exr", "plän [a] +.0002.exr")
    assert found(folder / "plän [a] +.####.exr") == [1, 2]


def test_negative_frames_in_both_ways_to_pad_them(tmp_path: Path) -> None:
    touch(tmp_path, "a.-005.exr", "a.-0004.exr", "a.0000.exr", "a.-1000.exr", "a.-12345.exr")
    assert found(tmp_path / "a.%04d.exr") == [-12345, -1000, -5, -4, 0]
    touch(tmp_path, "a.-0005.exr")
    with pytest.raises(UsageError, match=r"a\.-0005\.exr and a\.-005\.exr are both frame -5"):
        found(tmp_path / "a.%04d.exr")


def test_more_digits_than_the_padding(tmp_path: Path) -> None:
    touch(tmp_path, "a.9999.exr", "a.10000.exr", "a.00001.exr", "a.1.exr")
    assert found(tmp_path / "a.%04d.exr") == [9999, 10000]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    touch(tmp_path, "a.0001.exr", "a.0001.exr.tmp", "b.0001.exr", "a.0001.png", ".a.0002.exr", "aa.0003.exr")
    touch(tmp_path, ".a.0002.part.host-1.exr", "a.0002.part.exr", "a.x0004.exr", "a.²³³³.exr", "a..exr", "a.0x10.exr")
    assert found(tmp_path / "a.####.exr") == [1]
    touch(tmp_path / "numbers", "0001.exr", ".0002.part.host-1.exr")
    assert found(tmp_path / "numbers" / "####.exr") == [1]


@given(
    st.sets(st.integers(-20000, 20000), min_size=1, max_size=12), st.sampled_from(["#", "##", "####", "%06d", "$F3"])
)
def test_what_is_written_is_found(numbers: set[int], token: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shot = parse_pattern(f"{folder}/a-{token}_b.exr")
        assert shot is not None
        for number in numbers:
            shot.path(number).touch()
        assert shot.find() == {number: shot.path(number) for number in sorted(numbers)}


def test_opening_a_long_shot_lists_its_folder_and_looks_at_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_sink(str(tmp_path / "a.####.exr")) as sink:
        sink.write(Frame.of(np.zeros((2, 2, 3), np.float16), "RGB", number=1))
    touch(tmp_path, *(f"a.{number:04d}.exr" for number in range(2, 2001)))
    stat, looked = Path.stat, []

    def count(path: Path, **options: bool) -> os.stat_result:
        looked.append(path)
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", count)
    assert len(open_source(str(tmp_path / "a.####.exr")).frames) == 2000
    assert {path.name for path in looked} <= {tmp_path.name, "a.####.exr", "a.0001.exr"}


def test_linked_frames(tmp_path: Path) -> None:
    touch(tmp_path / "store", "x.exr")
    for number in (1, 2):
        (tmp_path / f"a.{number:04d}.exr").symlink_to(tmp_path / "store" / "x.exr")
    assert found(tmp_path / "a.####.exr") == [1, 2]


def test_capitals_where_they_do_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "Shot.0001.EXR")
    monkeypatch.setattr(pattern, "_CASE", re.IGNORECASE)
    shot = parse_pattern(str(tmp_path / "shot.####.exr"))
    assert shot is not None
    assert shot.find() == {1: tmp_path / "Shot.0001.EXR"}


@pytest.mark.parametrize("name", ["shot.<UDIM>.exr", "shot.<f4>.exr", "shot.%(UDIM)d.exr"])
def test_numbers_that_are_no_frames_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no frame number here; write ####"):
        parse_pattern(name)


def test_a_file_of_that_name_is_that_file(tmp_path: Path) -> None:
    for name in ("a.####.exr", "a.<UDIM>.exr", "a[1-3].exr", "100%d.exr"):
        touch(tmp_path, name)
        assert parse_pattern(str(tmp_path / name)) is None


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("plate/shot.####.dpx", r"no file matches .*; did you mean shot\.####\.exr \(1001-1002\)\?"),
        ("plate/SHOT.####.exr", r"did you mean shot\.####\.exr"),
        ("plate/e\u0301te\u0301_v1.####.exr", r"did you mean \u00e9t\u00e9_v2\.####\.exr \(7\)"),
        ("plate/zzz.####.exr", r"no file matches \S+; check the path"),
        ("plate/clean.ex", r"there is no file \S+; did you mean clean\.exr\?"),
        ("plate/shot-1001.dpx", r"did you mean shot\.####\.exr"),
        ("plates/shot.####.exr", r"no folder .*plates to look for .*; did you mean .*/plate\?"),
        ("plates/clean.exr", r"no file .*; did you mean .*/plate\?"),
        ("nowhere/else/shot.####.exr", r"no folder .*else to look for \S+ in$"),
        ("plate/clean.exr/shot.####.exr", "no folder .*clean"),
    ],
)
def test_what_was_meant_instead(tmp_path: Path, path: str, words: str) -> None:
    touch(tmp_path / "plate", "shot.1001.exr", "shot.1002.exr", "clean.exr", "\u00e9t\u00e9_v2.0007.exr", ".x.0001.dpx")
    with pytest.raises(InputError, match=words):
        open_source(str(tmp_path / path))


def test_what_a_shell_leaves_of_a_pattern(tmp_path: Path) -> None:
    touch(tmp_path, "shot.1001.exr", "shot.1002.exr")
    with pytest.raises(UsageError, match=r"but shot\.####\.exr \(1001-1002\)"):
        open_source(str(tmp_path / "shot..exr"))


def test_frames_behind_a_movie_are_an_option(tmp_path: Path) -> None:
    touch(tmp_path, "shot.mov")
    with pytest.raises(UsageError, match=r"but shot\.mov; choose frames with --frames 1-100"):
        open_source(str(tmp_path / "shot.mov 1-100"))


def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.scandir", refuse)
    with pytest.raises(InputError, match=r"folder .* cannot be read: Permission denied"):
        open_source(str(tmp_path / "a.####.exr"))


def test_views_need_a_name(tmp_path: Path) -> None:
    touch(tmp_path, "shot.left.0001.exr")
    with pytest.raises(UsageError, match=r"%V in .* several views"):
        open_source(str(tmp_path / "shot.%V.####.exr"))


def test_an_output_names_no_frames(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="leave 1-10 out"):
        open_sink(str(tmp_path / "shot.####.exr 1-10"))
