"""Kills and failing files, a few times; the long versions are `python benchmarks/reliability.py`."""

from __future__ import annotations

import pytest

from .conftest import Suffer


@pytest.mark.parametrize(
    ("name", "times"),
    [("kill", 2), ("kill-steps", 2), ("error-steps", 3), ("share", 1), ("files", 1), ("limits", 1), ("disks", 1)],
)
def test_nothing_is_lost(suffer: Suffer, name: str, times: int) -> None:
    suffer(name, times=times)
