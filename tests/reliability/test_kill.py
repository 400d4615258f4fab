"""SIGKILL, a few times; the long version is `python benchmarks/reliability.py kill`."""

from __future__ import annotations

from .conftest import Suffer


def test_at_random_moments(suffer: Suffer) -> None:
    suffer("kill", times=3)
