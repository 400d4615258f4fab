"""Frame ranges: the grammar, its inverse, and agreement with fileseq and with Open Job Description."""

from __future__ import annotations

import subprocess
import sys

import fileseq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.errors import UsageError
from replate.frames import MOST_FRAMES, format_frames, parse_frames, parse_openjd, to_openjd

frame = st.integers(-2000, 2000)
part = st.one_of(
    frame.map(str),
    st.tuples(frame, frame).map(lambda ends: f"{ends[0]}-{ends[1]}"),
    st.tuples(frame, frame, st.integers(1, 9)).map(lambda ends: f"{ends[0]}-{ends[1]}x{ends[2]}"),
)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("7", (7,)),
        ("1-4", (1, 2, 3, 4)),
        ("1-10x4", (1, 5, 9)),
        ("-8--5", (-8, -7, -6, -5)),
        ("-2-1", (-2, -1, 0, 1)),
        ("4-1", (4, 3, 2, 1)),
        ("10-1x4", (10, 6, 2)),
        ("10-1x-4", (10, 6, 2)),
        ("openjd:1-7:3,10", (1, 4, 7, 10)),
        (" 1, 3  5-6,", (1, 3, 5, 6)),
        ("5,1-6", (5, 1, 2, 3, 4, 6)),
    ],
)
def test_grammar(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_frames(text) == numbers


@pytest.mark.parametrize(
    "text", ["", " ,", "1..10", "1-", "1-10x0", "1-10x-2", "a", "1.5", "1-9999999", "1:10", "²", "9" * 5000, "openjd:"]
)
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="frame range"):
        parse_frames(text)


@pytest.mark.parametrize("text", ["1-10y3", "1-10:3", "1-5.5x0.5", "10-1:-3"])
def test_what_others_stagger_or_split_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="frame range"):
        parse_frames(text)


def test_a_colon_is_refused_with_both_of_its_meanings() -> None:
    with pytest.raises(UsageError, match=r"step to Open Job.*stagger to fileseq; write 1001-1007x3 .* openjd:"):
        parse_frames("1001-1007:3")


def test_the_longest_range() -> None:
    assert len(parse_frames(f"1-{MOST_FRAMES}")) == MOST_FRAMES
    for text in (f"0-{MOST_FRAMES}", f"{MOST_FRAMES}-0", f"openjd:0-{MOST_FRAMES}"):
        with pytest.raises(UsageError, match="more than 1000000 frames"):
            parse_frames(text)


@given(st.lists(part, min_size=1, max_size=4).map(",".join))
def test_agrees_with_fileseq(text: str) -> None:
    assert parse_frames(text) == tuple(fileseq.FrameSet(text))


@given(st.lists(frame, unique=True, min_size=1, max_size=12))
def test_format_is_the_inverse(numbers: list[int]) -> None:
    assert parse_frames(format_frames(numbers)) == tuple(numbers)
    assert tuple(fileseq.FrameSet(format_frames(numbers))) == tuple(numbers)


@pytest.mark.parametrize("text", ["1001-1100", "1-9x2", "1,5", "1-2", "1-4,9,11-13", "-8--5", "10-1x3"])
def test_format_is_compact(text: str) -> None:
    assert format_frames(parse_frames(text)) == text


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1001-1007:3", (1001, 1004, 1007)),
        ("1010,1050", (1010, 1050)),
        ("5, 1-3", (5, 1, 2, 3)),
        ("10-1:-4", (10, 6, 2)),
        ("-8--5", (-8, -7, -6, -5)),
        ("4-4:-2", (4,)),
        ("1-8:3,8", (1, 4, 7, 8)),
    ],
)
def test_what_a_farm_passes(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_openjd(text) == numbers
    assert parse_frames(f"openjd:{text}") == numbers


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1-10x3", "steps by a colon"),
        ("10-1", "steps by 1, which does not lead to 1"),
        ("1-10:-1", "does not lead to 10"),
        ("1-10:0", "steps by 0"),
        ("1-9:2,4", "overlap at 4"),
        ("1,1", "overlap at 1"),
        ("1 5", "no frame or range"),
        ("1,", "no frame or range"),
        ("", "no frame or range"),
    ],
)
def test_what_a_farm_never_passes_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_openjd(text)


@given(st.sets(frame, min_size=1, max_size=40))
def test_to_the_farm_and_back(numbers: set[int]) -> None:
    assert parse_openjd(to_openjd(numbers)) == tuple(sorted(numbers))


def test_no_frames_are_none_of_the_farms() -> None:
    with pytest.raises(UsageError, match="no frames"):
        to_openjd(())


@given(st.sets(frame, min_size=1, max_size=40))
def test_open_job_description_reads_what_we_write(numbers: set[int]) -> None:
    model = pytest.importorskip("openjd.model")
    written = model.IntRangeExpr.from_str(to_openjd(numbers))
    assert sorted(written) == sorted(numbers)
    assert set(parse_openjd(str(written))) == numbers


farm_part = st.one_of(
    frame.map(str),
    st.tuples(frame, frame).map(lambda ends: f"{ends[0]}-{ends[1]}"),
    st.tuples(frame, frame, st.integers(-9, 9)).map(lambda ends: f"{ends[0]}-{ends[1]}:{ends[2]}"),
)


@given(st.lists(farm_part, min_size=1, max_size=3).map(",".join))
def test_accepts_what_open_job_description_accepts(text: str) -> None:
    model = pytest.importorskip("openjd.model")
    try:
        theirs = sorted(model.IntRangeExpr.from_str(text))
    except (ValueError, model.ExpressionError):
        with pytest.raises(UsageError):
            parse_openjd(text)
    else:
        assert sorted(parse_openjd(text)) == theirs


def test_importing_needs_nothing_heavy() -> None:
    code = "import sys, replate.frames; print(*{'numpy', 'OpenImageIO', 'fileseq'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded.strip() == ""
