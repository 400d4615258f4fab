"""Frame ranges: the grammar, its inverse, and agreement with fileseq."""

from __future__ import annotations

import subprocess
import sys

import fileseq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replate.errors import UsageError
from replate.frames import format_frames, parse_frames

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
        (" 1, 3  5-6,", (1, 3, 5, 6)),
        ("5,1-6", (5, 1, 2, 3, 4, 6)),
    ],
)
def test_grammar(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_frames(text) == numbers


@pytest.mark.parametrize("text", ["", " ,", "1..10", "1-", "1-10x0", "1-10x-2", "a", "1.5", "1-9999999", "1:10", "²"])
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="frame range"):
        parse_frames(text)


@given(st.lists(part, min_size=1, max_size=4).map(",".join))
def test_agrees_with_fileseq(text: str) -> None:
    assert parse_frames(text) == tuple(fileseq.FrameSet(text))


@given(st.lists(frame, unique=True, min_size=1, max_size=12))
def test_format_is_the_inverse(numbers: list[int]) -> None:
    assert parse_frames(format_frames(numbers)) == tuple(numbers)


@pytest.mark.parametrize("text", ["1001-1100", "1-9x2", "1,5", "1-2", "1-4,9,11-13", "-8--5", "10-1x3"])
def test_format_is_compact(text: str) -> None:
    assert format_frames(parse_frames(text)) == text


def test_importing_needs_nothing_heavy() -> None:
    code = "import sys, replate.frames; print(*{'numpy', 'OpenImageIO', 'fileseq'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert loaded.strip() == ""
