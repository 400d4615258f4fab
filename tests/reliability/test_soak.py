"""A service that works for a while; the long version is `python benchmarks/reliability.py soak`."""

from __future__ import annotations

from .conftest import Suffer


def test_nothing_grows(suffer: Suffer) -> None:
    suffer("soak", times=1)
