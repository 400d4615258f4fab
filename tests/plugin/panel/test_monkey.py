"""Nothing that a user does in any order ends in an exception. 500 actions, with times: benchmarks/panel.py."""

from __future__ import annotations

from .conftest import Driver
from .monkey import Monkey


def test_a_user_without_a_plan_does_no_harm(driver: Driver) -> None:
    monkey = Monkey(driver.panel, seed=8)
    for _ in range(120):
        monkey.act()
        monkey.rest(0.01)
    assert len(set(monkey.done)) > 30
    driver.desk.history.undo()  # and it still works
    driver.panel.remember()
