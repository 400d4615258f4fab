"""The three stages side by side."""

from __future__ import annotations

import threading
import time
from typing import Any

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

    list(flow(range(3), stages(read=read, infer=lambda n, x: met.append(reading.wait(5)))))
    assert all(met)
