"""The three stages side by side."""

from __future__ import annotations

import threading
import time
import weakref
from typing import Any

import numpy as np
import pytest

from replate.errors import Cancelled, InputError, MemoryLimitError
from replate.pipeline import Stages, flow


def stages(**given: Any) -> Stages:
    return Stages(**({"read": lambda n: n, "infer": lambda n, x: x, "write": lambda n, x: None} | given))


def test_every_frame_once_and_in_order() -> None:
    written: list[int] = []
    outcomes = flow(range(20), stages(write=lambda n, x: written.append(n)))
    assert [each.frame for each in outcomes] == list(range(20)) == written


@pytest.mark.parametrize("stage", ["read", "infer", "write"])
def test_a_failing_frame_does_not_stop_the_others(stage: str) -> None:
    def fail(n: int, *_: Any) -> None:
        if n == 3:
            raise InputError("frame 3 is broken")
        if n == 5:
            raise ZeroDivisionError("a bug")

    outcomes = list(flow(range(8), stages(**{stage: fail})))
    assert {each.frame: str(each.error) for each in outcomes if each.error} == {
        3: "frame 3 is broken",
        5: "frame 5 failed: ZeroDivisionError: a bug",
    }


def test_memory_running_out_ends_it() -> None:
    def fail(n: int, x: Any) -> None:
        raise MemoryLimitError("no memory")

    with pytest.raises(MemoryLimitError):
        list(flow(range(8), stages(infer=fail)))


def test_cancel_finishes_what_is_being_written() -> None:
    cancel, written = threading.Event(), []

    def write(n: int, x: Any) -> None:
        time.sleep(0.01)
        written.append(n)
        if n == 4:
            cancel.set()

    with pytest.raises(Cancelled):
        list(flow(range(100), stages(write=write), cancel=cancel))
    assert written == list(range(len(written)))
    assert 5 <= len(written) < 20


def test_memory_is_bounded() -> None:
    """A slow writer holds the reader back."""
    read: list[int] = []
    written: list[int] = []
    ahead: list[int] = []

    def write(n: int, x: Any) -> None:
        time.sleep(0.002)
        written.append(n)
        ahead.append(len(read) - len(written))

    list(flow(range(60), stages(read=lambda n: read.append(n), write=write), depth=2))
    assert max(ahead) <= 2 * 2 + 2


def test_stages_overlap() -> None:
    """Reading the next frame goes on while one is inferred."""
    reading, met = threading.Event(), []

    def read(n: int) -> None:
        if n == 1:
            reading.set()

    list(flow(range(3), stages(read=read, infer=lambda n, x: met.append(reading.wait(60)))))
    assert all(met)


@pytest.mark.parametrize("size,most", [(0, 6), (10, 6), (30, 3), (40, 2), (100, 1), (1000, 1)])
def test_large_frames_are_fewer_at_a_time(size: int, most: int) -> None:
    """Bytes are counted from before a frame is read until it is written; one frame is always let in."""
    inside: set[int] = set()
    counts: list[int] = []

    def read(n: int) -> int:
        inside.add(n)
        counts.append(len(inside))
        time.sleep(0.001)
        return n

    flowing = stages(read=read, write=lambda n, x: inside.discard(n), size=lambda _: size)
    assert [each.frame for each in flow(range(30), flowing, room=100)] == list(range(30))
    assert max(counts) <= most and not inside


def test_sizes_that_change_on_the_way_count_as_they_are() -> None:
    """Frames of 10 whose results take 60 are let in one at a time once that is known."""
    inside: set[int] = set()
    counts: dict[int, int] = {}

    def read(n: int) -> str:
        inside.add(n)
        counts[n] = len(inside)
        return "plate"

    sizes = {"plate": 10, "result": 60}
    flowing = stages(
        read=read, infer=lambda n, x: "result", write=lambda n, x: inside.discard(n), size=lambda held: sizes[held]
    )
    assert len(list(flow(range(20), flowing, room=100))) == 20
    assert set(list(counts.values())[6:]) == {1}


@pytest.mark.parametrize("stage", ["read", "infer"])
def test_a_frame_without_enough_memory_is_tried_again_alone(stage: str) -> None:
    """The second time everything else is through, and from then on frames come one at a time."""
    inside: set[int] = set()
    spared: list[int] = []
    tried: list[tuple[int, int]] = []
    written: list[int] = []

    def read(n: int) -> int:
        inside.add(n)
        return n

    def short(n: int, *_: Any) -> int:
        inside.add(n)
        tried.append((n, len(inside)))
        if n >= 3 and not spared:
            raise MemoryError
        return n

    def write(n: int, x: Any) -> None:
        inside.discard(n)
        written.append(n)

    flowing = stages(**{"read": read, stage: short}, write=write, spare=lambda n: (inside.clear(), spared.append(n)))
    assert [each.error for each in flow(range(8), flowing)] == [None] * 8
    assert written == list(range(8)) and spared == [3]
    assert [others for n, others in tried if n > 5] == [1, 1]


@pytest.mark.parametrize("ordered", [False, True])
def test_a_frame_that_cannot_be_written_for_want_of_memory_is_made_again_alone(ordered: bool) -> None:
    """But not into a movie, where others may already lie behind it."""
    made: list[int] = []
    written: list[int] = []
    spared: list[int] = []

    def infer(n: int, x: Any) -> int:
        made.append(n)
        return n

    def write(n: int, x: Any) -> None:
        if n == 3 and not spared:
            raise OSError(12, "Cannot allocate memory")
        written.append(n)

    flowing = flow(range(8), stages(infer=infer, write=write, spare=spared.append, ordered=ordered))
    if ordered:
        with pytest.raises(MemoryLimitError, match="frame 3"):
            list(flowing)
        assert not spared and made.count(3) == 1
    else:
        assert sorted(each.frame for each in flowing if each.error is None) == list(range(8)) == sorted(written)
        assert spared == [3] and made.count(3) == 2


@pytest.mark.parametrize(
    ("stage", "error"), [("read", MemoryError()), ("write", MemoryError()), ("infer", RuntimeError("std::bad_alloc"))]
)
def test_a_frame_that_fits_nowhere_ends_it_with_a_sentence(stage: str, error: Exception) -> None:
    written: list[int] = []

    def fail(n: int, *_: Any) -> None:
        if n == 4:
            raise error

    def write(n: int, x: Any) -> None:
        if stage == "write":
            fail(n)
        written.append(n)

    flowing = stages(**({stage: fail} | {"write": write}))
    with pytest.raises(MemoryLimitError, match="frame 4 does not fit into memory"):
        list(flow(range(8), flowing))
    assert written[:4] == [0, 1, 2, 3] and 4 not in written


def test_a_failed_frame_keeps_its_error_but_no_pictures() -> None:
    pictures: list[weakref.ref[Any]] = []

    def infer(n: int, x: Any) -> None:
        picture = np.zeros(10)
        pictures.append(weakref.ref(picture))
        raise InputError(f"frame {n} is broken")

    errors = [each.error for each in flow(range(3), stages(infer=infer))]
    assert len(errors) == 3 and all(error and error.__traceback__ for error in errors)
    assert [picture() for picture in pictures] == [None] * 3


def test_outcomes_are_told_while_the_next_frame_is_still_read() -> None:
    told, waiting = threading.Event(), []

    def read(n: int) -> None:
        if n == 1:
            waiting.append(told.wait(60))

    for outcome in flow(range(2), stages(read=read)):
        if outcome.frame == 0:
            told.set()
    assert waiting == [True]
