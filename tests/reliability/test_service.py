"""A service that is killed a few times; the long version is `python benchmarks/reliability.py service`."""

from __future__ import annotations

from .conftest import Suffer


def test_a_service_that_is_killed(suffer: Suffer) -> None:
    suffer("service", times=3)


def test_a_farm_sessions_service_that_is_killed(suffer: Suffer) -> None:
    suffer("session", times=2)
