"""The queue: who is next, who gives way, and that each task is answered once, whatever happens."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from replate.errors import Cancelled
from replate.job import Job
from replate.service.tasks import Preview, Render, Task
from replate.service.warm import Bench
from replate.service.worker import Worker
from services import wait_for


class Log(list[dict[str, Any]]):
    """What one client was told."""

    def answers(self) -> dict[int, dict[str, Any]]:
        found = [message for message in self if message["type"] in ("done", "failed")]
        assert len({message["id"] for message in found}) == len(found), "each task is answered once"
        return {message["id"]: message for message in found}


def job(**options: Any) -> Job:
    return Job(node="style", inputs={}, output="o.exr", options=options)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    thread = threading.Thread(target=worker.work)
    thread.start()
    yield worker
    assert worker.stop(seconds=60)
    thread.join()


@cache
def fake(kind: type[Task]) -> Any:
    """One class for all tasks of a kind, by which the worker knows what takes the place of what."""
    return type("Fake", (kind,), {"work": lambda self, bench: self.does(self, bench) or {}})


def task(kind: type[Task], number: int, log: Log, work: Callable[[Task, Bench], Any], **facts: Any) -> Task:
    more = {"frame": 1, "pictures": None} if issubclass(kind, Preview) else {}
    given = {"id": number, "job": job(), "client": "a", "tell": log.append, **more, **facts}
    made: Task = fake(kind)(**given)
    made.does = work  # type: ignore[attr-defined]
    return made


def idle(_: Task, __: Bench) -> None:
    """Nothing to do."""


def test_a_task_that_fails_in_any_way_is_answered_and_the_next_one_goes_on(worker: Worker) -> None:
    log = Log()

    def fail(each: Task, _: Bench) -> None:
        raise [Cancelled("enough"), ZeroDivisionError("by zero"), MemoryError(), SystemExit(3)][each.id - 1]

    for number in range(1, 5):
        worker.submit(task(Render, number, log, fail))
    worker.submit(task(Render, 5, log, idle))
    wait_for(lambda: len(log.answers()) == 5)
    assert [answer.get("exit_code") for answer in log.answers().values()] == [130, 1, 4, 1, None]
    assert "by zero" in log.answers()[2]["message"]


def test_previews_go_first_and_between_the_frames_of_a_render(worker: Worker) -> None:
    log, began, order = Log(), threading.Event(), list[int]()

    def render(each: Task, bench: Bench) -> None:
        began.set()
        wait_for(lambda: worker.waiting == 4)
        bench.between()
        order.append(each.id)

    def note(each: Task, _: Bench) -> None:
        order.append(each.id)

    worker.submit(task(Render, 1, log, render))
    assert began.wait(60)
    worker.submit(task(Render, 2, log, note))
    for number in (3, 4):
        worker.submit(task(Preview, number, log, note, viewer=str(number)))
    other = job(ocio="ocio://cg-config-latest")
    worker.submit(task(Preview, 5, log, note, viewer="5", job=other))
    wait_for(lambda: len(log.answers()) == 5)
    assert order == [3, 4, 1, 5, 2], "a preview in other colours waits for the end of the render"
    assert [message["ahead"] for message in log if message["type"] == "queued"] == [0, 1]


def test_a_newer_preview_takes_the_place_of_its_viewers_last_one(worker: Worker) -> None:
    log, began = Log(), threading.Event()

    def slow(each: Task, _: Bench) -> None:
        began.set()
        assert each.cancel.wait(60)
        raise Cancelled("cancelled")

    worker.submit(task(Preview, 1, log, slow))
    assert began.wait(60)
    worker.submit(task(Preview, 2, log, idle, viewer="other"))
    worker.submit(task(Preview, 3, log, idle, client="b"))
    worker.submit(task(Preview, 4, log, idle))
    wait_for(lambda: len(log.answers()) == 4)
    kinds = {number: answer["type"] for number, answer in log.answers().items()}
    assert kinds == {1: "failed", 2: "done", 3: "done", 4: "done"}
    assert log.answers()[1]["exit_code"] == 130


def test_a_client_that_is_gone_leaves_no_work(worker: Worker) -> None:
    log, began, theirs = Log(), threading.Event(), Log()

    def slow(each: Task, _: Bench) -> None:
        began.set()
        assert each.cancel.wait(60)
        raise Cancelled("cancelled")

    worker.submit(task(Render, 1, log, slow))
    worker.submit(task(Render, 2, log, slow))
    worker.submit(task(Render, 3, theirs, idle, client="b"))
    assert began.wait(60)
    worker.cancel("a")
    wait_for(lambda: not worker.busy)
    assert {answer["exit_code"] for answer in log.answers().values()} == {130}
    assert theirs.answers()[3]["type"] == "done"


def test_stopping_answers_everybody(worker: Worker) -> None:
    log, began = Log(), threading.Event()

    def slow(each: Task, _: Bench) -> None:
        began.set()
        assert each.cancel.wait(60)
        raise Cancelled("cancelled")

    for number in (1, 2, 3):
        worker.submit(task(Render, number, log, slow))
    assert began.wait(60)
    assert worker.stop(seconds=60)
    assert {answer["exit_code"] for answer in log.answers().values()} == {130}
    assert len(log.answers()) == 3


def test_warnings_are_notes_to_whose_task_it_is(worker: Worker) -> None:
    log = Log()
    worker.submit(task(Render, 1, log, lambda *_: logging.getLogger("replate.styling").warning("frame %d: dark", 7)))
    wait_for(lambda: log.answers())
    assert {"type": "note", "id": 1, "text": "frame 7: dark"} in log
